"""A council's `profile.yml`: the model of the whole file, its one reader, and its JSON Schema.

What the file may hold is said by the models, in `protection`, `theme` and `licence` for those parts. The reader tells each
fault in a plain sentence with its line, leaves out what is at fault, and goes on with the rest, so that one pass over a
folder tells everything.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails

from redress.authority.faults import Faults
from redress.authority.given import (
    Day,
    DayOrNone,
    Group,
    Scalar,
    TextOrNamed,
    Whole,
    Word,
    blank_is_empty,
    told,
)
from redress.authority.licence import Licence
from redress.authority.protection import Protection, ProtectionSection
from redress.authority.theme import Theme, logo_problem
from redress.base.strict_yaml import DEEPEST, Lines, YamlProblem, read_yaml_lines
from redress.contract import figure_catalogue
from redress.contract.contract import Contract
from redress.contract.mapping import as_word

FILE = "profile.yml"
SCHEMA = Path(__file__).resolve().parent / "profile.schema.json"
"""The JSON Schema of a profile, by which an editor completes and checks it; `redress profile-schema` writes it."""
OPEN = "open"

_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")


def year_bounds(reporting_year: str) -> tuple[date, date]:
    """Return the first and last day of a reporting year written `2023-24`.

    Raises:
        ValueError: if it is not written so.
    """
    match = _YEAR.fullmatch(reporting_year)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError(f"`{reporting_year}` is no reporting year such as 2023-24")
    return date(int(match[1]), 4, 1), date(int(match[1]) + 1, 3, 31)


def vocabulary_entries(given: Any) -> list[tuple[Any, list[Any]]]:
    """Return the words of a vocabulary as it is given, each with its aliases; none of an open one."""
    items: list[tuple[Any, Any]] = []
    if isinstance(given, dict):
        items = list(given.items())
    elif isinstance(given, list):
        for word in given:
            # `- Email: [E-mail]` inside a list is a word with its aliases, as it is in a mapping
            items += list(word.items()) if isinstance(word, dict) else [(word, None)]
    return [
        (word, aliases if isinstance(aliases, list) else [aliases] if aliases else [])
        for word, aliases in items
    ]


def _as_given(given: Any) -> Any:
    return given


def _choice(given: Any) -> Any:
    return as_word(given) if isinstance(given, (bool, int, float)) else given


def _reporting_year(given: str) -> str:
    try:
        year_bounds(given)
    except ValueError as error:
        raise told(f"reports: {error}") from error
    return given


def _path(given: str | None) -> str | None:
    if given is not None and b"\0" in os.fsencode(
        given
    ):  # which raises what is a ValueError for half a character
        raise ValueError("no path")
    return given


def _words(given: Any) -> Any:
    if given is not None and given != OPEN and not isinstance(given, (dict, list)):
        raise ValueError("no words")
    unusable = [
        part
        for word, aliases in vocabulary_entries(given)
        for part in (word, *aliases)
        if isinstance(part, (dict, list))
    ]
    if unusable:
        raise told(
            *(
                f"`{part}` is no word. Write a word with its aliases as `Email: [E-mail, Mail]`"
                for part in unusable
            )
        )
    return given


def _blank_is_none(given: Any) -> Any:
    return [] if given is None else given


_Aliases = Scalar | list[Scalar]
_Vocabulary = Annotated[
    Any,
    BeforeValidator(
        _words,
        json_schema_input_type=Literal["open"]
        | list[Scalar | dict[str, _Aliases]]
        | dict[str, _Aliases]
        | None,
    ),
]
_Year = Annotated[Word, AfterValidator(_reporting_year)]


class CountingRules(Group):
    """`settings` of a profile: counting variants that a council may choose; the first word is the default."""

    form: ClassVar[str] = "settings has the form `name: value`"
    unknown: ClassVar[str]
    said: ClassVar[dict[str, str]]

    outcome_share_withdrawn: Annotated[
        Literal["excluding", "including"],
        BeforeValidator(_choice),
        Field(description="Whether withdrawn issues are in the denominator of outcome shares."),
    ] = "excluding"
    outcome_share_direct: Annotated[
        Literal["including", "excluding"],
        BeforeValidator(_choice),
        Field(
            description="Whether issues sent directly to the next stage are in the denominator of outcome shares."
        ),
    ] = "including"
    percent_places: Annotated[
        Literal["0", "1", "2"],
        BeforeValidator(_choice, json_schema_input_type=Literal[0, 1, 2, "0", "1", "2"]),
        Field(description="The decimals that are printed in percentages."),
    ] = "0"
    list_cases: Annotated[
        Literal["no", "yes"],
        BeforeValidator(_choice),
        Field(description="Whether there are figures for each stage 2, stage 3 and Ombudsman case."),
    ] = "no"


_CHOICES = {name: field.annotation.__args__ for name, field in CountingRules.model_fields.items()}  # type: ignore[union-attr]
CountingRules.unknown = f"there is no setting `{{key}}`; there are {', '.join(_CHOICES)}"
CountingRules.said = {
    name: f"setting {name} is `{{value}}`; it may be {', '.join(words)}" for name, words in _CHOICES.items()
}


class ReportEntry(Group):
    """One of the `reports` of a profile."""

    form: ClassVar[str] = "reports {year}: as_at is missing or no date (YYYY-MM-DD)"
    unknown: ClassVar[str] = "reports {year}: `{key}` is not known"
    said: ClassVar[dict[str, str]] = {
        "as_at": form,
        "title": "reports {year}: title is a text",
        "published_on": "reports {year}: published_on is missing or no date (YYYY-MM-DD)",
        "next_release": "reports {year}: next_release is a text",
    }

    as_at: Annotated[
        Day, Field(description="The report uses what was known at the end of this day (YYYY-MM-DD).")
    ]
    title: Annotated[
        Word, Field(description="The report's title. Without it: Annual report and the reporting year.")
    ] = ""
    published_on: Annotated[
        DayOrNone, Field(description="The day on which the report is published (YYYY-MM-DD).")
    ] = None
    next_release: Annotated[
        Word, Field(description="When the next report is to be expected, in words or as a date.")
    ] = ""


class Retention(Group):
    """`retention` of a profile."""

    form: ClassVar[str] = "retention has the form `name: value`"
    unknown: ClassVar[str] = "retention: `{key}` is not known; known is case_data_years"
    said: ClassVar[dict[str, str]] = {
        "case_data_years": "retention: case_data_years is `{value}`; it is a whole number of years, 1 to 100"
    }

    case_data_years: Annotated[
        int | None,
        Whole(1, 100),
        Field(
            description="For how many years after receipt case-level data are kept. Older files, rows and case lists are "
            "removed by the next build; figures, checks and their proofs stay. Without it they are kept for ever."
        ),
    ] = None


class Profile(Group):
    """What a council says of itself: who it is, which reports it makes, and the choices it has made."""

    form: ClassVar[str] = "it has the form `key: value`"
    unknown: ClassVar[str]
    said: ClassVar[dict[str, str]] = {
        "name": "name is missing",
        "short_name": "short_name is a text",
        "synthetic": "synthetic is true or false",
        "case_data_from": "case_data_from is missing or no date (YYYY-MM-DD)",
        "extracts": "extracts is the path of a folder, as text",
        "owners.*": "owners: {key} is a text",
        "contact": "contact is a text, or has the form `team: ...`",
        "feedback": "feedback is a text, or has the form `team: ...`",
        "vocabularies.*": "vocabulary {key} is a list of words, or the word open",
        "not_held": "not_held is a list of tables, columns such as complaint.ethnicity, or measures",
        "not_held.*": "not_held is a list of tables, columns such as complaint.ethnicity, or measures",
    } | {name: f"{name} has the form `name: value`" for name in ("reports", "vocabularies", "owners")}

    authority: Annotated[
        Any,
        BeforeValidator(_as_given, json_schema_input_type=str),
        Field(description="The name of the folder, as a check."),
    ] = None
    name: Annotated[StrictStr, Field(description="The authority's full name, as printed on the report.")]
    short_name: Annotated[
        Word, Field(description="The name where there is little room. Without it, the full name.")
    ] = ""
    synthetic: Annotated[
        StrictBool,
        Field(
            description="True only for made-up demonstration data: pages then say so, and a published demonstration key "
            "makes the pseudonyms."
        ),
    ] = False
    case_data_from: Annotated[
        Day,
        Field(
            description="The first day (YYYY-MM-DD) from which every new complaint is in the extracts as a row of its "
            "own. Figures of earlier years are typed in once, in the extract prior_figure."
        ),
    ]
    reports: Annotated[
        dict[_Year, ReportEntry],
        blank_is_empty(dict[str, ReportEntry]),
        Field(
            description='The reports, by reporting year (1 April to 31 March) such as "2023-24", in quotation marks.'
        ),
    ] = Field(default_factory=dict)
    settings: Annotated[
        CountingRules,
        blank_is_empty(CountingRules),
        Field(description="Choices between named counting rules; the pages say which was chosen."),
    ] = CountingRules()
    vocabularies: Annotated[
        dict[Word, _Vocabulary],
        blank_is_empty(dict[str, _Vocabulary]),
        Field(
            description="Words that are the authority's own, by the name of the vocabulary. A list is closed: any other "
            "word is quarantined with its row. A word may have aliases, as in `Email: [E-mail, Mail]`. `open` accepts "
            "every word."
        ),
    ] = Field(default_factory=dict)
    owners: Annotated[
        dict[Word, Word],
        blank_is_empty(dict[str, Scalar]),
        Field(
            description="Who puts a fault right, by contract table; `default` for the tables that are not named. Their "
            "names stand beside each fault."
        ),
    ] = Field(default_factory=dict)
    contact: Annotated[
        TextOrNamed,
        Field(
            description="Whom readers may ask: a text, or parts such as team and email, printed in a line."
        ),
    ] = ""
    feedback: Annotated[
        TextOrNamed, Field(description="How readers may say what was missing or hard to follow.")
    ] = ""
    not_held: Annotated[
        list[Word],
        BeforeValidator(_blank_is_none, json_schema_input_type=list[Scalar] | None),
        Field(
            description="What the council does not record: tables of the contract (`compliment`), columns of one "
            "(`complaint.ethnicity`) or measures. Pages then say so, and not that there were none."
        ),
    ] = Field(default_factory=list)
    extracts: Annotated[
        StrictStr | None,
        AfterValidator(_path),
        Field(description="The drop folder, if it is not the folder extracts beside this file."),
    ] = None
    retention: Annotated[
        Retention,
        blank_is_empty(Retention),
        Field(description="How long case-level data are kept, by the council's own retention schedule."),
    ] = Retention()
    protection: Annotated[
        ProtectionSection | None,
        Field(description="Which small numbers are suppressed; docs/protection.md explains each setting."),
    ] = None
    theme: Annotated[Theme | None, Field(description="The council's colour and logo on its pages.")] = None
    licence: Annotated[
        Licence | None,
        Field(
            description="The licence under which the report's data may be used again. Without it the pages name the Open "
            "Government Licence, unless the council says otherwise."
        ),
    ] = None


Profile.unknown = f"`{{key}}` is not known; known are {', '.join(sorted(Profile.model_fields))}"

_GROUPS: dict[tuple[str, ...], type[Group]] = {
    (): Profile,
    ("settings",): CountingRules,
    ("reports", "*"): ReportEntry,
    ("retention",): Retention,
    ("protection",): ProtectionSection,
    ("protection", "internal"): Protection,
    ("theme",): Theme,
    ("licence",): Licence,
}
_Place = tuple[str, ...]


def read_profile(folder: Path, contract: Contract, faults: Faults) -> tuple[Profile, Lines]:
    """Return the profile of a folder, and the lines of its parts; a profile at fault comes without what is at fault.

    Args:
        folder: the authority's folder.
        contract: says which tables there are.
        faults: where faults are noted.
    """
    nameless = Profile(name=folder.name, case_data_from=date(2000, 4, 1))
    raw, lines = _read(folder, faults)
    if raw is None:
        return nameless, lines
    found = _unknown_names(raw, contract)
    profile = _judge(raw, nameless, found)
    if "authority" in profile.model_fields_set and profile.authority != folder.name:
        found.append(
            (("authority",), f"authority is `{profile.authority}`, but the folder is named `{folder.name}`")
        )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder.name):
        found.append(((), "the folder's name has small letters, digits and single hyphens only"))
    if profile.theme and profile.theme.logo and (problem := logo_problem(profile.theme.logo, folder)):
        found.append((("theme", "logo"), problem))
    for place, sentence in sorted(dict.fromkeys(found), key=lambda fault: line_of(lines, fault[0]) or 0):
        faults.note(FILE, sentence, line_of(lines, place))
    return profile, lines


def has_protection(path: Path, section: ProtectionSection | None) -> bool:
    """Return whether the profile that was signed with a report protects as this section does.

    Settings that there are not any more are others.

    Raises:
        YamlProblem: the file cannot be read.
    """
    raw, _ = read_yaml_lines(path)
    signed = (raw or {}).get("protection")
    try:
        return section == (None if signed is None else ProtectionSection.model_validate(signed))
    except ValidationError:
        return False


def line_of(lines: Lines, place: Iterable[str]) -> int | None:
    """Return the line of a place of the file, or of the nearest thing around it that has one."""
    place = tuple(place)
    return next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)


class _Schema(GenerateJsonSchema):
    """Writes no title for a key, which would only repeat it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return that none is set."""
        return False


def profile_schema(contract: Contract) -> dict[str, Any]:
    """Return the JSON Schema of a profile, with the names of the contract's tables and vocabularies."""
    schema = Profile.model_json_schema(schema_generator=_Schema)
    tables = {table.name: table.description for table in contract.tables.values()}
    _name_entries(schema, "owners", {"default": "Whoever is named here keeps all other tables."} | tables)
    columns: dict[str, list[str]] = {}
    for table in contract.tables.values():
        for column in table.fields.values():
            if name := f"{table.name}_{column.name}" if column.words else column.vocabulary:
                columns.setdefault(name, []).append(f"{table.name}.{column.name}")
    words = {name: f"The words of {', '.join(columns[name])}." for name in sorted(columns)}
    _name_entries(schema, "vocabularies", words)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _name_entries(schema: dict[str, Any], group: str, entries: dict[str, str]) -> None:
    """Let a group have these entries and no others, each with its description."""
    [named] = [kind for kind in schema["properties"][group]["anyOf"] if kind.get("type") == "object"]
    kind = f"{group.capitalize()}Entry"
    schema["$defs"][kind] = named["additionalProperties"]
    named["properties"] = {
        name: {"$ref": f"#/$defs/{kind}", "description": text} for name, text in entries.items()
    }
    named["additionalProperties"] = False


