with

declared as (
    select * from {{ ref('stg_config_service') }}
),

words as (
    select * from {{ ref('int_service_words') }}
),

authorities as (
    select * from {{ ref('dim_authority') }}
),

undeclared as (
    select
        words.authority,
        words.service
    from words
    left join declared
        on words.authority = declared.authority
        and words.service = declared.service
    where
        declared.service is null
        and words.service != 'not_known'
),

named as (
    select
        authority,
        service,
        coalesce(label, service) as label,
        level,
        parent_service,
        valid_from,
        valid_to,
        successor_service,
        row_number() over (
            partition by authority, service
            order by coalesce(valid_from, cast('1900-01-01' as date)) desc
        ) = 1 as is_latest
    from declared
    union all
    select
        authority,
        service,
        service as label,
        'undeclared' as level,
        cast(null as string) as parent_service,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as string) as successor_service,
        true as is_latest
    from undeclared
    union all
    select
        authority,
        'not_known' as service,
        'Not known' as label,
        'not_known' as level,
        cast(null as string) as parent_service,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as string) as successor_service,
        true as is_latest
    from authorities
),

-- The end of each chain of successors, by doubling: one step, then two, four and eight.
chain_1 as (
    select
        authority,
        service,
        coalesce(successor_service, service) as reached
    from named
    where is_latest
),
{% for doubled in [2, 4, 8] %}
chain_{{ doubled }} as (
    select
        nearer.authority,
        nearer.service,
        coalesce(further.reached, nearer.reached) as reached
    from chain_{{ doubled // 2 }} as nearer
    left join chain_{{ doubled // 2 }} as further
        on nearer.authority = further.authority
        and nearer.reached = further.service
),
{% endfor %}
final as (
    select
        named.authority,
        named.service,
        named.label,
        named.level,
        named.parent_service,
        named.valid_from,
        named.valid_to,
        named.successor_service,
        named.is_latest,
        chain_8.reached as merged_service
    from named
    inner join chain_8
        on named.authority = chain_8.authority
        and named.service = chain_8.service
)

select * from final
