"""Which tables of the contract a table of a file feeds, and which column fills which: by headings and by what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from redress.contract.contract import IDENTIFIER, TEXT, Contract, Field
from redress.draft.columns import Column
from redress.draft.headings import Target, heading_score, stage_of, targets, tokens, worded_stage_of
from redress.draft.opened import Opened
from redress.draft.words import share_likely, share_understood

ENOUGH = 0.55
"""A column that comes less near to a target than this fills nothing."""
CERTAIN = 0.93
"""A column that comes nearer than this is no guess."""
_BY_VALUES = 0.62
_KIND_WORDS = {
    "cases": "complaint case casework statutory corporate representation stage",
    "issues": "point issue element allegation",
    "compliments": "compliment thanks thank praise plaudit positive",
    "ombudsman": "ombudsman",
    "actions": "action tracker improvement plan",
    "learning": "learning lesson form",
    "contacts": "enquiry contact mp councillor member comment",
    "satisfaction": "satisfaction survey questionnaire",
    "mediation": "mediation",
    "activity": "activity statistic population denominator caseload volume",
    "prior": "prior previous historic",
}
_MAIN = {
    "cases": "complaint",
    "issues": "issue",
    "compliments": "compliment",
    "ombudsman": "ombudsman",
    "actions": "action",
    "learning": "learning",
    "contacts": "contact",
    "satisfaction": "satisfaction",
    "mediation": "mediation",
    "activity": "activity",
    "prior": "prior_figure",
}
"""Kind of table -> the contract's table that has a row for each of its records."""
_LONG_TEXTS = ("complaint.free_text", "compliment.quote", "action.agreed", "action.said")
_TELLING = {"responded_date", "outcome", "requested_date", "panel_date"}
"""Columns of a stage by which a heading that names it with a word alone is believed."""
_NO_NAMES = ("service", "theme", "category", "ethnicity", "channel", "question", "answer")
"""Columns of words that look like names and are none: Early Help, White British."""
_NAME_WORDS = {"name", "forename", "surname", "firstname", "lastname", "initials"}
_CASE_WORDS = {"case", "complaint", "feedback"}
_YES_AND_NO = {"y", "n", "yes", "no", "true", "false", "0", "1", "not known", "unknown"}
_JOB = re.compile(
    r"\b(?:manager|head|lead|director|officer|co-?ordinator|principal|chair|practitioner)\b(?!.*\b(?:team|service)s?$)",
    re.IGNORECASE,
)
_COMMON = re.compile(
    r"_id$|service|category|^theme$|received_date|^outcome$|^value$|^source$|^kind$|free_text|closed_date|channel"
)


@dataclass(frozen=True)
class Match:
    """A column that fills a column of the contract, with how near it comes."""

    column: Column
    target: Target
    score: float
    by_values: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether it is no guess."""
        return self.score >= CERTAIN and not self.by_values


@dataclass
class Shape:
    """What a table of a file seems to be.

    Attributes:
        kind: cases, compliments, ...; empty where it is nothing that is known.
        main: the contract's table that has a row for each record.
        matches: target's name -> the column that fills it.
        stages: number of a stage -> column of the contract's stages -> the column that fills it.
        questions: columns of which each is a question of a survey, and its cells the answers.
        sure: how much speaks for the kind.
        rival: the kind that comes next where it comes near; empty otherwise.
    """

    kind: str = ""
    matches: dict[str, Match] = field(default_factory=dict)
    stages: dict[int, dict[str, Match]] = field(default_factory=dict)
    questions: list[Column] = field(default_factory=list)
    sure: float = 0.0
    rival: str = ""

    @property
    def main(self) -> str:
        """The contract's table that has a row for each record."""
        return _MAIN.get(self.kind, "")

    def column(self, target: str) -> Column | None:
        """Return the column that fills a column of the contract."""
        match = self.matches.get(target)
        return match.column if match else None

    @property
    def used(self) -> set[int]:
        """Positions of the columns that fill something."""
        found = {match.column.position for match in self.matches.values()}
        found |= {column.position for column in self.questions}
        return found | {match.column.position for group in self.stages.values() for match in group.values()}


def shape_of(opened: Opened, contract: Contract) -> Shape:
    """Return what a table of a file seems to be; a shape without a kind where nothing comes near."""
    columns = [column for column in opened.columns if column.heading]
    shapes = [_shape(kind, opened, columns, contract) for kind in _MAIN]
    first, second = sorted(shapes, key=lambda shape: -shape.sure)[:2]
    if first.sure < 1.0:
        return Shape()
    if second.sure > first.sure - 0.5 and second.sure >= 1.0:
        first.rival = second.kind
    return first


