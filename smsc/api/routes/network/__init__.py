"""The calls about the simulated network: subscribers and their SIM cards, zones, cells, outages."""
