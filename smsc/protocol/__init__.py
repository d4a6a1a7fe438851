"""Sans-I/O SMPP 3.4 (and what clients use of 3.3 and 5.0), for both ends of the connection."""
