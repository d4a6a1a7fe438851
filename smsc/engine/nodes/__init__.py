"""One of several nodes: what the others are told, and what follows from what they tell."""
