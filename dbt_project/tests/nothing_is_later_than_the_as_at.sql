{%- set dates = {
    'fct_complaints': [
        'received_date', 'acknowledged_date', 'accepted_date', 'withdrawn_date', 'refused_date', 'closed_date',
    ],
    'fct_stages': [
        'requested_date', 'statement_agreed_date', 'investigator_appointed_date', 'panel_date', 'findings_date',
        'clock_start_date', 'clock_end_date', 'responded_date', 'closed_date', 'next_stage_requested_date',
    ],
    'fct_issues': ['raised_date'],
    'fct_outcomes': ['decided_date'],
    'fct_ombudsman': ['received_date', 'decided_date', 'remedies_complied_date'],
    'fct_compliments': ['received_date'],
    'fct_contacts': ['received_date'],
    'fct_learning': ['sent_date', 'returned_date', 'implemented_date'],
    'fct_actions': ['agreed_date', 'done_date'],
    'fct_remedies': ['agreed_date'],
    'fct_mediation': ['offered_date'],
    'fct_satisfaction': ['answered_date'],
} %}
{% for fact, columns in dates.items() %}
{% if not loop.first %}union all
{% endif %}select
    facts.authority,
    facts.reporting_year,
    '{{ fact }}' as fact,
    cast(count(*) as integer) as rows_with_a_later_date
from {{ ref(fact) }} as facts
inner join {{ ref('dim_report') }} as reports
    on facts.authority = reports.authority
    and facts.reporting_year = reports.reporting_year
where {% for column in columns %}{% if not loop.first %} or {% endif %}facts.{{ column }} > reports.as_at{% endfor %}
group by facts.authority, facts.reporting_year
{% endfor %}
