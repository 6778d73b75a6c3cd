"""One authority as configuration: load its folder, check it, and write it as tables for the warehouse.

Everything particular to a council stands in its folder (`docs/mapping.md`); code
never names one. Loading reads every file of the folder and reports all faults in one pass, in plain words.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from redress.authority.config_tables import PRINTED_COLUMNS
from redress.authority.licence import problems as licence_problems
from redress.authority.model import (
    NOT_KNOWN,
    OPEN,
    SETTINGS,
    Authority,
    AuthorityError,
    Meaning,
    Report,
    Vocabulary,
    year_bounds,
)
from redress.authority.protection import problems as protection_problems
from redress.authority.relation import relation_problem
from redress.authority.theme import problems as theme_problems
from redress.base.files import list_folder, why_unreadable
from redress.base.printable import shorten, show_text
from redress.base.settings import Settings
from redress.base.strict_csv import TableProblem, read_table
from redress.base.strict_yaml import YamlProblem, read_yaml
from redress.base.tables import read_csv
from redress.contract.contract import Contract, load_contract
from redress.contract.mapping import as_word, contract_mapping, read_mapping
from redress.contract.values import fold, trim

_PROFILE_KEYS = {
    "authority",
    "name",
    "short_name",
    "synthetic",
    "case_data_from",
    "reports",
    "settings",
    "vocabularies",
    "owners",
    "contact",
    "feedback",
    "extracts",
    "retention",
    "protection",
    "theme",
    "licence",
}
_REPORT_KEYS = {"as_at", "title", "published_on", "next_release"}
GROUPED_ATTRIBUTES = (
    "complainant_role",
    "channel",
    "sex",
    "age_band",
    "ethnicity",
    "disability",
    "behalf",
    "advocate_kind",
    "procedure",
    "theme",
)
"""Attributes of a complaint that `groupings.csv` may regroup."""

_CLOCK_STARTS = ("requested", "accepted", "statement_agreed", "investigator_appointed")
_CLOCK_ENDS = ("responded_date", "closed_date")
_DAY_COUNTS = ("exclude_start_day", "count_start_day")
_PRINTED = re.compile(r"[-+]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_LARGEST_SCALE = 1e9
_LONGEST_PROBLEM = 600
"""Characters of a fault that are told: it may quote a cell or a list, which may be long."""

_CSV_COLUMNS: dict[str, tuple[str, ...]] = {
    "services": (
        "service",
        "label",
        "level",
        "parent_service",
        "valid_from",
        "valid_to",
        "successor_service",
        "aliases",
    ),
    "categories": ("service", "category", "sub_category", "valid_from", "valid_to", "aliases"),
    "timescales": (
        "procedure",
        "stage",
        "standard_working_days",
        "extended_working_days",
        "clock_start",
        "clock_end",
        "day_count",
        "valid_from",
        "valid_to",
        "source",
    ),
    "time_bands": ("procedure", "stage", "band", "from_days", "to_days", "valid_from", "valid_to"),
    "groupings": ("attribute", "value", "grouping", "group", "valid_from", "valid_to"),
}
_MAY_BE_ABSENT = {
    "aliases",
    "successor_service",
    "valid_from",
    "valid_to",
    "parent_service",
    "level",
    "label",
    "source",
}


def _is_scale(text: str) -> bool:
    """Whether a text is a number by which a figure can be multiplied and still be told from others."""
    try:
        return abs(float(text)) <= _LARGEST_SCALE
    except ValueError:
        return False


def _day(day: date) -> str:
    """A day of a dated row for a message; the far ends are words."""
    return {date.min: "no stated day", date.max: "no stated day"}.get(day, day.isoformat())


class _Folder:
    """Reads one authority's folder and notes what is wrong."""

    def __init__(self, folder: Path, contract: Contract, national: list[dict[str, str]]) -> None:
        self.folder, self.contract, self.national = folder, contract, national
        self.problems: list[str] = []

    def note(self, file: str, problem: str) -> None:
        shown = problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[:_LONGEST_PROBLEM]} ..."
        self.problems.append(f"{show_text(self.folder.name)}/{file}: {shown}")

    def yaml(self, name: str) -> Any:
        try:
            return read_yaml(self.folder / name)
        except FileNotFoundError:
            self.note(name, "the file is missing")
        except YamlProblem as error:
            self.note(name, f"{f'line {error.line}: ' if error.line else ''}{error.problem}")
        return None

    def table(
        self, name: str, columns: tuple[str, ...], optional: Iterable[str] = ()
    ) -> list[dict[str, str]]:
        """Rows of a CSV of the folder, cells trimmed; [] if there is no such file."""
        if not os.path.lexists(self.folder / name):
            return []
        try:
            header, records = read_table(self.folder / name)
        except TableProblem as error:
            self.note(name, str(error))
            return []
        missing = [c for c in columns if c not in header and c not in set(optional)]
        if missing:
            self.note(name, f"columns are missing: {', '.join(missing)}")
            return []
        rows = []
        for line, cells in records:
            if len(cells) != len(header):
                self.note(
                    name,
                    f"line {line} has another number of cells than the header: {len(cells)}, and the header has "
                    f"{len(header)}. A text with a comma in it stands in quotation marks",
                )
                continue
            row = {key: value.strip() for key, value in zip(header, cells, strict=True)}
            if any(row.values()):
                rows.append({c: "" for c in columns} | row | {"_line": str(line)})
        return rows

    def date(self, file: str, row: dict[str, str], column: str) -> date | None:
        text = row.get(column) or ""
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.note(file, f"line {row['_line']}: {column} `{text}` is no date (YYYY-MM-DD)")
            return None

    def number(self, file: str, row: dict[str, str], column: str, required: bool) -> None:
        text = row.get(column) or ""
        if (required and not text) or (text and not re.fullmatch(r"-?[0-9]{1,6}", text)):
            self.note(
                file,
                f"line {row['_line']}: {column} `{shorten(text)}` is no whole number of up to six digits",
            )

    def one_of(self, file: str, row: dict[str, str], column: str, words: tuple[str, ...]) -> None:
        if row.get(column) not in words:
            self.note(
                file, f"line {row['_line']}: {column} `{row.get(column)}` is none of {', '.join(words)}"
            )

    def profile(self) -> dict[str, Any]:
        """`profile.yml`, checked; sound enough to go on with even when something is wrong."""
        raw = self.yaml("profile.yml")
        if not isinstance(raw, dict):
            if not self.problems:
                self.note("profile.yml", "it has the form `key: value`")
            return {
                "name": self.folder.name,
                "case_data_from": date(2000, 4, 1),
                "authority": self.folder.name,
            }
        file = "profile.yml"
        for key in raw:
            if key not in _PROFILE_KEYS:
                self.note(file, f"`{key}` is not known; known are {', '.join(sorted(_PROFILE_KEYS))}")
        if raw.get("authority", self.folder.name) != self.folder.name:
            self.note(
                file, f"authority is `{raw['authority']}`, but the folder is named `{self.folder.name}`"
            )
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.folder.name):
            self.note(file, "the folder's name has small letters, digits and single hyphens only")
        if not isinstance(raw.get("name"), str):
            self.note(file, "name is missing")
            raw["name"] = self.folder.name
        if "synthetic" in raw and not isinstance(raw["synthetic"], bool):
            self.note(file, "synthetic is true or false")
        raw["case_data_from"] = self.as_date(file, "case_data_from", raw.get("case_data_from")) or date(
            2000, 4, 1
        )
        if not _is_path(raw.get("extracts")):
            self.note(file, "extracts is the path of a folder, as text")
            raw["extracts"] = None
        for problem in protection_problems(raw.get("protection")):
            self.note(file, problem)
        for problem in theme_problems(raw.get("theme"), self.folder):
            self.note(file, problem)
        for problem in licence_problems(raw.get("licence")):
            self.note(file, problem)
        for name, value in self.part(raw, "settings").items():
            if name not in SETTINGS:
                self.note(file, f"there is no setting `{name}`; there are {', '.join(SETTINGS)}")
            elif as_word(value) not in SETTINGS[name]:
                self.note(file, f"setting {name} is `{value}`; it may be {', '.join(SETTINGS[name])}")
        retention = self.part(raw, "retention")
        for name in retention:
            if name != "case_data_years":
                self.note(file, f"retention: `{name}` is not known; known is case_data_years")
        years = retention.get("case_data_years", 1)
        if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= 100:
            self.note(
                file, f"retention: case_data_years is `{years}`; it is a whole number of years, 1 to 100"
            )
            raw["retention"] = {}
        for name in self.part(raw, "owners"):
            if name != "default" and name not in self.contract.tables:
                self.note(file, f"owners: `{name}` is no table of the contract")
        return raw

    def part(self, raw: dict, key: str) -> dict:
        value = raw.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note("profile.yml", f"{key} has the form `name: value`")
            raw[key] = {}
            return {}
        return value

    def as_date(self, file: str, key: str, value: Any) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.note(file, f"{key} is missing or no date (YYYY-MM-DD)")
            return None

    def reports(self, profile: dict) -> dict[str, Report]:
        found = {}
        for year, raw in self.part(profile, "reports").items():
            year = str(year)
            try:
                start, end = year_bounds(year)
            except ValueError as error:
                self.note("profile.yml", f"reports: {error}")
                continue
            raw = raw if isinstance(raw, dict) else {}
            for key in raw:
                if key not in _REPORT_KEYS:
                    self.note("profile.yml", f"reports {year}: `{key}` is not known")
            as_at = self.as_date("profile.yml", f"reports {year}: as_at", raw.get("as_at"))
            published = raw.get("published_on")
            found[year] = Report(
                year,
                start,
                end,
                as_at or end,
                str(raw.get("title") or f"Annual report {year}"),
                self.as_date("profile.yml", f"reports {year}: published_on", published)
                if published
                else None,
                str(raw.get("next_release") or ""),
            )
        return found

    def vocabulary(self, name: str, raw: Any) -> Vocabulary:
        """A list of words, a mapping word -> aliases, or the word `open`."""
        if raw == OPEN or raw is None:
            return Vocabulary()
        entries: list[tuple[Any, Any]] = []
        if isinstance(raw, dict):
            entries = list(raw.items())
        elif isinstance(raw, list):
            for word in raw:
                # `- Email: [E-mail]` inside a list is a word with its aliases, as it is in a mapping
                entries += list(word.items()) if isinstance(word, dict) else [(word, ())]
        if not isinstance(raw, (dict, list)):
            self.note("profile.yml", f"vocabulary {name} is a list of words, or the word open")
        words: dict[str, str] = {}
        for word, aliases in entries:
            for alias in [
                word,
                *(aliases if isinstance(aliases, (list, tuple)) else [aliases] if aliases else []),
            ]:
                if isinstance(alias, (dict, list)):
                    self.note(
                        "profile.yml",
                        f"vocabulary {name}: `{alias}` is no word. Write a word with its aliases as "
                        "`Email: [E-mail, Mail]`",
                    )
                    continue
                self.add_word("profile.yml", name, words, as_word(alias), as_word(word))
        return self.closed(
            [as_word(word) for word, _ in entries if not isinstance(word, (dict, list))], words
        )

    @staticmethod
    def closed(
        declared: Iterable[str],
        words: dict[str, str],
        dated: dict[str, tuple[Meaning, ...]] | None = None,
    ) -> Vocabulary:
        """A vocabulary of the declared words and their aliases."""
        unique = tuple(dict.fromkeys(declared))
        folded = Counter(fold(word) for word in unique)
        return Vocabulary(
            unique, {key: word for key, word in words.items() if folded[key] < 2}, False, dated or {}
        )

    def span(self, file: str, row: dict[str, str]) -> tuple[date, date]:
        """First and last day of a row, without limit where blank; an end before its start is noted."""
        start, end = self.date(file, row, "valid_from"), self.date(file, row, "valid_to")
        if start and end and end < start:
            self.note(file, f"line {row['_line']}: valid_to is before valid_from")
            return date.min, date.max
        return start or date.min, end or date.max

    def sequence(
        self,
        file: str,
        rows: list[dict[str, str]],
        keys: tuple[str, ...],
        may_overlap_if_open: bool = False,
        may_have_gap: Iterable[tuple[str, ...]] = (),
    ) -> None:
        """Rows of one key follow one another: no day has two of them, and none between them has none.

        Args:
            file: for the messages.
            rows: rows with valid_from and valid_to.
            keys: columns that say which rows belong together.
            may_overlap_if_open: a row without an end lasts until the next begins.
            may_have_gap: keys for which something else holds on the days between.
        """
        together: dict[tuple[str, ...], list[tuple[date, date, dict[str, str]]]] = {}
        for row in rows:
            together.setdefault(tuple(row[key] for key in keys), []).append((*self.span(file, row), row))
        for key, spans in together.items():
            spans.sort(key=lambda one: one[:2])
            what = ", ".join(f"{name} `{value}`" for name, value in zip(keys, key, strict=True))
            for (start, end, earlier), (next_start, _, later) in itertools.pairwise(spans):
                lines = f"lines {earlier['_line']} and {later['_line']} ({what})"
                if end >= next_start and not (may_overlap_if_open and end == date.max and start < next_start):
                    self.note(
                        file,
                        f"{lines} overlap: the second begins on {_day(next_start)}, and the first ends on "
                        f"{_day(end)}. Give the first a valid_to that is the day before the second begins",
                    )
                elif (next_start - end).days > 1 and end != date.max and key not in set(may_have_gap):
                    self.note(
                        file,
                        f"{lines} leave a gap: the first ends on {_day(end)} and the second begins on "
                        f"{_day(next_start)}. Nothing holds on the days between: let one of them reach the other",
                    )

    def succession(self, row: dict[str, str], successor: dict[str, str] | None) -> None:
        """A service that went into another: the other must be there on the day after."""
        if successor is None or not row["valid_to"] or not successor["valid_from"]:
            return
        file = "services.csv"
        end, start = self.date(file, row, "valid_to"), self.date(file, successor, "valid_from")
        if end and start and (start - end).days > 1:
            self.note(
                file,
                f"line {row['_line']}: `{row['service']}` ends on {end} and its successor "
                f"`{successor['service']}` (line {successor['_line']}) begins on {start}: on the days between "
                "neither is there",
            )

    def undated(
        self, file: str, what: str, meanings: dict[str, list[tuple[str, Meaning]]]
    ) -> tuple[dict[str, str], dict[str, tuple[Meaning, ...]]]:
        """Words that always mean the same, and those whose meaning depends on the day.

        A word with two meanings on one day is noted, unless both are words that differ only in capitals.

        Args:
            file, what: for the messages.
            meanings: folded word or alias -> as it is written, and what it means when.
        """
        words: dict[str, str] = {}
        dated: dict[str, tuple[Meaning, ...]] = {}
        for alias, written in meanings.items():
            found = [meaning for _, meaning in written]
            distinct = {meaning.word for meaning in found}
            clashing = next(
                (
                    (one, other)
                    for one, other in itertools.combinations(found, 2)
                    if one.word != other.word and one.overlaps(other)
                ),
                None,
            )
            if len(distinct) > 1 and clashing is None:
                dated[alias] = tuple(found)
                continue
            words[alias] = found[0].word
            if clashing and any(fold(meaning.word) != alias for meaning in clashing):
                one, other = clashing
                self.note(
                    file,
                    f"{what}: `{written[-1][0]}` stands for both `{one.word}` and `{other.word}`"
                    + (
                        ""
                        if (one.first_day, one.last_day)
                        == (date.min, date.max)
                        == (other.first_day, other.last_day)
                        else f" on {_day(max(one.first_day, other.first_day))}. A word may change its meaning "
                        "where the valid_from and valid_to of its rows do not overlap"
                    ),
                )
        return words, dated

    def add_word(self, file: str, name: str, words: dict[str, str], alias: str, word: str) -> None:
        key = fold(alias)
        if key and words.setdefault(key, word) != word and alias != word:
            self.note(file, f"{name}: `{alias}` stands for both `{words[key]}` and `{word}`")

    def vocabularies(self, profile: dict) -> dict[str, Vocabulary]:
        found: dict[str, Vocabulary] = {}
        closed = {
            f"{table.name}_{column.name}": column.words
            for table in self.contract.tables.values()
            for column in table.fields.values()
            if column.words
        }
        for name, raw in self.part(profile, "vocabularies").items():
            if name in closed:
                for word in raw if isinstance(raw, list) else ():
                    if as_word(word) not in closed[name]:
                        self.note(
                            "profile.yml", f"vocabulary {name}: `{word}` is not one of the contract's words"
                        )
            elif name not in self.contract.vocabularies:
                known = ", ".join(sorted(self.contract.vocabularies))
                self.note("profile.yml", f"there is no vocabulary `{name}`; there are {known}")
            else:
                found[name] = self.vocabulary(name, raw)
        return found

    def services(self, rows: list[dict[str, str]]) -> Vocabulary:
        file = "services.csv"
        names = [row["service"] for row in rows]
        by_name = {row["service"]: row for row in rows}
        meanings: dict[str, list[tuple[str, Meaning]]] = {}
        for row in rows:
            where = f"line {row['_line']}"
            if not row["service"]:
                self.note(file, f"{where}: service is blank")
            if names.count(row["service"]) > 1:
                self.note(file, f"{where}: `{row['service']}` stands more than once")
            for column in ("parent_service", "successor_service"):
                if row[column] and row[column] not in names:
                    self.note(file, f"{where}: {column} `{row[column]}` is no service of this file")
            span = self.span(file, row)
            self.succession(row, by_name.get(row["successor_service"]))
            for alias in (row["service"], *row["aliases"].split("|")):
                if fold(alias):
                    meanings.setdefault(fold(alias), []).append((trim(alias), Meaning(row["service"], *span)))
        for column in ("parent_service", "successor_service"):
            upward = {row["service"]: row[column] for row in rows if row[column]}
            for name in upward:
                seen, at = set(), name
                while at in upward and at not in seen:
                    seen.add(at)
                    at = upward[at]
                if at in seen:
                    self.note(file, f"{column}: `{name}` leads back to itself")
        words, dated = self.undated(file, "aliases", meanings)
        for row in rows:
            if row["label"] and fold(row["label"]) not in dated:
                words.setdefault(fold(row["label"]), row["service"])
        return self.closed(names, words, dated)

    def categories(
        self, rows: list[dict[str, str]], services: Vocabulary
    ) -> tuple[
        Vocabulary, Vocabulary, dict[tuple[str, str], str], dict[tuple[str, str], tuple[Meaning, ...]]
    ]:
        file = "categories.csv"
        categories: dict[str, list[tuple[str, Meaning]]] = {}
        subs: dict[str, str] = {}
        sub_meanings: dict[tuple[str, str], list[tuple[str, Meaning]]] = {}
        for row in rows:
            where = f"line {row['_line']}"
            category, sub = row["category"], row["sub_category"]
            if not category:
                self.note(file, f"{where}: category is blank")
                continue
            if row["service"] and not services.is_open and row["service"] not in services.declared:
                self.note(file, f"{where}: `{row['service']}` is no service of services.csv")
            span = self.span(file, row)
            aliases = [alias for alias in row["aliases"].split("|") if alias.strip()]
            categories.setdefault(fold(category), []).append((category, Meaning(category, *span)))
            for alias in [sub, *aliases] if sub else aliases:
                if sub:
                    sub_meanings.setdefault((category, fold(alias)), []).append(
                        (trim(alias), Meaning(sub, *span))
                    )
                    subs.setdefault(fold(alias), sub)
                else:
                    categories.setdefault(fold(alias), []).append((trim(alias), Meaning(category, *span)))
        words, dated = self.undated(file, "categories", categories)
        pairs: dict[tuple[str, str], str] = {}
        dated_pairs: dict[tuple[str, str], tuple[Meaning, ...]] = {}
        for category in dict.fromkeys(category for category, _ in sub_meanings):
            of_category = {alias: found for (name, alias), found in sub_meanings.items() if name == category}
            plain, changing = self.undated(file, f"sub-categories of {category}", of_category)
            pairs |= {(category, alias): word for alias, word in plain.items()}
            dated_pairs |= {(category, alias): found for alias, found in changing.items()}
        declared = self.closed([row["category"] for row in rows if row["category"]], words, dated)
        return (
            declared,
            Vocabulary(tuple(dict.fromkeys(subs.values())), subs, is_open=False),
            pairs,
            dated_pairs,
        )

    def timescales(self, rows: list[dict[str, str]]) -> None:
        file = "timescales.csv"
        stage = self.contract.tables["stage"].fields
        for row in rows:
            self.one_of(file, row, "procedure", stage["procedure"].words)
            self.one_of(file, row, "stage", stage["stage"].words)
            self.number(file, row, "standard_working_days", True)
            self.number(file, row, "extended_working_days", False)
            self.one_of(file, row, "clock_start", _CLOCK_STARTS)
            self.one_of(file, row, "clock_end", _CLOCK_ENDS)
            self.one_of(file, row, "day_count", _DAY_COUNTS)
        self.sequence(
            file,
            rows,
            ("procedure", "stage"),
            may_overlap_if_open=True,
            may_have_gap=[(row["procedure"], row["stage"]) for row in self.national],
        )

    def time_bands(self, rows: list[dict[str, str]]) -> None:
        file = "time_bands.csv"
        stage = self.contract.tables["stage"].fields
        for row in rows:
            self.one_of(file, row, "procedure", stage["procedure"].words)
            self.one_of(file, row, "stage", stage["stage"].words)
            self.number(file, row, "from_days", True)
            self.number(file, row, "to_days", False)
            if not row["band"]:
                self.note(file, f"line {row['_line']}: band is blank")
        self.sequence(file, rows, ("procedure", "stage", "band"))

    def groupings(self, rows: list[dict[str, str]], vocabularies: dict[str, Vocabulary]) -> None:
        file = "groupings.csv"
        for row in rows:
            for column in ("attribute", "value", "grouping", "group"):
                if not row[column]:
                    self.note(file, f"line {row['_line']}: {column} is blank")
            if not row["attribute"]:
                continue
            self.one_of(file, row, "attribute", GROUPED_ATTRIBUTES)
            field = self.contract.tables["complaint"].fields.get(row["attribute"])
            known = (
                (field.words or vocabularies.get(field.vocabulary, Vocabulary()).declared) if field else ()
            )
            if known and row["value"]:
                self.one_of(file, row, "value", (*known, NOT_KNOWN))
        self.sequence(file, rows, ("attribute", "value", "grouping"))

    def yearly(
        self, pattern: str, columns: tuple[str, ...], optional: Iterable[str]
    ) -> dict[str, list[dict[str, str]]]:
        """Rows of `published/<year>...csv`, by year."""
        found = {}
        for path in self.published_files():
            match = re.fullmatch(pattern, path.name)
            if match:
                name = f"published/{path.name}"
                found[match[1]] = [row | {"_file": name} for row in self.table(name, columns, optional)]
        return found

    def published_files(self) -> list[Path]:
        """What lies in the folder `published`; a folder that cannot be listed is noted."""
        folder = self.folder / "published"
        if not os.path.lexists(folder):
            return []
        try:
            return list_folder(folder)
        except OSError as problem:
            said = f"the folder cannot be read: {why_unreadable(problem)}"
            if not any(noted.endswith(f"/published: {said}") for noted in self.problems):
                self.note("published", said)
            return []

    def printed(self, file: str, rows: list[dict[str, str]]) -> None:
        """Printed figures: each with a ref of its own, and numbers that are numbers."""
        for ref, count in sorted(Counter(row["ref"] for row in rows).items()):
            if count > 1 and ref:
                self.note(file, f"ref `{ref}` stands more than once")
        for row in rows:
            where = f"line {row['_line']}"
            if not row["ref"]:
                self.note(file, f"{where}: ref is blank")
            if not _is_scale(row["scale"] or "1"):
                self.note(file, f"{where}: scale `{row['scale']}` is no number up to {_LARGEST_SCALE:g}")
            if row["value"] and not _PRINTED.fullmatch(row["value"]):
                self.note(
                    file,
                    f"{where}: value `{row['value']}` is no number. Write the digits alone, such as 1234.5; "
                    "what is printed as a sign or in words is left blank, with a note",
                )

    def relations(self, rows: list[dict[str, str]], printed: list[dict[str, str]]) -> None:
        """Registered contradictions: each is about a printed figure, by a relation that can be read."""
        refs = {"r" + row["ref"].rsplit("-", 1)[-1] for row in printed}
        for row in rows:
            problem = relation_problem(row["relation"], refs)
            if problem:
                shown = row["relation"][:120] + (" ..." if len(row["relation"]) > 120 else "")
                self.note(
                    row["_file"], f"line {row['_line']}: the relation `{shown}` cannot be used: {problem}"
                )

    def load(self) -> Authority:
        """The authority; look at `problems` before using it."""
        profile = self.profile()
        reports = self.reports(profile)
        rows = {
            name: self.table(f"{name}.csv", columns, _MAY_BE_ABSENT) for name, columns in _CSV_COLUMNS.items()
        }
        vocabularies = self.vocabularies(profile)
        is_open = (profile.get("vocabularies") or {}).get("service") == OPEN
        if rows["services"]:
            declared = self.services(rows["services"])
            vocabularies["service"] = Vocabulary() if is_open else declared
        pairs: dict[tuple[str, str], str] = {}
        dated_pairs: dict[tuple[str, str], tuple[Meaning, ...]] = {}
        if rows["categories"]:
            services = vocabularies.get("service", Vocabulary())
            vocabularies["category"], vocabularies["sub_category"], pairs, dated_pairs = self.categories(
                rows["categories"], services
            )
        self.timescales(rows["timescales"])
        self.time_bands(rows["time_bands"])
        self.groupings(rows["groupings"], vocabularies)
        mapping = contract_mapping(self.contract)
        if os.path.lexists(self.folder / "mapping.yml"):
            raw = self.yaml("mapping.yml")
            if raw is not None:
                mapping, problems = read_mapping(raw, self.contract)
                self.problems += [f"{self.folder.name}/{problem}" for problem in problems]
        needed = ("ref", "measure", "breakdown", "period", "value", "unit")
        optional = [column for column in PRINTED_COLUMNS.values() if column not in needed]
        published = self.yearly(r"(\d{4}-\d{2})\.csv", tuple(PRINTED_COLUMNS.values()), optional)
        contradictions = self.yearly(
            r"(\d{4}-\d{2})[.-]contradictions\.csv", ("ref", "conflicts_with", "relation", "reason"), ()
        )
        for path in self.published_files():
            if path.name.endswith("-audit.yml"):
                self.yaml(f"published/{path.name}")
        for year, found in published.items():
            self.printed(f"published/{year}.csv", found)
        for year, found in contradictions.items():
            self.relations(found, published.get(year, []))
        return Authority(
            self.folder.name,
            self.folder,
            profile,
            reports,
            mapping,
            vocabularies,
            pairs,
            dated_pairs,
            rows,
            published,
            contradictions,
        )


