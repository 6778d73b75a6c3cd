select *
from {{ ref('stg_extract') }}
where status = 'loaded'
    and coalesce(rows_received != rows_conformed + rows_left_out + rows_quarantined, true)
