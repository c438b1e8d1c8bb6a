{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'mart_capture_coverage'}}}) }}

select date_day, kind, environment, corti_tenant, created_at_corti, missing, coverage_share
from {{ ref('mart_capture_coverage') }}
where coverage_share < {{ least_coverage() }}
