{%- set tables = [
    'action', 'activity', 'complaint', 'complaint_child', 'complaint_service', 'complaint_theme', 'compliment',
    'compliment_category', 'contact', 'issue', 'issue_outcome', 'learning', 'mediation', 'ombudsman',
    'ombudsman_service', 'prior_figure', 'remedy', 'satisfaction', 'stage',
] %}
{% for table in tables %}
{% if not loop.first %}union all
{% endif %}select
    '{{ table }}' as contract_table,
    received.authority,
    received.extract_id,
    received.source_row
from {{ ref('stg_' ~ table) }} as received
left join {{ ref('stg_extract') }} as extracts
    on received.extract_id = extracts.extract_id
    and received.authority = extracts.authority
    and extracts.status = 'loaded'
where extracts.extract_id is null
{% endfor %}
