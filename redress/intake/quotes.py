"""Which texts of a council's records may be published: approved, and telling nobody apart.

They are the quotes of compliments and the words of actions (`Table.approved_texts`). A text passes where it is approved,
holds no name known from any file of its council that is kept (`names`), no reference of the council's own records, and
nothing that looks like a contact detail, a date or a signature. Patterns are looked for when the file is read, and such
a text goes no further. Names are looked for whenever files have been received, in all texts again: a name that comes in
a later file refuses an earlier text.

What cannot be read with certainty is refused: a text in letters that are not Latin among them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import polars as pl

from redress.contract.contract import IDENTIFIER, Contract
from redress.intake.names import digester, said_in
from redress.intake.problems import NOT_SHOWN, QUARANTINE_SCHEMA, SEVERITY
from redress.intake.store import Store

if TYPE_CHECKING:
    from redress.authority.model import Authority

RULES: dict[str, str] = {
    "name": "a name, or a part of one, that an extract of this council holds",
    "title": "a title before a name",
    "initials": "initials",
    "email": "an e-mail address",
    "web_address": "a web address",
    "telephone": "a telephone number",
    "nhs_number": "an NHS number",
    "postcode": "a postcode",
    "date": "a date, or words of a birth",
    "reference": "a reference or a long number",
    "letters": "letters that are not Latin, in which names cannot be looked for",
}
"""Why a quote is refused, in the words in which its owner is told."""

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:\s*(?:st|nd|rd|th))?"
_TITLE = re.compile(r"\b(?i:mrs?|ms|mx|dr|prof|cllr|rev|dame|professor|councillor)\b\.?\s+[^\W\d_]")
PATTERNS: dict[str, re.Pattern[str]] = {
    "title": re.compile(
        rf"{_TITLE.pattern}|\b(?:Miss|Sir|Lady|Lord|Sister|Father|Auntie?|Uncle)\s+[^\W\d_a-z]"
    ),
    "initials": re.compile(r"(?<![\w'-])[B-HJ-WYZ](?![\w-])|\b[A-Z]\.\s?[A-Z]\b"),
    # one character on either side of the sign says as much as all of them, and does not look through a long word again
    # from each of its letters
    "email": re.compile(r"[\w.+-]\s*(?:@|[(\[]\s*at\s*[)\]])\s*[\w-]|@\w{2,}", re.IGNORECASE),
    "web_address": re.compile(
        r"https?:|\bwww\.|\w-*\.(?:com|org|net|info|io|me|uk|gov|eu|scot|wales)\b", re.IGNORECASE
    ),
    "telephone": re.compile(r"(?:\+\s*44|(?<!\d)0044|(?<!\d)0)(?:[\s().-]*\d){9,10}(?!\d)"),
    "postcode": re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|GIR\s*0AA)\b", re.IGNORECASE),
    "date": re.compile(
        rf"\b\d{{1,2}}\s*[./-]\s*\d{{1,2}}\s*[./-]\s*\d{{2,4}}\b|\b\d{{4}}\s*[./-]\s*\d{{1,2}}\s*[./-]\s*\d{{1,2}}\b"
        rf"|\b{_DAY}(?:\s+of)?\s+(?:{_MONTHS})\b|\b(?:{_MONTHS})\s+{_DAY}\b"
        r"|\bd\.?o\.?b\b|\bborn\b|\bbirthdays?\b|\bbirth date\b|\bdate of birth\b",
        re.IGNORECASE,
    ),
    "reference": re.compile(r"\d{5,}|\b\d{3,}[-/]\d{3,}"),
}
_TEN_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.-]?\d){9}(?!\d)")
_GROUPED = re.compile(r"(?<!\d)\d{3}[\s.-]\d{3}[\s.-]\d{4}(?!\d)")
_TOKEN = re.compile(r"\w+(?:[-/_.:]\w+)*")


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits are an NHS number: the last is the check digit, by modulus 11, of the nine before it."""
    if len(digits) != 10 or not digits.isdecimal() or len(set(digits)) == 1:
        return False
    check = (
        11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    )
    return check % 11 == int(digits[9])


def readable(text: str) -> str:
    """Return the text as a reader sees it: wide forms made narrow, marks without width taken out."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def pattern_rules(text: str) -> list[str]:
    """Return rules that refuse a text by its look alone, in the order of `RULES`; empty if none does."""
    text = readable(text)
    found = {rule for rule, pattern in PATTERNS.items() if pattern.search(text)}
    numbers = (re.sub(r"\D", "", match) for match in _TEN_DIGITS.findall(text))
    if _GROUPED.search(text) or any(is_nhs_number(number) for number in numbers):
        found.add("nhs_number")
    if any(sum(c.isdigit() for c in token) > 2 and any(c.isalpha() for c in token) for token in tokens(text)):
        found.add("reference")
    if any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text):
        # ordinal and script signs (ª, ℓ) are Latin after NFKC; a Greek or Cyrillic letter may only look like one
        found.add("letters")
    return [rule for rule in RULES if rule in found]


def contact_rules(word: str) -> list[str]:
    """Return rules of `RULES` by which a word of the council's own cannot be one: it titles a person or is a contact detail."""
    certain = ("email", "telephone", "nhs_number", "postcode")
    found = [rule for rule in pattern_rules(word) if rule in certain]
    return ["title", *found] if _TITLE.search(readable(word)) else found


