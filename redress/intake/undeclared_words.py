"""Words of a council's own that seem to name somebody: which of them are not published.

Services, categories and the like are published as they are. Where a council declares such words it has looked at them;
where it leaves a vocabulary open, whatever stands in the column is a word, a person's name too. Such a word is loaded
and counted, its owner is told, and the protected export writes something else in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import polars as pl

from redress.contract.contract import WORD, Contract, Field
from redress.intake.names import digester, is_name, said_in
from redress.intake.problems import NOT_SHOWN, QUARANTINE_SCHEMA, SEVERITY
from redress.intake.quotes import contact_rules
from redress.intake.store import WITHHELD_SCHEMA, Store

if TYPE_CHECKING:
    from redress.authority.model import Authority

_AT = ["extract_id", "source_file", "source_row", "known_from"]


def screen_words(store: Store, authority: Authority, contract: Contract, key: bytes) -> pl.DataFrame:
    """Find the words of open vocabularies that seem to name somebody, in every file that is kept, and keep the list.

    Returns:
        The problems noted for the owners of files in force, one per file, column and word (`QUARANTINE_SCHEMA`);
        the word itself is not in them.
    """
    slug = authority.slug
    ledger = store.ledger(slug)
    in_force = store.in_force(slug, ledger["received_at"].max())["extract_id"] if ledger.height else []
    known, digest = store.names(slug), digester(key, slug)
    withheld: set[str] = set()
    problems = [pl.DataFrame(schema=QUARANTINE_SCHEMA)]
    for table in contract.tables.values():
        for field in table.fields.values():
            if not _is_open(field, authority):
                continue
            rows = store.rows(table, ledger["extract_id"], [*_AT, field.name]).drop_nulls(field.name)
            words = [word for word in rows[field.name].unique() if names_somebody(word, known, digest)]
            withheld.update(words)
            met = rows.filter(
                pl.col(field.name).is_in(words) & pl.col("extract_id").is_in(list(in_force))
            ).unique(["extract_id", field.name], keep="first", maintain_order=True)
            problems.append(
                met.select(
                    authority=pl.lit(slug),
                    extract_id="extract_id",
                    file_name="source_file",
                    received_at="known_from",
                    row="source_row",
                    column=pl.lit(f"{table.name}.{field.name}"),
                    code=pl.lit("word_withheld"),
                    severity=pl.lit(SEVERITY["word_withheld"]),
                    message=pl.lit(
                        "The word seems to name somebody or to hold a contact detail: it is counted, and another stands "
                        "in its place on the website. Correct it, or declare it if it is one of the council's own words."
                    ),
                    found=pl.lit(NOT_SHOWN),
                    expected=pl.lit(f"a {field.name.replace('_', ' ')} that the council declares"),
                    owner=pl.lit(authority.owner_of(table)),
                    table=pl.lit(table.name),
                    record_key=pl.lit(""),
                ).select([pl.col(name).cast(kind) for name, kind in QUARANTINE_SCHEMA.items()])
            )
    store.write_withheld(
        slug, pl.DataFrame({"authority": slug, "word": sorted(withheld)}, schema=WITHHELD_SCHEMA)
    )
    told = pl.concat(problems)
    store.write_problems(f"{slug}/words", told)
    return told


def _is_open(field: Field, authority: Authority) -> bool:
    """Return whether a column holds words that nobody has declared."""
    if field.type != "string" or field.role != WORD or field.words or field.pattern or field.personal:
        return False
    return authority.vocabulary_of(field).is_open


def names_somebody(word: str, known: Collection[str], digest: Callable[[str], str]) -> bool:
    """Return whether a word holds the whole of a known name, is made of parts of known names, or looks like a contact."""
    if contact_rules(word):
        return True
    whole = (form for form in said_in(word) if " " in form)
    return any(digest(form) in known for form in whole) or is_name(word, known, digest)