def load_authority(folder: Path, reference: Path) -> Authority:
    """Read and check one authority's folder.

    Raises:
        AuthorityError: with every fault found.
    """
    national = read_csv(reference / "statutory_timescales.csv")
    reader = _Folder(folder, load_contract(reference), national)
    authority = reader.load()
    if reader.problems:
        raise AuthorityError(reader.problems)
    return authority


def authority_folders(settings: Settings) -> dict[str, Path]:
    """Return the folders that hold a `profile.yml`, by name, in alphabetical order; the first place named wins.

    What lies there under that name need not be a file that can be read: loading says so, and no council goes missing.

    Raises:
        AuthorityError: a place that is named is not there or is no folder, or a folder cannot be looked into.
    """
    found: dict[str, Path] = {}
    problems: list[str] = []
    for place in settings.authorities:
        try:
            if _holds_profile(place):
                found.setdefault(place.name, place)
                continue
            folders = list_folder(place)
        except OSError as problem:
            problems.append(f"{show_text(place)}: the folder cannot be read: {why_unreadable(problem)}")
            continue
        for folder in folders:
            try:
                if _holds_profile(folder):
                    found.setdefault(folder.name, folder)
            except OSError as problem:
                problems.append(f"{show_text(folder)}: the folder cannot be read: {why_unreadable(problem)}")
    if problems:
        raise AuthorityError(problems)
    return dict(sorted(found.items()))


