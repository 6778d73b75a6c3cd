"""A council's folder drafted from its files: the mapping, the words of its own, its year, on top of the scaffold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from rapidfuzz import fuzz

from redress.authority import template
from redress.authority.left_open import GUESS, QUESTION, guesses, questions
from redress.authority.profile import year_bounds
from redress.base.errors import ConfigurationProblem
from redress.base.tables import write_csv
from redress.contract.contract import Contract
from redress.contract.values import fold
from redress.draft.columns import Column, columns_of
from redress.draft.drafted import Drafted, Filled, Findings
from redress.draft.log import draft_log
from redress.draft.mapping_text import mapping_text
from redress.draft.opened import Opened, only_undecided, open_file, with_joined
from redress.draft.shapes import Shape, shape_of
from redress.draft.sources import SourceDraft, source_id
from redress.draft.yaml_text import flow, scalar
from redress.intake.names import names_in, speaks_of_person

_ALIKE = 90
"""How alike two words are of which one may be the other misspelt, of 100."""


@dataclass
class Draft:
    """What was drafted.

    Attributes:
        folder: the council's folder.
        lines: what a person should read, in order.
    """

    folder: Path
    lines: list[str] = field(default_factory=list)


def draft(
    slug: str, files: Sequence[Path], into: Path, contract: Contract, today: date, given_names: frozenset[str]
) -> Draft:
    """Write a council's folder as far as its files tell what belongs in it.

    Args:
        slug: the authority's name in small letters.
        files: its exports, any that intake reads. They are read and not copied.
        into: the folder of authorities.
        contract: which tables and columns there are.
        today: the day as at which the first report is proposed.
        given_names: common given names, by which words are looked through before they are written down.

    Raises:
        ConfigurationProblem: the folder is there already, a file cannot be opened, or no file holds a table.
    """
    if not template.SLUG.fullmatch(slug) or (into / slug).exists():
        template.create(slug, into)  # says what is wrong
    tables: list[Opened] = []
    told: list[str] = []
    for path in files:
        opened, problems = open_file(path)
        tables += opened
        told += problems
    tables = _joined(tables, contract)
    if not tables:
        raise ConfigurationProblem(
            "No file holds a table that can be read.", "whoever exports the files", told
        )
    found = Findings(contract, _names(tables, given_names), given_names)
    taken: set[str] = set()
    drafted: list[Drafted] = []
    for same in _of_one_shape(tables):
        maker = SourceDraft(_together(same), source_id(same[0], taken), found)
        source = maker.make(draft_log)
        source.keys[:0] = _where_from(same)
        sheets = list(dict.fromkeys(table.sheet_name for table in same))
        if len(sheets) > 1:
            source.keys = [
                Filled("sheets", flow(sheets)) if key.name == "sheet" else key for key in source.keys
            ]
        drafted.append(source)
        told.append(_summary(source))
    folder = template.create(slug, into)
    names = list(dict.fromkeys(path.name for path in files))
    (folder / "mapping.yml").write_text(mapping_text(drafted, found.lists, names), encoding="utf-8")
    notes = _write_words(folder, found)
    _write_profile(folder, found, today, notes)
    return Draft(folder, [*told, *_left(folder, slug, found)])


def _joined(tables: Sequence[Opened], contract: Contract) -> list[Opened]:
    """Return the tables with those sheets of a workbook put together that hold parts of the same records.

    They do where they are of one kind, each has a row for a record at most, and all records of the others are in the first.
    """
    shapes = {id(table): shape_of(table, contract) for table in tables}
    kept: list[Opened] = []
    for path in dict.fromkeys(table.path for table in tables):
        sheets = [table for table in tables if table.path == path]
        parts = _received_and_decided(sheets, shapes)
        if parts:
            kept += parts
            continue
        bases = [table for table in sheets if _has_day(shapes[id(table)], contract)]
        base = max(bases, key=lambda table: table.sheet.received, default=None)
        others: list[tuple[Opened, str]] = []
        for table in sheets if base else ():
            key = _common_key(base, table) if base and table is not base else ""
            if base and key and shapes[id(table)].kind in (shapes[id(base)].kind, ""):
                others.append((table, key))
        gone = [id(table) for table, _ in others]
        kept += [
            with_joined(table, others) if table is base and others else table
            for table in sheets
            if id(table) not in gone
        ]
    return kept


def _received_and_decided(sheets: Sequence[Opened], shapes: Mapping[int, Shape]) -> list[Opened]:
    """Return the Ombudsman's workbook as what was decided and what is not decided yet; nothing where it is none.

    What was decided in a year was received in it or before, so neither sheet holds all of the other. Sheets with more about
    decisions are joined to these.
    """
    own = {id(table): shapes[id(table)].matches for table in sheets if shapes[id(table)].kind == "ombudsman"}
    decided = [table for table in sheets if "ombudsman.decision" in own.get(id(table), {})]
    later = {"ombudsman.decision", "ombudsman.decided_date", "ombudsman.remedies_complied_date"}
    received = [
        table
        for table in sheets
        if "ombudsman.received_date" in own.get(id(table), {}) and later.isdisjoint(own[id(table)])
    ]
    if len(decided) != 1 or len(received) != 1 or "ombudsman.ombudsman_id" not in own[id(decided[0])]:
        return []
    [first], [second] = decided, received
    matches = own[id(first)]
    key, decision = matches["ombudsman.ombudsman_id"].column, matches["ombudsman.decision"].column
    if not _has_key(second, key):
        return []
    others = [
        table
        for table in sheets
        if table not in (first, second)
        and shapes[id(table)].kind in ("ombudsman", "")
        and _has_key(table, key)
    ]
    rest = [table for table in sheets if table not in (first, second, *others)]
    if "ombudsman.received_date" not in matches:
        others.append(second)
    decisions = with_joined(first, [(table, key.heading) for table in others]) if others else first
    decisions.is_of_a_year = True
    return [
        decisions,
        only_undecided(with_joined(second, [(first, key.heading)]), first, decision.heading),
        *rest,
    ]


def _has_key(table: Opened, key: Column) -> bool:
    """Return whether a sheet has a column of the key's heading, of which some cells are the key's."""
    known = set(map(fold, key.values))
    return any(
        fold(column.heading) == fold(key.heading) and not known.isdisjoint(map(fold, column.values))
        for column in table.columns
    )


def _has_day(shape: Shape, contract: Contract) -> bool:
    return bool(shape.main) and f"{shape.main}.{contract.tables[shape.main].day}" in shape.matches


def _common_key(base: Opened, other: Opened) -> str:
    """Return the heading by which each record of a sheet is one of another's; empty where there is none."""
    own = {fold(column.heading): column for column in base.columns if column.heading and column.is_unique}
    for column in other.columns:
        twin = own.get(fold(column.heading))
        known = set(map(fold, twin.values)) if twin else set()
        shared = sum(fold(text) in known for text in column.values)
        if twin and len(column.values) >= 0.9 * column.filled > 0 and shared >= 0.8 * len(column.values):
            same = [fold(heading) for heading in base.sheet.header] == [fold(h) for h in other.sheet.header]
            return "" if same else twin.heading
    return ""


