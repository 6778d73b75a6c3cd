"""Great Expectations suites over the warehouse, and the dialect that lets them run inside DuckDB."""
