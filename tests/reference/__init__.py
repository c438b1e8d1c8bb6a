"""A plain Python reference of what the warehouse must publish, and random homes to compare both on."""