def _names(tables: Iterable[Opened], given_names: frozenset[str]) -> set[str]:
    """Return the forms of the names that stand where a heading speaks of a person, and of cells that look like names.

    Words that repeat look like names and are none (Street Scene), unless most of them have a common given name in them,
    or the heading speaks of a person.
    """
    forms: set[str] = set()
    for table in tables:
        for column in table.columns:
            in_parts = speaks_of_person(column.heading) and not column.is_vocabulary
            if column.is_vocabulary:
                given = sum(not given_names.isdisjoint(fold(text).split()) for text in column.values)
                is_of_people = speaks_of_person(column.heading) and column.share_names > 0.8
                are_names = is_of_people or given * 2 > len(column.values)
            else:
                are_names = in_parts or column.share_names > 0.6
            for text in column.values if are_names else ():
                forms |= names_in(text, in_parts)
    return forms


def _of_one_shape(tables: Iterable[Opened]) -> list[list[Opened]]:
    """Return tables by their headings: those of several files or sheets with the same ones are one source."""
    groups: dict[tuple[object, ...], list[Opened]] = {}
    for table in tables:
        key = (
            table.path.suffix.lower(),
            str(sorted(table.reading.items(), key=str)),
            *map(fold, table.sheet.header),
        )
        groups.setdefault(key, []).append(table)
    return list(groups.values())


def _together(same: Sequence[Opened]) -> Opened:
    """Return tables of one shape as one."""
    first = same[0]
    if len(same) == 1:
        return first
    frame = pl.concat([table.sheet.frame for table in same])
    sheet = type(first.sheet)(first.sheet.header, frame, sum(table.sheet.received for table in same))
    return Opened(
        first.path, first.sheet_name, first.reading, sheet, first.is_one_of_several, columns_of(sheet)
    )


