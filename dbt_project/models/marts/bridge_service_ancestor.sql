{%- set generations = 6 -%}
with

services as (
    select * from {{ ref('dim_service') }}
),

generation_0 as (
    select
        authority,
        service,
        service as ancestor_service
    from services
),
{% for generation in range(1, generations + 1) %}
generation_{{ generation }} as (
    select
        younger.authority,
        younger.service,
        services.parent_service as ancestor_service
    from generation_{{ generation - 1 }} as younger
    inner join services
        on younger.authority = services.authority
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
        pairs.service,
        pairs.ancestor_service,
        ancestors.level as ancestor_level
    from pairs
    inner join services as ancestors
        on pairs.authority = ancestors.authority
        and pairs.ancestor_service = ancestors.service
)

select * from final
