"""What sqlfluff needs of dbt beyond its own stand-ins, so that it lints the SQL that the macros make."""
