"""Submissions on their way to the commit, and requests about what still waits, wherever it waits."""
