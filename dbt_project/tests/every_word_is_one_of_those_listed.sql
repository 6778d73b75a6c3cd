{%- set known = [
    ('int_stage_closings', 'closing_source', ['stage_closed', 'stage_responded', 'complaint_withdrawn', 'complaint_refused']),
    ('bank_holidays', 'division', ['england-and-wales']),
    ('statutory_timescales', 'procedure', ['statutory']),
    ('panel_step_limits', 'step', ['panel', 'findings', 'response']),
    ('stg_extract', 'status', ['loaded', 'rejected']),
] -%}
{{ unknown_words(known) }}
