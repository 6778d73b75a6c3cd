"""Tables of the protected export as Arrow files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa


def write_stream(table: pa.Table, path: Path) -> None:
    """Write a table as an Arrow IPC stream of one batch, also when it has no rows."""
    batches = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
