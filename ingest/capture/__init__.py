"""Capture: usage records written at the moment when Corti reports what a call cost."""