def schema_text(contract: Contract) -> str:
    """Return the JSON Schema of a profile as it is shipped in `SCHEMA`."""
    return json.dumps(profile_schema(contract), indent=2, ensure_ascii=False) + "\n"


def vocabulary_names(contract: Contract) -> set[str]:
    """Return the names of all vocabularies that a profile may list: the council's own, and those that the contract closes."""
    return contract.vocabularies | set(closed_vocabularies(contract))


def closed_vocabularies(contract: Contract) -> dict[str, tuple[str, ...]]:
    """Return the words of each vocabulary that the contract closes: a profile may repeat them and add none."""
    return {
        f"{table.name}_{column.name}": column.words
        for table in contract.tables.values()
        for column in table.fields.values()
        if column.words
    }


def _read(folder: Path, faults: Faults) -> tuple[dict[Any, Any] | None, Lines]:
    """Return what the file holds and the lines of its parts; None where it holds nothing that could be judged."""
    try:
        raw, lines = read_yaml_lines(folder / FILE)
    except FileNotFoundError:
        faults.note(FILE, "the file is missing")
    except YamlProblem as error:
        faults.note(FILE, error.problem, error.line)
    else:
        if isinstance(raw, dict):
            return raw, lines
        faults.note(FILE, Profile.form)
    return None, {}


