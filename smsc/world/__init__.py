"""The simulated network, built from the settings."""
