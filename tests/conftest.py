"""What all tests share."""

import atexit
import os
import sys


@atexit.register
def _leave_quietly() -> None:
    """DuckDB's bindings print a page of warnings about living objects as the interpreter ends."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
