"""Words of a council's own that seem to name somebody: which of them are not published.

Services, categories and the like are published as they are. Where a council declares such words it has looked at them;
where it leaves a vocabulary open, whatever stands in the column is a word, a person's name too. Such a word is loaded
and counted, its owner is told, and the protected export writes something else in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

import polars as pl

from redress.contract.contract import WORD, Contract, Field, Table
from redress.intake.headings import ETHNICITIES
from redress.intake.names import digester, is_name, pieces, plain, said_in
from redress.intake.problems import NOT_SHOWN, QUARANTINE_SCHEMA, SEVERITY
from redress.intake.quotes import RULES, contact_rules
from redress.intake.store import WHY_SCHEMA, WITHHELD_SCHEMA, Store

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
    held, digest = store.named_columns(slug), digester(key, slug)
    known = held.keys()
    withheld: dict[str, list[dict]] = {}
    problems = [pl.DataFrame(schema=QUARANTINE_SCHEMA)]
    for table in contract.tables.values():
        for field in table.fields.values():
            if not _is_open(field, authority):
                continue
            rows = store.rows(table, ledger["extract_id"], [*_AT, field.name]).drop_nulls(field.name)
            words = [
                word
                for word in rows[field.name].unique()
                if names_somebody(word, known, digest) and not _is_ethnicity(word, field)
            ]
            found = rows.filter(pl.col(field.name).is_in(words) & pl.col("extract_id").is_in(list(in_force)))
            for word in words:
                told = {"authority": slug, "column": f"{table.name}.{field.name}", "word": word}
                told["records"] = int((found[field.name] == word).sum())
                withheld.setdefault(word, []).append(told | {"why": _why(word, held, digest)})
            met = found.unique(["extract_id", field.name], keep="first", maintain_order=True)
            problems.append(_told(met, table, field, authority))
    store.write_withheld(
        slug,
        pl.DataFrame({"authority": slug, "word": sorted(withheld)}, schema=WITHHELD_SCHEMA),
        pl.DataFrame([row for word in sorted(withheld) for row in withheld[word]], schema=WHY_SCHEMA),
    )
    told_problems = pl.concat(problems)
    store.write_problems(f"{slug}/words", told_problems)
    return told_problems


def _told(met: pl.DataFrame, table: Table, field: Field, authority: Authority) -> pl.DataFrame:
    """Return words that were met in a column as problems for their owner; the word itself is not in them."""
    return met.select(
        authority=pl.lit(authority.slug),
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


def _why(word: str, held: Mapping[str, str], digest: Callable[[str], str]) -> str:
    """Return why a word is not published: what it holds, or which columns of the files hold it or parts of it as a name."""
    if rules := contact_rules(word):
        return f"it holds {', '.join(RULES[rule] for rule in rules)}"
    columns = sorted({held[form] for form in map(digest, said_in(word)) if form in held})
    return f"a name in column {', '.join(columns)}, or a part of one"


def _is_ethnicity(word: str, field: Field) -> bool:
    """Return whether a word of an ethnicity is made of those of the census, which some people are called too."""
    return field.vocabulary == "ethnicity" and ETHNICITIES.issuperset(pieces(plain(word)))


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
