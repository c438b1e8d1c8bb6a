"""The export for FinOps tools, checked by the standard's own validator."""
