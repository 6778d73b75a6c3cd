-- What was found adds up to what was answered in every table that has both: the outcomes of complaints, not known among them, to
-- the responses; those that are known to the complaints with an outcome; the outcomes of issues to the issues answered, with
-- withdrawn ones and those sent on as the authority chose.
{%- set pairs = [
    ('responses', 'complaint_outcomes', 'true'),
    ('complaints_with_outcome', 'complaint_outcomes', "outcome != 'not_known'"),
    ('issues_answered', 'issue_outcomes', 'is_in_choice'),
] %}
with

measured as (

    {{ measured_rows() }}

),

choices as (

    select
        authority,
        max(case when setting = 'outcome_share_withdrawn' then value end) as withdrawn_choice,
        max(case when setting = 'outcome_share_direct' then value end) as direct_choice
    from {{ ref('stg_config_setting') }}
    group by authority

),

findings as (

    select
        measured.*,
        {{ breakdown_without('measured.breakdown', "'outcome'") }} as whole_breakdown,
        {{ keys_without('measured.keys', "'outcome'") }} as whole_keys,
        regexp_replace(';' || measured.breakdown || ';', '.*;outcome=([^;]*);.*', '\1') as outcome,
        choices.withdrawn_choice,
        choices.direct_choice
    from measured
    left join choices
        on measured.authority = choices.authority
    where
        measured.measure in ('complaint_outcomes', 'issue_outcomes')
        and ';' || measured.keys || ';' like '%;outcome;%'

),

chosen as (

    select
        *,
        (outcome != 'withdrawn' or coalesce(withdrawn_choice, 'excluding') = 'including')
        and (outcome != 'direct_to_next_stage' or coalesce(direct_choice, 'including') = 'including') as is_in_choice
    from findings

),

both_sides as (

    {%- for whole, part, condition in pairs %}
    select
        authority,
        reporting_year,
        '{{ whole }}' as measure,
        whole_keys as keys,
        whole_breakdown as breakdown,
        period,
        period_kind,
        0 as answered,
        value as found
    from chosen
    where
        measure = '{{ part }}'
        and {{ condition }}
    union all
    select
        authority,
        reporting_year,
        measure,
        keys,
        breakdown,
        period,
        period_kind,
        value as answered,
        0 as found
    from measured
    where measure = '{{ whole }}'
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

-- a table that only one side has is nothing to compare
sets_of_both as (

    select
        authority,
        reporting_year,
        measure,
        keys,
        period_kind
    from both_sides
    group by authority, reporting_year, measure, keys, period_kind
    having sum(answered) > 0 and sum(found) > 0

),

final as (

    select
        both_sides.authority,
        both_sides.reporting_year,
        both_sides.measure,
        both_sides.breakdown,
        both_sides.period,
        sum(both_sides.answered) as answered,
        sum(both_sides.found) as found
    from both_sides
    inner join sets_of_both
        on {{ report_key('both_sides', 'sets_of_both') }}
        and both_sides.measure = sets_of_both.measure
        and both_sides.keys = sets_of_both.keys
        and both_sides.period_kind = sets_of_both.period_kind
    group by
        both_sides.authority,
        both_sides.reporting_year,
        both_sides.measure,
        both_sides.breakdown,
        both_sides.period

)

select * from final where answered != found
