"""Joins protocol, routing, coverage, delivery, store and services; does no I/O itself."""
