"""Repeatable measurements, each against its goal: `make bench`. Nothing here is a test; nothing asserts on time."""