def _shape(kind: str, opened: Opened, columns: Sequence[Column], contract: Contract) -> Shape:
    stages = _stage_groups(columns, contract) if kind == "cases" else {}
    grouped = {match.column.position for group in stages.values() for match in group.values()}
    free = [column for column in columns if column.position not in grouped]
    own = [target for target in targets() if target.kind == kind]
    matches = _assign(free, own, contract)
    matches += _first_day(_MAIN[kind], free, own, matches, contract)
    stages, matches = _with_a_first(stages, matches)
    matches += _own_reference(_MAIN[kind], free, own, matches, contract)
    shape = Shape(kind, {match.target.name: match for match in matches}, stages)
    main = contract.tables[_MAIN[kind]]
    day = main.day
    worth = sum(
        match.score * (0.3 if _COMMON.search(match.target.field) else 1.0)
        for match in matches
        if match.score >= ENOUGH
    )
    worth += 0.5 * min(4, sum(len(group) for group in stages.values()))
    keyword = set(_KIND_WORDS[kind].split())
    said = set(tokens(opened.sheet_name)) if opened.sheet_name else set()
    worth += 1.5 * bool(_named(said, keyword)) + 1.0 * bool(_named(set(tokens(opened.path.stem)), keyword))
    worth += 0.8 * min(2, sum(bool(_named(set(tokens(column.called)), keyword)) for column in columns))
    if (
        kind == "satisfaction"
        and not {"satisfaction.question", "satisfaction.answer"} <= shape.matches.keys()
    ):
        shape.questions = _questions(free)
        worth += 1.5 if len(shape.questions) > 1 else 0.0
    if shape.questions:
        for name in ("satisfaction.question", "satisfaction.answer"):
            shape.matches.pop(name, None)
    lacking = [name for name in main.required if f"{main.name}.{name}" not in shape.matches]
    if len(shape.questions) > 1:
        lacking = [name for name in lacking if name not in ("question", "answer")]
    worth -= 0.35 * len(lacking) + (1.5 if day and main.fields[day].required and day in lacking else 0.0)
    shape.sure = worth
    return shape


def _first_day(
    table: str, columns: Sequence[Column], own: Sequence[Target], matches: Sequence[Match], contract: Contract
) -> list[Match]:
    """Return the day of a record where no heading named it: of the days that are left, the one that is filled best."""
    name = f"{table}.{contract.tables[table].day}"
    target = next((target for target in own if target.name == name), None)
    if target is None or any(match.target.name == name for match in matches):
        return []
    spent = {match.column.position for match in matches}
    days = [column for column in columns if column.position not in spent and column.share_days >= 0.9]
    days = [
        column
        for column in days
        if column.filled >= 0.9 * column.rows and "birth" not in tokens(column.called)
    ]
    earliest = min(days, key=lambda column: column.middle_day, default=None)
    return [Match(earliest, target, ENOUGH, by_values=True)] if earliest else []


def _questions(columns: Sequence[Column]) -> list[Column]:
    """Return the columns whose headings are questions, or long, and whose cells are short answers."""
    return [
        column
        for column in columns
        if (column.heading.rstrip().endswith("?") or len(column.heading.split()) >= 5)
        and column.said
        and column.share_days < 0.5
        and not column.is_long_text
    ]


def _own_reference(
    table: str, columns: Sequence[Column], own: Sequence[Target], matches: Sequence[Match], contract: Contract
) -> list[Match]:
    """Return the reference of a record where no heading named it: the first column that tells the records apart."""
    name = f"{table}.{contract.tables[table].key[0]}"
    target = next((target for target in own if target.name == name), None)
    if target is None or any(match.target.name == name for match in matches):
        return []
    spent = {match.column.position for match in matches}
    telling = [
        c
        for c in columns
        if c.position not in spent and c.is_unique and c.is_identifier and not c.is_likely_day
    ]
    return [Match(telling[0], target, ENOUGH, by_values=True)] if telling and telling[0].position < 4 else []


def _named(words: Iterable[str], keywords: set[str]) -> bool:
    return any(word in keywords or word.removesuffix("s") in keywords for word in words)


