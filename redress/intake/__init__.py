"""Intake: files as a council sends them become typed rows of the contract, or are set aside with a reason.

The parts, in the order in which a file meets them: `delimited` and `spreadsheet` (bytes to records), `conform` (records to
candidate rows, using `contract.mapping`, `contract.values` and `pseudonyms`), `resolve` (the batch as a whole), `batches`
(the order of things), `store` (what is kept), `quarantine_report` (what people are told). `problems` names what can be
wrong; `ledger` says which files are in force. What the tables of the contract are does not belong here.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redress.intake.batches import FileResult, IntakeResult, load_drop_folder, receive
    from redress.intake.problems import IntakeInvariantError
    from redress.intake.quarantine_report import words_withheld, write_quarantine

__all__ = [
    "FileResult",
    "IntakeInvariantError",
    "IntakeResult",
    "load_drop_folder",
    "receive",
    "words_withheld",
    "write_quarantine",
]

_MODULES = {
    "IntakeInvariantError": "problems",
    "words_withheld": "quarantine_report",
    "write_quarantine": "quarantine_report",
}


def __getattr__(name: str) -> Any:
    """Import what reads files when it is asked for: whoever only asks the ledger needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'batches')}"), name)
