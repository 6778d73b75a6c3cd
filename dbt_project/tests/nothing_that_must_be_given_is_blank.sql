{%- set required = [
    ('int_complaint_stage_1_outcome', ['stage_1_outcome']),
    ('bank_holidays', ['division', 'date', 'name']),
    ('statutory_timescales', ['procedure', 'stage', 'standard_working_days', 'clock_start', 'clock_end', 'day_count', 'valid_from', 'source']),
    ('panel_step_limits', ['step', 'limit_working_days', 'valid_from', 'source']),
    ('figure_catalogue', ['measure', 'title', 'plain_words', 'rule']),
    ('comparison_measures', ['position', 'section', 'heading', 'measure', 'plain_words', 'needs_measure', 'if_no_data', 'if_no_base']),
    ('stg_config_authority', ['authority']),
    ('stg_config_report', ['period_start', 'period_end', 'as_at']),
    ('stg_config_signed_extract', ['sha256']),
    ('stg_extract', ['extract_id', 'authority', 'source', 'received_at']),
] -%}
{{ blank_rows(required) }}
