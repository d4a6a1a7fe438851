"""Changes of very many rows: each is tried, written as one, and made in memory in many turns of the loop."""
