"""Content services at short codes: who answers, what it costs, what the subscriber agreed to."""
