{{ config(severity='warn') }}
{%- for table, begins in [('stage', 'requested_date'), ('issue', 'raised_date')] %}
{% if not loop.first %}union all
{% endif %}select
    in_force.authority,
    in_force.reporting_year,
    '{{ table }}' as contract_table,
    received.{{ table }}_id as record_id,
    received.complaint_id
from {{ ref('stg_' ~ table) }} as received
inner join {{ ref('int_extracts_in_force') }} as in_force
    on received.extract_id = in_force.extract_id
left join {{ ref('fct_complaints') }} as complaints
    on in_force.authority = complaints.authority
    and in_force.reporting_year = complaints.reporting_year
    and received.complaint_id = complaints.complaint_id
where received.{{ begins }} <= in_force.as_at
    and complaints.complaint_id is null
{%- endfor %}
