"""One end of a connection, without I/O: framing, states, windows, timers, for an SMSC and an ESME."""
