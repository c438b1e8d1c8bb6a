"""The export for FinOps tools, judged by the standard's own validator."""