def names_somebody(text: str, known: Collection[str], digest: Callable[[str], str]) -> bool:
    """Return whether a text holds a form of a name whose digest is known."""
    return any(digest(form) in known for form in said_in(text))


def tokens(text: str) -> set[str]:
    """Return words of a text with a digit in them, in any case: what may be a reference."""
    return {token.casefold() for token in _TOKEN.findall(readable(text)) if any(c.isdigit() for c in token)}


def as_shown(text: str) -> str:
    """Return a quote as pages show it: one line, as a reader sees it, with typographic quotation marks.

    Pages are edited as text after they are built (links made relative): no straight quotation mark means that no words
    of a quote can pass for an attribute there.
    """
    line = " ".join(readable(text).split())
    return re.sub(r'(^|[\s(\[])"', "\\1\u201c", line).replace('"', "\u201d")


def mark(text: str) -> str:
    """Return how a quote that passed is recognised: SHA-256 of its text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def screen_quotes(store: Store, authority: Authority, contract: Contract, key: bytes) -> pl.DataFrame:
    """Screen every approved text that an authority's files hold, and keep which ones passed.

    `conformed/quote_passed` then has, per extract, one row per record and text that may be published
    (`PASSED_SCHEMA`). A text that is not in it stays unpublished. Refused texts of files in force are noted for
    their owner: record and rule, never the text.

    Returns:
        The problems noted (`QUARANTINE_SCHEMA`).
    """
    slug = authority.slug
    ledger = store.ledger(slug)
    texts = _approved_texts(store, contract, ledger["extract_id"])
    references = _references(store, contract, ledger["extract_id"], texts["text"])
    known, digest = store.names(slug), digester(key, slug)
    why = {text: _refused(text, known, digest, references) for text in texts["text"].unique()}
    texts = texts.with_columns(
        mark=pl.col("text").replace_strict({text: mark(text) for text in why}, return_dtype=pl.String),
        rules=pl.col("text").replace_strict(
            {text: "; ".join(RULES[rule] for rule in rules) for text, rules in why.items()},
            return_dtype=pl.String,
        ),
    )
    for extract in ledger["extract_id"]:
        passed = texts.filter((pl.col("extract_id") == extract) & (pl.col("rules") == ""))
        store.write_passed(
            extract, passed.select("extract_id", "source_row", "mark").unique(maintain_order=True)
        )
    in_force = store.in_force(slug, ledger["received_at"].max())["extract_id"] if ledger.height else []
    refused = texts.filter((pl.col("rules") != "") & pl.col("extract_id").is_in(list(in_force)))
    problems = _told(refused, authority, contract)
    store.write_problems(f"{slug}/quotes", problems)
    return problems


def _approved_texts(store: Store, contract: Contract, extracts: pl.Series) -> pl.DataFrame:
    """Return the texts that are kept because they were approved: one row per record and text, with its place."""
    pieces = []
    for table in contract.tables.values():
        columns = ["extract_id", "source_file", "source_row", "known_from", table.key[0]]
        for name in table.approved_texts:
            rows = store.rows(table, extracts, [*columns, name]).filter(pl.col(name).is_not_null())
            record = pl.format(f"{table.key[0]}={{}}", table.key[0])
            pieces.append(
                rows.select(
                    *columns[:4], record_key=record, table=pl.lit(table.name), column=pl.lit(name), text=name
                )
            )
    return pl.concat(pieces)


def _refused(
    text: str, known: Collection[str], digest: Callable[[str], str], references: set[str]
) -> list[str]:
    found = set(pattern_rules(text))
    if names_somebody(text, known, digest):
        found.add("name")
    if tokens(text) & references:
        found.add("reference")
    return [rule for rule in RULES if rule in found]


def _references(store: Store, contract: Contract, extracts: pl.Series, texts: pl.Series) -> set[str]:
    """Return those words of the texts that are identifiers of the council's records."""
    asked = {token for text in texts.unique() for token in tokens(text) if len(token) > 2}
    found: set[str] = set()
    for table in contract.tables.values() if asked else ():
        for name, target in table.fields.items():
            if target.role == IDENTIFIER and not target.personal:
                kept = store.rows(table, extracts, [name])[name].str.to_lowercase().unique()
                found |= asked & set(kept.filter(kept.is_in(sorted(asked))))
    return found


def _told(refused: pl.DataFrame, authority: Authority, contract: Contract) -> pl.DataFrame:
    """Return refused texts as problems for their owner."""
    native = {
        (table_map.table, column): shown.shown_as
        for source in reversed(authority.mapping.sources)
        for table_map in reversed(source.tables)
        for column, shown in table_map.columns.items()
    }
    problems = [pl.DataFrame(schema=QUARANTINE_SCHEMA)]
    for (table, column), rows in refused.group_by("table", "column", maintain_order=True):
        told = rows.select(
            "extract_id",
            "table",
            "record_key",
            authority=pl.lit(authority.slug),
            file_name="source_file",
            received_at="known_from",
            row="source_row",
            column=pl.lit(native.get((table, column), column)),
            code=pl.lit("quote_refused"),
            severity=pl.lit(SEVERITY["quote_refused"]),
            message=pl.format("The approved text is not published, because it seems to hold {}.", "rules"),
            found=pl.lit(NOT_SHOWN),
            expected=pl.lit("words that tell nobody apart, or no approval"),
            owner=pl.lit(authority.owner_of(contract.tables[table])),
        )
        problems.append(told.select([pl.col(name).cast(kind) for name, kind in QUARANTINE_SCHEMA.items()]))
    return pl.concat(problems)
