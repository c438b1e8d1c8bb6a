"""The way from raw tables to a published version, and the jobs, schedules and commands that drive it."""
