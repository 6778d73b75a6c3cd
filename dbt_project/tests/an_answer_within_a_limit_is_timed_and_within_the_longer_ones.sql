select *
from {{ ref('fct_timeliness') }}
where (is_within_standard and not is_within_agreed)
    or (is_within_agreed and not is_within_extended)
    or (coalesce(is_within_standard, is_within_agreed, is_within_extended) is not null and is_end_before_start)
    or (is_within_standard is null) != (is_within_agreed is null)
    or (is_within_standard is null) != (is_within_extended is null)
