-- Each service in each tree of its authority: the row of it that is in force when the tree begins. A service that is not there
-- then keeps its place: its last row from before, or else its first.
with

trees as (

    select * from {{ ref('int_service_tree') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

placed as (

    select
        trees.authority,
        trees.tree_from,
        trees.tree_to,
        services.service,
        services.label,
        services.level,
        services.parent_service,
        row_number() over (
            partition by trees.authority, trees.tree_from, services.service
            order by
                case when coalesce(services.valid_from, cast('1900-01-01' as date)) <= trees.tree_from then 0 else 1 end,
                abs({{ day_difference("coalesce(services.valid_from, cast('1900-01-01' as date))", 'trees.tree_from') }})
        ) as nearness
    from trees
    inner join services
        on trees.authority = services.authority

),

final as (

    select
        authority,
        tree_from,
        tree_to,
        service,
        label,
        level,
        parent_service
    from placed
    where nearness = 1

)

select * from final
