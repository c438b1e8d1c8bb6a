"""The importable set, tried in a Superset of the test's own."""