def _unknown_names(raw: dict[Any, Any], contract: Contract) -> list[tuple[_Place, str]]:
    """Return a fault for each table and each vocabulary of the profile that the contract does not have."""
    vocabularies = ", ".join(sorted(contract.vocabularies))
    known = {"owners": {"default", *contract.tables}, "vocabularies": vocabulary_names(contract)}
    said = {
        "owners": "owners: `{}` is no table of the contract",
        "vocabularies": f"there is no vocabulary `{{}}`; there are {vocabularies}",
    }
    return _unknown_not_held(raw, contract) + [
        ((group, as_word(name)), said[group].format(as_word(name)))
        for group, names in known.items()
        for name in (raw[group] if isinstance(raw.get(group), dict) else ())
        if as_word(name) not in names
    ]


def _unknown_not_held(raw: dict[Any, Any], contract: Contract) -> list[tuple[_Place, str]]:
    """Return a fault for each thing that is not held and that the contract and the figure catalogue do not have."""
    columns = {f"{table.name}.{column}" for table in contract.tables.values() for column in table.fields}
    known = {*contract.tables, *columns, *figure_catalogue.units()}
    given = raw.get("not_held")
    return [
        (
            ("not_held", str(position)),
            f"not_held: `{as_word(name)}` is no table of the contract, no column such as complaint.ethnicity, and no measure",
        )
        for position, name in enumerate(given if isinstance(given, list) else ())
        if not isinstance(name, (dict, list)) and as_word(name) not in known
    ]


