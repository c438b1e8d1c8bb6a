"""Everything between the world's files and the raw tables: plain Python that knows no Dagster and no dbt."""
