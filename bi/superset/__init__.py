"""The importable set for Superset: a connection, datasets of the published tables, charts, a dashboard, and their zip.

The YAML files next to these modules are in Superset's export format. `make superset-set` writes and packs them.
"""
