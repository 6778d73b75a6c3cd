-- What was put right and at what cost, mediation, and what people said afterwards.
with

remedies as (

    select * from {{ ref('fct_remedies') }}

),

mediations as (

    select * from {{ ref('fct_mediation') }}

),

answers as (

    select * from {{ ref('fct_satisfaction') }}

),

complaints as (

    select * from {{ ref('fct_complaints') }}

),

matters as (

    select * from {{ ref('fct_ombudsman') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

-- who decided on the remedy, and the procedure of the complaint behind it (the Ombudsman's matter may be about one)
agreed as (

    select
        events.*,
        periods.period,
        periods.period_kind,
        case when events.ombudsman_id is null then 'council' else 'ombudsman' end as decided_by,
        coalesce(complaints.procedure, 'not_known') as procedure
    from remedies as events
    left join matters
        on {{ report_key('events', 'matters') }}
        and events.ombudsman_id = matters.ombudsman_id
    left join complaints
        on {{ report_key('events', 'complaints') }}
        and coalesce(events.complaint_id, matters.complaint_id) = complaints.complaint_id
    inner join periods
        on {{ in_period('agreed_date') }}

),

offered as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from mediations as events
    inner join periods
        on {{ in_period('offered_date') }}

),

answered as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from answers as events
    inner join periods
        on {{ in_period('answered_date') }}

),

-- each answer met is held open for each question, so that nobody answering yes is printed as 0
answer_words as (

    select distinct
        authority,
        reporting_year,
        question
    from answered

),

answered_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        satisfaction_id,
        question,
        answer
    from answered

    union all

    select
        answer_words.authority,
        answer_words.reporting_year,
        periods.period,
        periods.period_kind,
        cast(null as string) as satisfaction_id,
        answer_words.question,
        words.answer
    from answer_words
    inner join periods
        on {{ report_key('answer_words', 'periods') }}
        and periods.period = answer_words.reporting_year
    cross join (select 'yes' as answer union all select 'no' as answer) as words
    where exists (
        select 1
        from answered
        where
            answered.authority = answer_words.authority
            and answered.reporting_year = answer_words.reporting_year
            and answered.question = answer_words.question
            and answered.answer in ('yes', 'no')
    )

),

remedy_counts as (

    {{ figure_counts('remedies', 'agreed', [{'dims': []}, {'dims': ['kind'], 'share': 'kind'}, {'dims': ['decided_by', 'procedure']}], 'remedy_id') }}

),

remedy_amounts as (

    {{ figure_counts('remedies_gbp', 'agreed', [{'dims': []}, {'dims': ['kind']}, {'dims': ['decided_by', 'procedure']}], 'remedy_id', count='coalesce(sum(amount_gbp), 0)') }}

),

other_counts as (

    {{ figure_counts('mediation_offered', 'offered', [{'dims': []}], 'mediation_id') }}
    union all
    {{ figure_counts('mediation_accepted', 'offered', [{'dims': ['accepted']}], 'mediation_id') }}
    union all
    {{ figure_counts('mediation_results', 'offered', [{'dims': ['result']}], 'mediation_id') }}
    union all
    {{ figure_counts('satisfaction_answers', 'answered_with_zeros', [{'dims': ['answer', 'question'], 'share': 'answer'}], 'satisfaction_id') }}
    union all
    {{ figure_counts('satisfaction_answers', 'answered_with_zeros', [{'dims': ['question']}], 'satisfaction_id') }}

),

final as (

    {{ count_rows('remedy_counts', unit='remedies') }}
    union all
    {{ ratio_rows('remedy_counts', 'remedy_counts', 'remedies_share') }}
    union all
    {{ count_rows('remedy_amounts', unit='gbp') }}
    union all
    {{ count_rows('other_counts') }}
    union all
    {{ ratio_rows('other_counts', 'other_counts', 'satisfaction_answers_share') }}

)

select * from final
