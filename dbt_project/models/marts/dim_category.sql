with

declared as (
    select * from {{ ref('stg_config_category') }}
),

declared_words as (
    select distinct
        authority,
        category,
        coalesce(sub_category, '') as sub_category
    from declared
),

used as (
    select distinct
        authority,
        category,
        sub_category
    from {{ ref('stg_issue') }}
    where category is not null
),

undeclared as (
    select
        used.authority,
        used.category,
        used.sub_category
    from used
    left join declared_words
        on used.authority = declared_words.authority
        and used.category = declared_words.category
        and coalesce(used.sub_category, '') = declared_words.sub_category
    where declared_words.category is null
),

final as (
    select
        authority,
        service,
        category,
        sub_category,
        valid_from,
        valid_to,
        true as is_declared
    from declared
    union all
    select
        authority,
        cast(null as string) as service,
        category,
        sub_category,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        false as is_declared
    from undeclared
)

select * from final
