"""The council's own words in an evidence pack: their source, who approved them, and the figure behind each number in them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from redress.base.settings import RunSettings
from redress.base.tables import write_csv
from redress.declared.model import DeclaredReport
from redress.declared.standing import own_words
from redress.publish.bound_numbers import Binding, bindings
from redress.signed import record as signed_record

FOLDER = "words"
WORDS_COLUMNS = ("page", "section", "title", "file", "sha256", "author", "approved_by", "approved_on")
BOUND_COLUMNS = tuple(field.name for field in fields(Binding))


@dataclass(frozen=True)
class Words:
    """What a pack tells of the words: rows of `words.csv` and of `bound_numbers.csv`."""

    sections: Sequence[Mapping[str, str]] = ()
    bound: Sequence[Mapping[str, Any]] = ()


def write_words(settings: RunSettings, declared: DeclaredReport, protected: Path, pack: Path) -> Words:
    """Write the words of a report into its pack, where it has any of the council's own.

    A report that is signed off has the files that its record keeps, whatever they say today.

    Args:
        settings: the run's.
        declared: the report as it is published.
        protected: the folder of the protected export.
        pack: the folder; gets `words.csv`, `bound_numbers.csv` and the files of the sections in `words/`.
    """
    if not own_words(declared):
        return Words()
    source = _source(settings, declared)
    sections = signed_record.words_of(declared, source)
    names = [section["section"] for section in sections]
    bound = [asdict(binding) for binding in bindings(declared, names, protected)]
    for section in sections:
        copy = pack / FOLDER / section["file"]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / section["file"], copy)
    write_csv(pack / "words.csv", WORDS_COLUMNS, sections)
    write_csv(pack / "bound_numbers.csv", BOUND_COLUMNS, bound)
    return Words(sections, bound)


def _source(settings: RunSettings, declared: DeclaredReport) -> Path:
    """Return the folder that holds the sections as they are published."""
    from redress.authority.folder import authority_folders

    report = declared.authority, declared.year
    record = (
        None if signed_record.is_signing(settings, *report) else signed_record.in_force(settings, *report)
    )
    if record is not None:
        return record.folder / signed_record.CONFIGURATION_FOLDER
    return authority_folders(settings)[declared.authority]
