with interactions as (
    select * from {{ ref('int_corti_interactions') }}
),

user_windows as (
    select * from {{ ref('int_user_windows') }}
),

interaction_owners as (
    select * from {{ ref('int_interaction_owners') }}
),

-- An interaction belongs to one account; if two list the same id, the later pull counts.
ranked as (
    select
        interaction_id,
        assigned_user_id,
        row_number() over (
            partition by interaction_id order by pulled_at desc, assigned_user_id asc nulls last, listing_key asc
        ) as place
    from interactions
),

assigned as (
    select
        interaction_id,
        assigned_user_id as user_id
    from ranked
    where place = 1 and assigned_user_id is not null
),

-- If the application names nobody, Corti makes up an id. Only an id that an export contains is a user's.
known_users as (
    select user_id from user_windows where user_id in (select user_id from assigned)
    union
    select user_id from interaction_owners where user_id in (select user_id from assigned)
)

select
    interaction_id,
    user_id,
    user_id in (select user_id from known_users) as is_known
from assigned
