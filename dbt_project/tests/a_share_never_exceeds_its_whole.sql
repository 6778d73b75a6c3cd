-- Percentages are parts of wholes; changes in percent are not, and may be anything. Nor is escalation as a flow: it divides the
-- stages asked for in a period by the complaints that entered the stage before in the same period, which may be others.
select *
from {{ ref('figures') }}
where
    unit = 'percent'
    and measure like '%\_share' escape '\'
    and measure != 'escalated_flow_share'
    and status = 'computed'
    and (value < 0 or value > 100 or numerator > denominator)