def _stage_groups(columns: Sequence[Column], contract: Contract) -> dict[int, dict[str, Match]]:
    """Return columns that stand once for each stage, such as `Stage 1 received` and `Stage 2 received`."""
    by_stage: dict[int, list[tuple[Column, str]]] = {}
    has_stages_in_rows = any(_tells_the_stage(column, contract) for column in columns)
    for column in columns:
        named = stage_of(column.heading) or (None if has_stages_in_rows else worded_stage_of(column.called))
        if named:
            by_stage.setdefault(named[0], []).append((column, named[1]))
    if sum(len(group) for group in by_stage.values()) < 2:
        return {}
    own = [target for target in targets() if target.table == "stage" and target.field != "stage"]
    groups: dict[int, dict[str, Match]] = {}
    for number, group in sorted(by_stage.items()):
        renamed = [
            Column(rest or _alone(column), column.position, column.rows, column.values)
            for column, rest in group
        ]
        named_as = {column.position: column for column, _ in group}
        found = {
            match.target.field: Match(
                named_as[match.column.position], match.target, match.score, match.by_values
            )
            for match in _assign(renamed, own, contract)
        }
        is_named = any(stage_of(column.heading) for column, _ in group)
        if found and (is_named or number == 1 or _TELLING & found.keys()):
            groups[number] = found
    is_named = any(stage_of(column.heading) for group in by_stage.values() for column, _ in group)
    return groups if is_named or max(groups, default=1) > 1 else {}


def _tells_the_stage(column: Column, contract: Contract) -> bool:
    """Return whether a column says of each row which stage it is of."""
    stage = contract.tables["stage"].fields["stage"]
    return (
        len(column.values) > 1
        and heading_score(column.called, next(target for target in targets() if target.name == "stage.stage"))
        >= ENOUGH
        and share_understood("stage", stage, column.values, Column.stands_for_blank) >= 0.75
    )


def _with_a_first(
    stages: dict[int, dict[str, Match]], matches: Sequence[Match]
) -> tuple[dict[int, dict[str, Match]], list[Match]]:
    """Return stages with a first one of the columns that name none, where others name a later one; and what is left.

    What such columns hold is of the first stage, and is marked as a guess.
    """
    if not stages or 1 in stages:
        return stages, list(matches)
    of_stages = [
        match for match in matches if match.target.table == "stage" and match.target.field != "stage"
    ]
    first = {
        match.target.field: replace(match, score=min(match.score, CERTAIN - 0.01))
        for match in of_stages
        if match.target.field != "requested_date"
    }
    rest = [match for match in matches if match not in of_stages]
    return ({1: first, **stages} if first else stages), rest


def _alone(column: Column) -> str:
    """Return what a heading that is only a stage stands for, by what is in the column."""
    return "requested" if column.share_days > 0.5 else "outcome"


