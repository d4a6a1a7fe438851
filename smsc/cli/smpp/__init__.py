"""The commands that speak SMPP: bind as a handset or an ESME, send, listen, load."""