def _where_from(same: Sequence[Opened]) -> list[Filled]:
    """Return the keys that say which files and sheets a source is in, and what is the scope of each."""
    paths = list(dict.fromkeys(table.path.name for table in same))
    if len(paths) == 1:
        pattern = re.sub(r"\d+", "*", paths[0])
        pattern = re.sub(r"\*[-_ .]*(?:\*[-_ .]*)*\*", "*", pattern)
        keys = [Filled("files", scalar(pattern, True))]
        if same[0].is_of_a_year and re.search(r"\d{4}", paths[0]):
            told = f"{GUESS} each file holds the decisions of its year"
            keys.append(Filled("scope", scalar("(\\d{4}(?:-\\d{2})?)", True), told))
    else:
        start, end = _common(paths), _common([name[::-1] for name in paths])[::-1]
        end = (
            end[-(min(map(len, paths)) - len(start)) :]
            if len(start) + len(end) > min(map(len, paths))
            else end
        )
        keys = [
            Filled("files", scalar(f"{start}*{end}", True)),
            Filled(
                "scope",
                scalar(f"^{re.escape(start)}(.*){re.escape(end)}$", True),
                f"{GUESS} each file holds its own records",
            ),
        ]
    if any(table.sheet.merged for table in same):
        told = f"{GUESS} cells are merged over several records, and each has the value"
        keys.append(Filled("fill_merged", "true", told))
    return keys


def _common(names: Sequence[str]) -> str:
    start = 0
    while all(len(name) > start and name[start] == names[0][start] for name in names):
        start += 1
    return names[0][:start]


def _summary(source: Drafted) -> str:
    shape, opened = source.shape, source.opened
    if not source.keys or source.blocks[0].table == f'"{QUESTION}"':
        return f"{opened.name}: it was not recognised; mapping.yml lists its columns."
    tables = ", ".join(dict.fromkeys(block.table for block in source.blocks))
    left = f", {source.left_out} left out as other departments'" if source.left_out else ""
    headed = [column for column in opened.columns if column.heading]
    rival = f" It might be {shape.rival} too." if shape.rival else ""
    return (
        f"{opened.name}: {opened.sheet.received + source.left_out} records{left}; feeds {tables}; {len(shape.used)} of {len(headed)} "
        f"columns are used.{rival}"
    )


def _left(folder: Path, slug: str, found: Findings) -> list[str]:
    asked, guessed = len(list(questions(folder))), len(list(guesses(folder)))
    hidden = sum(word_list.hidden for word_list in found.lists.values()) + sum(found.hidden.values())
    lines = [f"Written: {folder}", f'Left to choose: {asked} ("?"). Guessed, to be confirmed: {guessed}.']
    if hidden:
        lines.append(f"{hidden} words were not written down: there are many, or they may name somebody.")
    year = _year(found)
    received = date.today().isoformat()
    return [
        *lines,
        f"Now look through {folder / 'mapping.yml'} and profile.yml, put the files into "
        f"{folder / 'extracts' / year / received}, and run: redress check {slug}",
    ]


# what stands beside the mapping


def merged(counted: Counter[str]) -> dict[str, list[str]]:
    """Return each word with others that seem to be the same, written otherwise: the most frequent is the word."""
    kept: dict[str, list[str]] = {}
    for word, _ in counted.most_common():
        twin = next((other for other in kept if is_same(word, other)), None)
        if twin is None:
            kept[word] = []
        else:
            kept[twin].append(word)
    return kept


def is_same(first: str, second: str) -> bool:
    """Return whether two words seem to be one, written otherwise; words that differ in a number or a letter alone are two."""
    if fold(first) == fold(second):
        return True
    plain = [re.sub(r"[^a-z0-9 ]", " ", fold(text).replace("&", " and ")).split() for text in (first, second)]
    if "".join(plain[0]) == "".join(plain[1]):
        return True
    apart = set(plain[0]) ^ set(plain[1])
    if any(any(c.isdigit() for c in part) or len(part) < 3 for part in apart):
        return False
    if apart and apart <= {"team", "teams", "service", "services", "the"}:
        return True
    if len(plain[0]) != len(plain[1]):
        return False
    pairs = [(a, b) for a, b in zip(*plain, strict=True) if a != b]
    return (
        len(pairs) == 1
        and min(map(len, pairs[0])) >= 5
        and fuzz.ratio(*pairs[0]) >= 85
        and fuzz.ratio(first, second) >= _ALIKE
    )


