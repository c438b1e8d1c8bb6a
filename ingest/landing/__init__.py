"""From files below `landing/` to the tables of schema `raw`: which bytes are new, and which lines are records."""