def _is_path(value: Any) -> bool:
    """Whether a value of a profile can be the path of a file; nothing can."""
    try:
        return value is None or (isinstance(value, str) and b"\0" not in os.fsencode(value))
    except UnicodeEncodeError:
        return False


def _holds_profile(folder: Path) -> bool:
    """Whether something named `profile.yml` lies in a folder; raises OSError where that cannot be known."""
    try:
        os.lstat(folder / "profile.yml")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        if problem.errno == errno.ELOOP:  # a link that leads round in a circle is no folder
            return False
        raise
    return True


def load_authorities(settings: Settings, only: list[str] | None = None) -> list[Authority]:
    """Read and check the authorities of this installation.

    Args:
        settings: where the folders are.
        only: names of the ones wanted; all if None.

    Returns:
        One authority per folder, in alphabetical order.

    Raises:
        AuthorityError: with every fault of every folder wanted, and every name that has no folder.
    """
    folders = authority_folders(settings)
    places = ", ".join(show_text(place) for place in settings.authorities)
    problems = [
        f"{show_text(name)}: there is no such authority in {places}"
        for name in only or ()
        if name not in folders
    ]
    loaded = []
    for name, folder in folders.items():
        if only and name not in only:
            continue
        try:
            loaded.append(load_authority(folder, settings.reference))
        except AuthorityError as error:
            problems += error.problems
    if problems:
        raise AuthorityError(problems)
    return loaded
