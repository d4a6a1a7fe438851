"""The calls about the special services: emergency, helplines and codes, charging, the register."""
