"""Tests of landing: which bytes are new, which lines are records, and what is said of those that are none."""
