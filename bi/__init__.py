"""Files that BI tools import."""
