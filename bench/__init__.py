"""Repeatable measurements, each compared with its goal: `make bench`. None of them is a test, and nothing asserts on
time.
"""