def _write_words(folder: Path, found: Findings) -> list[str]:
    """Write services.csv and categories.csv; return guesses to be noted."""
    notes = []
    words = found.vocabularies.get("service", Counter())
    services = merged(Counter({word: n for word, n in words.items() if any(map(str.isalpha, word))}))
    if sums := sorted(word for word in words if not any(map(str.isalpha, word))):
        notes.append(
            f"services.csv: {', '.join(sums[:5])} stand where teams do and are not written down as teams: they look like sums"
        )
    header = (folder / "services.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    if found.hidden["service"]:
        notes.append(
            f"services.csv: {found.hidden['service']} words of teams are not written down, since they may name somebody"
        )
    rows = [
        dict.fromkeys(header, "")
        | {"service": word, "label": word, "level": "team", "aliases": "|".join(aliases)}
        for word, aliases in sorted(services.items())
        if "|" not in word
    ]
    write_csv(folder / "services.csv", header, [[row[name] for name in header] for row in rows])
    notes += [
        f"services.csv: {word} is taken to be {', '.join(aliases)} too"
        for word, aliases in services.items()
        if aliases
    ]
    header = (folder / "categories.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    write_csv(folder / "categories.csv", header, [])
    if "corporate" not in {
        meaning for listed in found.lists.values() for meaning, _ in listed.entries.values()
    }:
        header = (folder / "timescales.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        write_csv(folder / "timescales.csv", header, [])
    else:
        notes.append(
            "timescales.csv: corporate complaints are answered in 10 working days, 20 where extended or at stage 2"
        )
    return notes


def _year(found: Findings) -> str:
    """Return the newest reporting year of which there is more than a beginning."""
    most = max(found.days.values(), default=0)
    years = [year for year, n in found.days.items() if n >= 0.25 * most]
    return max(years, default="2024-25")


def _write_profile(folder: Path, found: Findings, today: date, notes: Collection[str]) -> None:
    path = folder / "profile.yml"
    text = path.read_text(encoding="utf-8")
    most = max(found.days.values(), default=0)
    year = _year(found)
    first_year = min((name for name, n in found.days.items() if n >= 0.25 * most), default=year)
    counted = ", ".join(f"{name} {n}" for name, n in sorted(found.days.items()))
    start, end = year_bounds(first_year)[0], year_bounds(year)[1]
    as_at = max(today, end)
    text = _replaced(
        text,
        r"^case_data_from: .*$",
        f"case_data_from: {start}  {GUESS} records by year: {counted or 'none'}",
    )
    text = _replaced(
        text,
        r'^  "2024-25":\n(    .*\n)+',
        f'  "{year}":  {GUESS} the newest year of which there is more than a beginning\n'
        f"    as_at: {as_at}  {GUESS} the day of the draft: files received after it are not in the report\n"
        f"    title: Children's services complaints and compliments {year}\n",
    )
    words = [f"  # {GUESS[2:]} {note}" for note in notes]
    text = _replaced(
        text, r"^vocabularies:\n(  .*\n)+", "\n".join(["vocabularies:", *_vocabularies(found), *words]) + "\n"
    )
    path.write_text(text, encoding="utf-8")
    written = folder / "report" / "2024-25"
    if year != "2024-25" and written.is_dir():
        written.rename(folder / "report" / year)


def _replaced(text: str, pattern: str, by: str) -> str:
    changed, times = re.subn(pattern, lambda _: by, text, count=1, flags=re.MULTILINE)
    if not times:
        raise ValueError(f"the scaffold's profile has no {pattern}")
    return changed


def _vocabularies(found: Findings) -> list[str]:
    """Return the lines of the council's own vocabularies."""
    lines = []
    for name, counted in found.vocabularies.items():
        if name == "service":
            continue
        if found.hidden[name] or len(counted) > 40 or not counted:
            hidden = f"; {found.hidden[name]} may name somebody" if found.hidden[name] else ""
            lines.append(f"  {name}: open  # {len(counted)} words were seen{hidden}")
            continue
        lines.append(f"  {name}:")
        for word, aliases in merged(counted).items():
            if aliases:
                listed = ", ".join(scalar(alias, True) for alias in aliases)
                lines.append(f"    - {scalar(word, True)}: [{listed}]  {GUESS} they seem to be one word")
            else:
                n = counted[word]
                lines.append(f"    - {scalar(word)}  # {n} {'row' if n == 1 else 'rows'}")
    return lines or ["  theme: open"]
