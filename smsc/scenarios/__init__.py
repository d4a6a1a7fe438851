"""Whole situations as files: a world, movements, messages and expectations, run without a socket."""