def _judge(raw: dict[Any, Any], nameless: Profile, found: list[tuple[_Place, str]]) -> Profile:
    """Add the faults of a profile, each with its place, to those found; return it without what is at fault.

    Of what stands under a name that is itself at fault nothing more is said.
    """
    errors = _errors(raw)
    misnamed = {place for place, _ in found} | {_place(error) for error in errors if "[key]" in error["loc"]}
    for error in errors:
        place = _place(error)
        if "[key]" in error["loc"] or not any(place[: len(name)] == name for name in misnamed):
            found += [(place, sentence) for sentence in _sentences(error)]
    whole: dict[str, Any] = {as_word(key): value for key, value in raw.items()}
    for place in misnamed:
        _leave_out(whole, place)
    for _ in range(DEEPEST):  # what cannot be without the part that was left out is left out next
        for error in errors:
            _leave_out(whole, _place(error)[: -1 if error["type"] == "missing" else None])
        for key in ("name", "case_data_from"):
            whole.setdefault(key, getattr(nameless, key))
        if not (errors := _errors(whole)):
            return Profile.model_validate(whole)
    return nameless


def _errors(raw: dict[Any, Any]) -> list[ErrorDetails]:
    try:
        Profile.model_validate(raw)
    except ValidationError as refusal:
        return refusal.errors()
    return []


