{%- set generations = 6 -%}
with

services as (
    select * from {{ ref('int_service_in_tree') }}
),

generation_0 as (
    select
        authority,
        tree_from,
        service,
        service as ancestor_service
    from services
),
{% for generation in range(1, generations + 1) %}
generation_{{ generation }} as (
    select
        younger.authority,
        younger.tree_from,
        younger.service,
        services.parent_service as ancestor_service
    from generation_{{ generation - 1 }} as younger
    inner join services
        on younger.authority = services.authority
        and younger.tree_from = services.tree_from
        and younger.ancestor_service = services.service
    where services.parent_service is not null
),
{% endfor %}
-- A parent that leads back to its own child would repeat itself: each pair stands once.
pairs as (
    {% for generation in range(generations + 1) %}
    {% if not loop.first %}union
    {% endif %}select * from generation_{{ generation }}
    {%- endfor %}
),

final as (
    select
        pairs.authority,
        ancestors.tree_from as valid_from,
        ancestors.tree_to as valid_to,
        pairs.service,
        pairs.ancestor_service,
        ancestors.level as ancestor_level
    from pairs
    inner join services as ancestors
        on pairs.authority = ancestors.authority
        and pairs.tree_from = ancestors.tree_from
        and pairs.ancestor_service = ancestors.service
)

select * from final
