"""The importable set for Superset: a connection, datasets of the published tables, charts, a dashboard, and their zip.

The YAML files beside these modules are Superset's export format. `make superset-set` writes them and packs them.
"""