def _assign(columns: Sequence[Column], own: Sequence[Target], contract: Contract) -> list[Match]:
    """Return the matches that are best together, each column and each target once."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    if not columns or not own:
        return []
    scores = np.zeros((len(columns), len(own)))
    by_values = np.zeros((len(columns), len(own)), dtype=bool)
    for row, column in enumerate(columns):
        for place, target in enumerate(own):
            scores[row, place], by_values[row, place] = _score(column, target, contract)
    # of two that come equally near, the column that is filled better
    filled = np.array([[0.01 * column.said / max(1, column.rows)] for column in columns])
    # squares, so that two that are certain go before three that are not
    rows, places = linear_sum_assignment(-((scores + filled * (scores >= ENOUGH)) ** 2))
    return [
        Match(columns[row], own[place], float(scores[row, place]), bool(by_values[row, place]))
        for row, place in zip(rows, places, strict=True)
        if scores[row, place] >= ENOUGH
    ]


def _score(column: Column, target: Target, contract: Contract) -> tuple[float, bool]:
    """Return how well a column fills a target, and whether what stands in it decides and not its heading."""
    target_field = contract.tables[target.table].fields[target.field]
    heading = heading_score(column.called, target)
    if not column.said:
        return (0.8 * heading if heading >= 0.85 else 0.0), False
    if target_field.words and target_field.type != "date":
        return _score_of_words(column, target, target_field, heading)
    fits = _fits(column, target, target_field)
    if fits and target_field.vocabulary and _has_words_of_another(column, target, target_field, contract):
        fits *= 0.5
    by_heading = heading * fits
    by_values = _value_score(column, target, target_field) if fits else 0.0
    if by_values > by_heading:
        return by_values + 0.1 * heading, True
    return min(0.92, by_heading + 0.3 * by_values) if 0.4 < by_heading < 0.9 else by_heading, False


def _has_words_of_another(column: Column, target: Target, target_field: Field, contract: Contract) -> bool:
    """Return whether the words of a column are the contract's for another target and do not look like this one's."""
    likely = share_likely(target_field.vocabulary, column.values) if column.is_vocabulary else None
    if likely is None or likely > 0.3 or len(column.values) < 2:
        return False
    others = {other.name: contract.tables[other.table].fields[other.field] for other in _worded(target.kind)}
    return any(
        len(other.words) > 2
        and other.words[0] != "yes"
        and share_understood(name.split(".")[0], other, column.values, Column.stands_for_blank) >= 0.9
        for name, other in others.items()
    )


def _worded(kind: str) -> list[Target]:
    """Return the targets whose words tell what a record is, whatever the heading above them says."""
    return [
        target
        for target in targets()
        if target.kind == kind and target.field in ("procedure", "complainant_role", "outcome")
    ]


def _holds_job_titles(column: Column) -> bool:
    """Return whether most words of a column are titles of jobs, which are no teams."""
    words = [word for word in column.values if not Column.stands_for_blank(word)]
    return column.is_vocabulary and sum(bool(_JOB.search(word)) for word in words) > 0.6 * len(words)


def _value_score(column: Column, target: Target, target_field: Field) -> float:
    """Return how much what stands in a column speaks for a target, whatever its heading."""
    if target_field.vocabulary and column.is_vocabulary:
        likely = share_likely(target_field.vocabulary, column.parts()) or 0.0
        return _BY_VALUES * likely if likely >= 0.6 and len(column.values) > 1 else 0.0
    if target.name == "action.owner":
        return _BY_VALUES
    if target_field.role == TEXT and column.is_long_text and target.name in _LONG_TEXTS:
        return 0.58
    if target_field.name == "amount_gbp":
        return 0.58 if any("\u00a3" in text for text in column.values) else 0.0
    if target_field.name == "complaint_id" and target.table != "complaint" and column.is_identifier:
        return 0.7 if _CASE_WORDS & set(tokens(column.called)) else 0.0
    return 0.0


def _score_of_words(
    column: Column, target: Target, target_field: Field, heading: float
) -> tuple[float, bool]:
    if column.share_days > 0.5 or (not column.is_vocabulary and len(column.values) > 3):
        return 0.0, False
    understood = share_understood(target.table, target_field, column.values, Column.stands_for_blank)
    by_heading = heading * (0.62 + 0.38 * understood) if understood > 0 or heading > 0.9 else 0.0
    is_telling = (
        len(target_field.words) > 2
        and target_field.words[0] != "yes"
        and len(column.values) >= 2
        and not {text.casefold() for text in column.values} <= _YES_AND_NO
    )
    by_values = _BY_VALUES * understood if is_telling and understood >= 0.75 else 0.0
    if by_heading and understood >= 0.75 and is_telling:
        by_heading = max(by_heading, min(0.92, 0.5 * heading + 0.5 * understood))
    return (by_values, True) if by_values > by_heading else (by_heading, False)


def _fits(column: Column, target: Target, target_field: Field) -> float:
    """Return how far what stands in a column may fill a target, from 0 to 1."""
    if target_field.type == "date":
        is_due = "due" in tokens(column.called)
        return 1.0 if column.share_days >= 0.7 and is_due == (target.field == "due_date") else 0.0
    if target_field.type in ("integer", "number"):
        return 1.0 if column.share_numbers >= 0.8 else 0.0
    if column.share_days > 0.5 and (column.is_likely_day or target_field.role != IDENTIFIER):
        return 0.0
    if target_field.role == IDENTIFIER:
        return _fits_identifier(column, target, target_field)
    if target.name == "action.owner":
        is_named = heading_score(column.called, target) > 0.9
        return 1.0 if column.is_vocabulary and (is_named or _holds_job_titles(column)) else 0.0
    if target.field == "service" and _holds_job_titles(column):
        return 0.0
    if target_field.role == TEXT:
        if column.is_vocabulary and len(column.values) * 3 < column.filled:
            return 0.6
        return 1.0 if column.is_long_text else 0.85 if column.said and not column.is_identifier else 0.4
    if column.is_long_text or column.share_numbers > 0.9 and target.kind not in ("satisfaction", "prior"):
        return 0.0
    if column.share_names > 0.6 and len(column.values) > 3:
        is_likely = target.field in _NO_NAMES and heading_score(column.called, target) > 0.7
        return 1.0 if is_likely and not _NAME_WORDS & set(tokens(column.called)) else 0.3
    return 1.0 if column.is_vocabulary or column.separator else 0.7


def _fits_identifier(column: Column, target: Target, target_field: Field) -> float:
    if column.is_long_text or (column.share_names > 0.3 and not column.is_identifier):
        return 0.0
    if target_field.personal:
        return 1.0 if column.is_identifier else 0.0
    is_key = target.table == _MAIN.get(target.kind) and target.field.startswith(target.table.split("_")[0])
    if is_key:
        return (
            1.0
            if column.is_unique
            else 0.93
            if column.is_identifier and column.filled > 0.9 * column.rows
            else 0.3
        )
    return 1.0 if column.is_identifier else 0.5
