-- Every service word that any version of the data uses.
with

words as (
    {%- for model in [
        'stg_complaint_service', 'stg_stage', 'stg_issue', 'stg_compliment', 'stg_ombudsman_service', 'stg_contact',
        'stg_learning', 'stg_action', 'stg_activity',
    ] %}
    {% if not loop.first %}union all
    {% endif %}select
        authority,
        service
    from {{ ref(model) }}
    {%- endfor %}
),

final as (
    select distinct
        authority,
        service
    from words
    where service is not null
)

select * from final
