"""Coverage as it is written in JSON, TOML and GPX: zones, cells, places, moments; read and shown."""
