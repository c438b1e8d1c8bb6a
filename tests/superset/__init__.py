"""The importable set, tested in a separate Superset."""
