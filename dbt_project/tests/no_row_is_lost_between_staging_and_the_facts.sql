{%- set facts = {
    'complaint': ('fct_complaints', 'received_date', none),
    'stage': ('fct_stages', 'requested_date', 'complaint_id'),
    'issue': ('fct_issues', 'raised_date', 'complaint_id'),
    'mediation': ('fct_mediation', 'offered_date', 'complaint_id'),
    'compliment': ('fct_compliments', 'received_date', none),
    'ombudsman': ('fct_ombudsman', 'received_date', none),
    'contact': ('fct_contacts', 'received_date', none),
    'learning': ('fct_learning', 'sent_date', none),
    'action': ('fct_actions', 'agreed_date', none),
    'remedy': ('fct_remedies', 'agreed_date', none),
    'satisfaction': ('fct_satisfaction', 'answered_date', none),
} %}
with

expected as (
    {%- for table, (fact, begins, parent) in facts.items() %}
    {% if not loop.first %}union all
    {% endif %}select
        in_force.authority,
        in_force.reporting_year,
        '{{ fact }}' as fact,
        count(*) as row_count
    from {{ ref('stg_' ~ table) }} as received
    inner join {{ ref('int_extracts_in_force') }} as in_force
        on received.extract_id = in_force.extract_id
    {%- if parent %}
    inner join {{ ref('fct_complaints') }} as complaints
        on in_force.authority = complaints.authority
        and in_force.reporting_year = complaints.reporting_year
        and received.{{ parent }} = complaints.complaint_id
    {%- endif %}
    where coalesce(received.{{ begins }} <= in_force.as_at, true)
    group by in_force.authority, in_force.reporting_year
    {%- endfor %}
),

found as (
    {%- for table, (fact, begins, parent) in facts.items() %}
    {% if not loop.first %}union all
    {% endif %}select
        authority,
        reporting_year,
        '{{ fact }}' as fact,
        count(*) as row_count
    from {{ ref(fact) }}
    group by authority, reporting_year
    {%- endfor %}
)

select
    coalesce(expected.authority, found.authority) as authority,
    coalesce(expected.reporting_year, found.reporting_year) as reporting_year,
    coalesce(expected.fact, found.fact) as fact,
    expected.row_count as rows_expected,
    found.row_count as rows_found
from expected
full outer join found
    on expected.authority = found.authority
    and expected.reporting_year = found.reporting_year
    and expected.fact = found.fact
where coalesce(expected.row_count != found.row_count, true)
