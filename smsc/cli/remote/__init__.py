"""The commands that ask a running server over its control API."""
