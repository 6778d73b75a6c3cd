-- The days from which the services of an authority lie otherwise one under the other. Only a service that has several rows
-- can move or get another name, so that most authorities have one tree, for always.
with

services as (

    select * from {{ ref('stg_config_service') }}

),

several as (

    select
        authority,
        service
    from services
    group by authority, service
    having count(*) > 1

),

first_days as (

    select
        authority,
        cast('1900-01-01' as date) as tree_from
    from {{ ref('dim_authority') }}

    union

    select
        services.authority,
        services.valid_from as tree_from
    from services
    inner join several
        on services.authority = several.authority
        and services.service = several.service
    where services.valid_from is not null

),

final as (

    select
        authority,
        tree_from,
        coalesce(
            cast(lead(tree_from) over (partition by authority order by tree_from) - interval 1 day as date),
            cast('9999-12-31' as date)
        ) as tree_to
    from first_days

)

select * from final
