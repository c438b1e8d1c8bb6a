"""What one customer may keep of the published version: its own rows, as files that hold nothing of anyone else."""