def _place(error: ErrorDetails) -> _Place:
    return tuple(as_word(part) for part in error["loc"] if part != "[key]")


def _leave_out(group: Any, place: _Place) -> None:
    """Take what lies at a place out of a group, or what lies around it and cannot be without it."""
    for depth, key in enumerate(place, start=1):
        held = {as_word(name): name for name in group}
        if key not in held:
            return
        inner = group[held[key]]
        if depth == len(place) or not isinstance(inner, dict):
            del group[held[key]]
            return
        group = inner


def _sentences(error: ErrorDetails) -> list[str]:
    """Return what is said of one error that pydantic found."""
    place = _place(error)
    at = tuple("*" if depth == 1 and place[0] == "reports" else part for depth, part in enumerate(place))
    unknown = error["type"] == "extra_forbidden"
    depth = max(n for n in range(len(at) + (0 if unknown else 1)) if at[:n] in _GROUPS)
    group, rest = _GROUPS[at[:depth]], at[depth:]
    before = ""
    if error["type"] == "told":
        sentences = list(error["ctx"]["sentences"])
        before = f"vocabulary {place[1]}: " if at[0] == "vocabularies" else ""
    elif at == ("protection", "internal", "internal"):
        return [group.form]
    elif unknown:
        sentences = [group.unknown]
    else:
        sentences = [_said(group, rest)]
    if at[:2] == ("protection", "internal") and rest:
        before = "`protection: internal`: "
    if error["type"] != "told":
        year = place[1] if at[:2] == ("reports", "*") else ""
        key = place[-1] if place else ""
        sentences = [sentence.format(key=key, value=error["input"], year=year) for sentence in sentences]
    return [before + sentence for sentence in sentences]


def _said(group: type[Group], rest: _Place) -> str:
    if not rest:
        return group.form
    name = rest[0] if len(rest) == 1 or f"{rest[0]}.*" not in group.said else f"{rest[0]}.*"
    return group.said[name]
