"""Intake: files as a council sends them become typed rows of the contract, or are set aside with a reason.

The parts, in the order in which a file meets them: `delimited` and `spreadsheet` (bytes to records),
`conform` (records to candidate rows, using `mapping`, `values` and `pseudonyms`), `resolve` (the batch as a
whole), `batches` (the order of things), `store` (what is kept), `report` (what people are told).
`contract` reads the data package; `problems` names what can be wrong.
"""

from redress.intake.batches import FileResult, IntakeResult, load_drop_folder, receive
from redress.intake.problems import IntakeInvariantError
from redress.intake.quarantine_report import write_quarantine

__all__ = [
    "FileResult",
    "IntakeInvariantError",
    "IntakeResult",
    "load_drop_folder",
    "receive",
    "write_quarantine",
]
