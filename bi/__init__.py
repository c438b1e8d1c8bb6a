"""What BI tools import."""
