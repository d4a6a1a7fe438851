"""The server around the engine: listeners, connections, what moves the clock, shutdown."""
