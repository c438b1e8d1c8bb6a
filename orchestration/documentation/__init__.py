"""What is published beside the data to explain it: a data dictionary, and dbt's own documentation. Knows no Dagster."""
