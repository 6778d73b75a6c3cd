with

source as (
    select * from {{ source('conformed', 'extract') }}
),

final as (
    select
        extract_id,
        authority,
        source,
        scope,
        file_name,
        sha256,
        cast(received_at as timestamp) as received_at,
        cast(bytes as bigint) as bytes,
        cast(rows_received as integer) as rows_received,
        cast(rows_conformed as integer) as rows_conformed,
        cast(rows_quarantined as integer) as rows_quarantined,
        cast(rows_left_out as integer) as rows_left_out,
        cast("columns" as integer) as column_count,  -- noqa: RF06
        status,
        supersedes,
        message
    from source
)

select * from final
