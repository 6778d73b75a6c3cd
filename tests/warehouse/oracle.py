"""The counting rules a second time, in plain Python: what the figures must be, worked out without SQL.

`Oracle(authority, report)` takes what an authority sent (rows as dicts, dates as `datetime.date`) and answers,
for a measure, a set of breakdown keys and a period, every figure of that set. It shares nothing with the
warehouse: it has its own calendar of bank holidays, its own reading of the service tree and its own clocks.
Rules are named by their place in the counting rules ("rule 8" is number 8 under "Details settled").
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import holidays

Row = dict[str, Any]
NOT_KNOWN = "not_known"
LIMITS = ("standard", "extended", "agreed")
INCLUDING = "including_withdrawn"

# The law's time limits: SI 2006/1738. (standard, extended) working days.
STATUTORY = {1: (10, 20), 2: (25, 65), 3: (50, None)}
# What ends each step of its stage 3, what starts it, and its limit.
PANEL_STEPS = {
    "panel": ("requested_date", "panel_date", 30),
    "findings": ("panel_date", "findings_date", 5),
    "response": ("findings_date", "responded_date", 15),
}


@dataclass
class Extract:
    """A file received: the rows of one contract table, which replace those of its source and scope before."""

    table: str
    rows: list[Row]
    received_at: datetime
    scope: str = ""
    status: str = "loaded"


@dataclass
class Authority:
    """What an authority is configured with and what it sent.

    services: service, level, parent_service, valid_from, valid_to, successor_service.
    timescales: procedure, stage, standard_working_days, extended_working_days, clock_start, clock_end,
        day_count, valid_from, valid_to. bands: procedure, stage, band, from_days, to_days.
    groupings: attribute, value, grouping, group_value. settings: setting -> value.
    reports: reporting year -> as-at.
    """

    slug: str
    case_data_from: date
    reports: dict[str, date]
    services: list[Row] = field(default_factory=list)
    timescales: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    groupings: list[Row] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    extracts: list[Extract] = field(default_factory=list)


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included."""

    name: str
    kind: str
    start: date
    end: date

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


@dataclass
class Item:
    """Something to count: a thing, the day it belongs to, and what it falls under.

    attrs: key -> its values (several where a thing has several); joint: keys whose values belong together.
    """

    thing: Any
    day: date | None
    attrs: dict[str, tuple]
    joint: list[dict[str, Any]] = field(default_factory=lambda: [{}])
    weight: float = 1.0
    formal: bool = True

    def values(self, keys: Iterable[str]) -> set[tuple]:
        """Every combination of values that the thing falls under for these keys."""
        found: set[tuple] = set()
        for together in self.joint:
            choices = [
                (together[key],)
                if key in together
                else tuple(v for v in self.attrs.get(key, ()) if v is not None)
                for key in keys
            ]
            found.update(itertools.product(*choices))
        return found


Numbers = tuple[float | None, float | None, float | None]  # numerator, denominator, value


# The calendar


class Calendar:
    """Working days of England and Wales: not Saturday, Sunday or a bank holiday (SI 2006/1738, regulation 2)."""

    def __init__(self) -> None:
        self.closed = set(holidays.country_holidays("GB", subdiv="ENG", years=range(2009, 2037)))

    def is_working(self, day: date) -> bool:
        """True on a working day."""
        return day.weekday() < 5 and day not in self.closed

    def taken(self, start: date, end: date, count_start_day: bool = False) -> int:
        """Working days in (start, end], and the start day too in that variant. The end is not before the start."""
        days = (start + timedelta(n) for n in range(0 if count_start_day else 1, (end - start).days + 1))
        return sum(1 for day in days if self.is_working(day))


CALENDAR = Calendar()


def year_name(first: int) -> str:
    """2023 -> 2023-24."""
    return f"{first}-{(first + 1) % 100:02d}"


def year_of(day: date) -> int:
    """The calendar year in which the day's reporting year begins."""
    return day.year if day.month >= 4 else day.year - 1


def _month_end(year: int, month: int) -> date:
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(1)


def periods_of(reporting_year: str, case_data_from: date) -> list[Period]:
    """The report's year, its quarters and months; the earlier years that the case data covers, and their quarters."""
    own = int(reporting_year[:4])
    found = []
    covered = (
        year_of(case_data_from - timedelta(1)) + 1
    )  # the first year that the cases cover from its first day
    for first in range(min(covered, own), own + 1):
        name = year_name(first)
        found.append(Period(name, "year", date(first, 4, 1), date(first + 1, 3, 31)))
        for number, (year, month) in enumerate(
            [(first, 4), (first, 7), (first, 10), (first + 1, 1)], start=1
        ):
            found.append(
                Period(f"{name}-Q{number}", "quarter", date(year, month, 1), _month_end(year, month + 2))
            )
        if first == own:
            for index in range(12):
                year, month = first + (3 + index) // 12, (3 + index) % 12 + 1
                found.append(
                    Period(f"{year}-{month:02d}", "month", date(year, month, 1), _month_end(year, month))
                )
    return found


# What a report knows


def _begins(table: str) -> str | None:
    return {
        "complaint": "received_date",
        "stage": "requested_date",
        "issue": "raised_date",
        "issue_outcome": "decided_date",
        "compliment": "received_date",
        "ombudsman": "received_date",
        "contact": "received_date",
        "learning": "sent_date",
        "action": "agreed_date",
        "remedy": "agreed_date",
        "mediation": "offered_date",
        "satisfaction": "answered_date",
    }.get(table)


ACTIONS = {
    "actions_agreed": ("done", "not_done", "under_way", "overdue"),
    "actions_done": ("done",),
    "actions_not_done": ("not_done",),
    "actions_open": ("under_way", "overdue"),
    "actions_overdue": ("overdue",),
    "actions_brought_forward": (),
}
"""Measure -> what may have become of the actions that it counts of those agreed in a year."""

# What hangs on a date: without the date (not there, or after the as-at) it is not known either. Rule 18.
HANGS_ON = {
    ("stage", "outcome"): "responded_date",
    ("stage", "closed_how"): "closed_date",
    ("ombudsman", "decision"): "decided_date",
    ("action", "status"): "done_date",
}


def known_rows(authority: Authority, as_at: date) -> dict[str, list[Row]]:
    """The rows in force at the as-at, without the rows and dates after it (rule 18)."""
    newest: dict[tuple[str, str], Extract] = {}
    for extract in sorted(authority.extracts, key=lambda one: one.received_at):
        if extract.status == "loaded" and extract.received_at.date() <= as_at:
            newest[extract.table, extract.scope] = extract
    tables: dict[str, list[Row]] = defaultdict(list)
    for extract in newest.values():
        for row in extract.rows:
            begins = _begins(extract.table)
            if begins and row.get(begins) is not None and row[begins] > as_at:
                continue
            known = dict(row)
            for column, value in row.items():
                if isinstance(value, date) and value > as_at:
                    known[column] = None
                    for (table, hanging), day in HANGS_ON.items():
                        if table == extract.table and day == column:
                            known[hanging] = None
            tables[extract.table].append(known)
    return tables


class Oracle:
    """Every figure of one report.

    `rows(measure, keys, period)` gives breakdown -> (numerator, denominator, value) for one set of keys.
    """

    def __init__(self, authority: Authority, reporting_year: str) -> None:
        self.authority = authority
        self.as_at = authority.reports[reporting_year]
        self.periods = periods_of(reporting_year, authority.case_data_from)
        self.year = next(p for p in self.periods if p.name == reporting_year)
        tables = known_rows(authority, self.as_at)
        self.complaints = {row["complaint_id"]: row for row in tables["complaint"]}
        # Nothing hangs on a complaint that is not known.
        held = {
            name: [row for row in tables[name] if row["complaint_id"] in self.complaints]
            for name in (
                "stage",
                "issue",
                "complaint_service",
                "complaint_theme",
                "complaint_child",
                "mediation",
            )
        }
        tables["mediation"] = held["mediation"]
        self.by_complaint = {name: self._by(rows, "complaint_id") for name, rows in held.items()}
        self.stages = held["stage"]
        self.issues = {row["issue_id"]: row for row in held["issue"]}
        self.issue_outcomes = [row for row in tables["issue_outcome"] if row["issue_id"] in self.issues]
        self.tables = tables
        self.has_themes = bool(held["complaint_theme"]) or any(
            row["theme"] for row in self.complaints.values()
        )
        self.divided = {issue["category"] for issue in self.issues.values() if issue["sub_category"]}
        self._read_stages()
        self._populations: dict[str, list[Item]] = {}
        self._of_complaints: dict[str, dict[str, tuple]] = {}

    @staticmethod
    def _by(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
        grouped: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            grouped[row[column]].append(row)
        return grouped

    # Services

    def nodes(self, service: str | None, day: date) -> list[str]:
        """The service and everything above it in the tree of a day; not known where blank."""
        parents: dict[str, str | None] = {}
        for row in self.authority.services:
            if row["service"] not in parents or not row["valid_from"] or row["valid_from"] <= day:
                parents[row["service"]] = row["parent_service"]
        found, node = [], service or NOT_KNOWN
        while node and node not in found:
            found.append(node)
            node = parents.get(node)
        return found

    def merged(self, nodes: Iterable[str]) -> tuple[str, ...]:
        """What the nodes had become by the last day of the report's year, of those that are one of several."""
        rows = {row["service"]: row for row in self.authority.services}  # the last row of each

        def end_of(node: str) -> str:
            row = rows.get(node)
            after = rows.get(row["successor_service"]) if row and row["successor_service"] else None
            if after is None or (row["valid_to"] and row["valid_to"] >= self.year.end):
                return node
            if after["valid_from"] and after["valid_from"] > self.year.end:
                return node
            return end_of(after["service"])

        ends = Counter(end_of(node) for node in rows)
        return tuple({end_of(node) for node in nodes if ends[end_of(node)] > 1})

    def level(self, node: str) -> str:
        """The level of a node of the tree."""
        levels = {row["service"]: row["level"] for row in self.authority.services}
        return levels.get(node, NOT_KNOWN if node == NOT_KNOWN else "undeclared")

    # Complaints

    def looked_after(self, complaint: Row) -> str:
        """Rule 15: the complaint's own word; without one, yes where any of its children is."""
        if complaint["child_looked_after"] is not None:
            return complaint["child_looked_after"]
        said = {
            row["child_looked_after"]
            for row in self.by_complaint["complaint_child"][complaint["complaint_id"]]
        }
        return "yes" if "yes" in said else "no" if "no" in said else NOT_KNOWN

    def complaint_services(self, complaint: Row) -> list[Row]:
        """Rule 17: a complaint with no service has one, not known."""
        rows = self.by_complaint["complaint_service"][complaint["complaint_id"]]
        return rows or [{"service": NOT_KNOWN, "procedure": None}]

    def standing(self, complaint: Row) -> tuple[tuple, tuple]:
        """How far a complaint went in its own procedure, and how it stands: withdrawn, refused, open or an outcome."""
        stages = self.by_complaint["stage"][complaint["complaint_id"]]
        own = [s for s in stages if s["procedure"] == complaint["procedure"]]
        last = max(own, key=lambda s: (s["stage"], s["requested_date"], s["stage_id"]), default=None)
        how, over = (last["how"], last["closed"]) if last else (None, complaint["closed_date"])
        if complaint["withdrawn_date"] or how == "withdrawn":
            status = "withdrawn"
        elif complaint["refused_date"] or how == "refused":
            status = "refused"
        elif over is None:
            status = "open"
        else:
            status = (last and last["responded_date"] and last["outcome"]) or NOT_KNOWN
        return (str(last["stage"]) if last else "none",), (status,)

    def _complaint_items(self) -> list[Item]:
        items = []
        for complaint in self.complaints.values():
            own = complaint["procedure"]
            attrs = {
                key: (complaint[key] or NOT_KNOWN,)
                for key in (
                    "channel",
                    "complainant_role",
                    "sex",
                    "ethnicity",
                    "disability",
                    "behalf",
                    "advocate_kind",
                )
            }
            attrs["procedure"] = (own,)
            attrs["formality"] = ("all",)
            attrs["child_looked_after"] = (self.looked_after(complaint),)
            attrs["age_band"] = (age_band(complaint["age_at_receipt"]),)
            attrs["highest_stage"], attrs["status"] = self.standing(complaint)
            attrs["accepted_out_of_time"] = (complaint["accepted_out_of_time"],)
            themes = {row["theme"] for row in self.by_complaint["complaint_theme"][complaint["complaint_id"]]}
            themes |= {complaint["theme"]} - {None}
            attrs["theme"] = tuple(themes) or ((NOT_KNOWN,) if self.has_themes else ())  # rule 17
            groups: dict[str, set] = defaultdict(set)
            for row in self.authority.groupings:
                if row["value"] in attrs.get(row["attribute"], ()):
                    groups[row["grouping"]].add(row["group_value"])
            attrs.update({name: tuple(values) for name, values in groups.items()})
            touched = [
                node
                for row in self.complaint_services(complaint)
                for node in self.nodes(row["service"], complaint["received_date"])
            ]
            attrs["service_merged"] = self.merged(touched)
            joint = []
            for row in self.complaint_services(complaint):
                for node in self.nodes(row["service"], complaint["received_date"]):
                    # Rule 3: any_procedure counts the complaint's own, and also those of complaint_service; an
                    # informal complaint is counted apart whatever its services say.
                    joint += [
                        {"service": node, "any_procedure": procedure}
                        for procedure in {own, own if own == "informal" else row["procedure"] or own}
                    ]
            items.append(
                Item(
                    complaint["complaint_id"],
                    complaint["received_date"],
                    attrs,
                    joint,
                    formal=own != "informal",
                )
            )
        return items

    def cohort(self, complaint_id: str) -> str:
        """How the complaint stands to the report's year."""
        received = self.complaints[complaint_id]["received_date"]
        if received > self.year.end:
            return "later"
        if received >= self.year.start:
            return "new"
        stages = self.by_complaint["stage"][complaint_id]
        open_at_start = [
            s
            for s in stages
            if s["requested_date"] < self.year.start
            and (s["closed"] is None or s["closed"] >= self.year.start)
        ]
        requested = [s for s in stages if s["requested_date"] in self.year]
        closed_before = [s for s in stages if s["closed"] is not None and s["closed"] < self.year.start]
        if open_at_start:
            return "brought_forward"
        if requested:
            return "reopened" if closed_before else "late_entered"
        return "earlier"

    # Stages

    def timescale(self, procedure: str, stage: int, day: date) -> Row | None:
        """The rule in force on a day: the authority's own rows, else the law's."""
        own = [r for r in self.authority.timescales if (r["procedure"], r["stage"]) == (procedure, stage)]
        if own:
            fit = [
                r
                for r in own
                if (r["valid_from"] or date.min) <= day and (r["valid_to"] is None or day <= r["valid_to"])
            ]
            return max(fit, key=lambda r: r["valid_from"] or date.min, default=None)
        if procedure == "statutory":
            standard, extended = STATUTORY[stage]
            return {
                "standard_working_days": standard,
                "extended_working_days": extended,
                "clock_start": "requested",
                "clock_end": "responded_date",
                "day_count": "exclude_start_day",
            }
        return None

    def _read_stages(self) -> None:
        for stage in self.stages:
            self._close(stage)
            self._clock(stage)
        reached = {(s["complaint_id"], s["procedure"], s["stage"]) for s in self.stages}
        for stage in self.stages:
            stage["went_on"] = (stage["complaint_id"], stage["procedure"], stage["stage"] + 1) in reached
        cohorts = {key: self.cohort(key) for key in self.complaints}
        for stage in self.stages:
            stage["cohort"] = cohorts[stage["complaint_id"]]

    def _close(self, stage: Row) -> None:
        """Rules 1, 6 and 13. A stage with neither closing nor answer ends with a complaint withdrawn or refused."""
        complaint = self.complaints[stage["complaint_id"]]
        how = stage["closed_how"]
        if stage["closed_date"] is not None:
            day = stage["closed_date"]
            how = how or ("responded" if stage["responded_date"] else NOT_KNOWN)
        elif stage["responded_date"] is not None:
            day, how = stage["responded_date"], how or "responded"
        else:
            ways = [
                (complaint[column], word)
                for column, word in (("withdrawn_date", "withdrawn"), ("refused_date", "refused"))
                if complaint[column] is not None and complaint[column] >= stage["requested_date"]
            ]
            day, how = min(ways, key=lambda way: way[0], default=(None, None))
        stage["closed"] = None if day is None else max(day, stage["requested_date"])
        stage["how"] = how

    def _clock(self, stage: Row) -> None:
        complaint = self.complaints[stage["complaint_id"]]
        first = stage["stage"] == 1
        again = stage.get("reopened") == "yes"
        requested = complaint["received_date"] if first and not again else stage["requested_date"]  # rule 4
        rule = self.timescale(stage["procedure"], stage["stage"], stage["requested_date"]) or {}
        chosen = {
            "accepted": complaint["accepted_date"] if first else None,  # rule 5
            "statement_agreed": stage["statement_agreed_date"],
            "investigator_appointed": stage["investigator_appointed_date"],
        }.get(rule.get("clock_start", "requested"), requested)
        start = chosen or requested
        stage["fallback"] = chosen is None
        end = stage["responded_date"]
        if end is not None and rule.get("clock_end") == "closed_date":
            end = stage["closed_date"] or end
        stage["timed"] = end is not None and end >= start  # rule 6
        limits = self.timescale(stage["procedure"], stage["stage"], start)
        stage["limit"] = dict.fromkeys(LIMITS)
        if limits:
            standard = limits["standard_working_days"]
            extended = limits["extended_working_days"] or standard  # rule 22
            agreed = extended if stage["extension_agreed"] == "yes" else standard
            stage["limit"] = {"standard": standard, "extended": extended, "agreed": agreed}
        if stage["timed"]:
            stage["days"] = CALENDAR.taken(start, end, rule.get("day_count") == "count_start_day")
            stage["calendar_days"] = (end - start).days

    def _stage_item(self, stage: Row, day: date | None, thing: Any = None, **more: Any) -> Item:
        attrs = {
            "procedure": (stage["procedure"],),
            "stage": (stage["stage"],),
            "cohort": (stage["cohort"],),
            "service": tuple(self.nodes(stage["service"], stage["requested_date"])),
            "closed_how": (stage["how"],),
            **self.complaint_attrs(stage["complaint_id"]),
            **{key: (value,) for key, value in more.items()},
        }
        return Item(thing if thing is not None else stage["stage_id"], day, attrs)

    def complaint_attrs(self, complaint_id: str) -> dict[str, tuple]:
        """What a stage has from its complaint: themes, and the authority's own groups."""
        if not self._of_complaints:
            own = {"theme", *(row["grouping"] for row in self.authority.groupings)}
            for item in self.items("complaints"):
                self._of_complaints[item.thing] = {key: item.attrs[key] for key in own if key in item.attrs}
        return self._of_complaints.get(complaint_id, {})

    def _responses(self, test: Callable[[Row], bool] = lambda stage: True) -> list[Item]:
        answered = (s for s in self.stages if s["responded_date"] is not None)
        return [self._stage_item(s, s["responded_date"]) for s in answered if test(s)]

    def _withdrawn(self) -> list[Item]:
        """Rule 13: a withdrawal belongs to its closing day, whether or not an answer went before."""
        return [
            self._stage_item(s, s["closed"], thing=("withdrawn", s["stage_id"]))
            for s in self.stages
            if s["how"] == "withdrawn" and s["closed"] is not None
        ]

    def _including(self, items: list[Item]) -> list[Item]:
        """The variant that counts withdrawals among the answers."""
        together = items + self._withdrawn()
        for item in together:
            item.attrs["basis"] = (INCLUDING,)
        return together

    def _taken_up(self) -> list[Item]:
        """Stages asked for and not refused, with every service that the complaint is about."""
        items = []
        for stage in self.stages:
            if "refused" in (stage["request_decision"], stage["how"]):
                continue
            complaint = self.complaints[stage["complaint_id"]]
            rows = self.complaint_services(complaint)
            services = {row["service"] or NOT_KNOWN for row in rows}
            item = self._stage_item(stage, stage["requested_date"])
            item.attrs["service"] = tuple(
                {node for name in services for node in self.nodes(name, complaint["received_date"])}
            )
            item.attrs["several"] = (len(services) > 1,)
            items.append(item)
        return items

    def _findings_and_withdrawn(self) -> list[Item]:
        """Outcomes of complaints with the withdrawn among them, each on its own day."""
        withdrawn = self._withdrawn()
        for item in withdrawn:
            item.attrs["outcome"] = ("withdrawn",)
        return [i for i in self.items("complaint_outcomes") if i.attrs["outcome"] != (NOT_KNOWN,)] + withdrawn

    def _banded(self) -> list[Item]:
        items = []
        for stage in self.stages:
            if stage["responded_date"] is None or not stage["timed"]:
                continue
            bands = tuple(
                row["band"]
                for row in self.authority.bands
                if (row["procedure"], row["stage"]) == (stage["procedure"], stage["stage"])
                and row["from_days"] <= stage["days"]
                and (row["to_days"] is None or stage["days"] <= row["to_days"])
            )
            item = self._stage_item(stage, stage["responded_date"])
            item.attrs["band"] = bands
            items.append(item)
        return items

    def _panel_steps(self, is_within_limit: bool = False) -> list[Item]:
        """Steps of statutory stage 3 whose dates are in order, on the day they ended."""
        items = []
        for stage in self.stages:
            if (stage["procedure"], stage["stage"]) != ("statutory", 3):
                continue
            for step, (first, last, limit) in PANEL_STEPS.items():
                start, end = stage.get(first), stage.get(last)
                if start is None or end is None or end < start:
                    continue
                if not is_within_limit or CALENDAR.taken(start, end) <= limit:
                    items.append(Item((stage["stage_id"], step), end, {"step": (step,)}))
        return items

    # Issues

    def _issue_attrs(self, issue: Row) -> dict[str, tuple]:
        complaint = self.complaints[issue["complaint_id"]]
        return {
            "service": tuple(self.nodes(issue["service"], issue["raised_date"])),
            "service_merged": self.merged(self.nodes(issue["service"], issue["raised_date"])),
            "procedure": (issue["procedure"] or complaint["procedure"],),  # rule 14
            "category": (issue["category"],),
            "sub_category": (
                issue["sub_category"] or (NOT_KNOWN if issue["category"] in self.divided else None),
            ),
            "child_looked_after": (self.looked_after(complaint),),
        }

    def _issue_items(self) -> list[Item]:
        first = {row["issue_id"]: row["outcome"] for row in self.issue_outcomes if row["stage"] == 1}
        items = []
        for key, issue in self.issues.items():
            attrs = self._issue_attrs(issue)
            attrs["stage_1_outcome"] = (first.get(key, "open"),)
            items.append(Item(key, issue["raised_date"], attrs))
        return items

    def _issue_outcome_items(self, test: Callable[[str], bool] = lambda outcome: True) -> list[Item]:
        items = []
        for row in self.issue_outcomes:
            if test(row["outcome"]):
                attrs = self._issue_attrs(self.issues[row["issue_id"]])
                attrs |= {"stage": (row["stage"],), "outcome": (row["outcome"],)}
                items.append(Item(row["issue_id"], row["decided_date"], attrs))
        return items

    def in_share(self, outcome: str) -> bool:
        """Whether an issue's outcome stands in the denominator: rule 9 and the authority's named choices."""
        if outcome == "withdrawn":
            return self.authority.settings.get("outcome_share_withdrawn", "excluding") == "including"
        if outcome == "direct_to_next_stage":
            return self.authority.settings.get("outcome_share_direct", "including") == "including"
        return True

    def _of_complaint(self, items: list[Item]) -> list[Item]:
        for item in items:
            item.thing = self.issues[item.thing]["complaint_id"]
        return items

    # Other tables

    def _ombudsman(self, day: str) -> list[Item]:
        services = self._by(self.tables["ombudsman_service"], "ombudsman_id")
        paid: dict[str, float] = defaultdict(float)
        for row in self.tables["remedy"]:
            if row["ombudsman_id"] and row["agreed_date"] is not None and row["amount_gbp"] is not None:
                paid[row["ombudsman_id"]] += row["amount_gbp"]
        items = []
        for row in self.tables["ombudsman"]:
            touched = [one["service"] for one in services[row["ombudsman_id"]]] or [NOT_KNOWN]
            decided = row["decided_date"] is not None
            attrs = {
                "service": tuple({node for one in touched for node in self.nodes(one, row["received_date"])}),
                "service_set": (" + ".join(sorted(set(touched))),),
                "decision": ((row["decision"] or NOT_KNOWN) if decided else "not_yet_decided",),
                "reason": (row.get("reason") if decided else None,),
            }
            items.append(
                Item(row["ombudsman_id"], row[day], attrs, weight=paid.get(row["ombudsman_id"], 0.0))
            )
        return items

    def _remedy_origin(self, remedy: Row) -> dict[str, tuple]:
        """Who decided on a remedy, and the procedure of the complaint behind it."""
        matters = {row["ombudsman_id"]: row["complaint_id"] for row in self.tables["ombudsman"]}
        complaint = self.complaints.get(remedy["complaint_id"] or matters.get(remedy["ombudsman_id"]))
        return {
            "decided_by": ("ombudsman" if remedy["ombudsman_id"] else "council",),
            "procedure": (complaint["procedure"] if complaint else NOT_KNOWN,),
        }

    def _simple(
        self, table: str, key: str, day: str, words: dict[str, str | None], extra: Callable | None = None
    ):
        items = []
        for row in self.tables[table]:
            attrs = {column: (row[column] or blank,) for column, blank in words.items()}
            if "service" in row:
                attrs["service"] = tuple(self.nodes(row["service"], row[day]))
            if extra:
                attrs |= extra(row)
            items.append(Item(row[key], row[day], attrs))
        return items

    # Counting

    def items(self, name: str) -> list[Item]:
        """A population by name, made once."""
        if name not in self._populations:
            self._populations[name] = self._make(name)
        return self._populations[name]

    def _make(self, name: str) -> list[Item]:
        if name.startswith("within_"):
            _, limit = name.split("_")
            return self._responses(
                lambda s: s["timed"] and s["limit"][limit] is not None and s["days"] <= s["limit"][limit]
            )
        if name.startswith("outside_"):
            _, limit = name.split("_")
            return self._responses(
                lambda s: s["timed"] and s["limit"][limit] is not None and s["days"] > s["limit"][limit]
            )
        categories = self._by(self.tables["compliment_category"], "compliment_id")
        known = {row["compliment_id"] for row in self.tables["compliment"]}
        no_category = [{"category": NOT_KNOWN}] if known & categories.keys() else []
        makers: dict[str, Callable[[], list[Item]]] = {
            "complaints": self._complaint_items,
            "responses": self._responses,
            "responses;basis": lambda: self._including(self._responses()),
            "timed": lambda: self._responses(lambda s: s["timed"]),
            "timed;basis": lambda: self._including(self._responses(lambda s: s["timed"])),
            "limited": lambda: self._responses(lambda s: s["timed"] and s["limit"]["standard"] is not None),
            "clock_fallbacks": lambda: self._responses(lambda s: s["fallback"]),
            "clock_errors": lambda: self._responses(lambda s: not s["timed"]),
            "panel_steps": self._panel_steps,
            "panel_steps_within_limit": lambda: self._panel_steps(is_within_limit=True),
            "withdrawn": self._withdrawn,
            "banded": self._banded,
            "taken_up": self._taken_up,
            "findings_and_withdrawn": self._findings_and_withdrawn,
            "requested": lambda: [self._stage_item(s, s["requested_date"]) for s in self.stages],
            "closed": lambda: [self._stage_item(s, s["closed"]) for s in self.stages],
            "resolved": lambda: [self._stage_item(s, s["closed"]) for s in self.stages if not s["went_on"]],
            "complaint_outcomes": lambda: [
                self._stage_item(s, s["responded_date"], outcome=s["outcome"] or NOT_KNOWN)
                for s in self.stages
            ],
            "issues": self._issue_items,
            "issue_outcomes": self._issue_outcome_items,
            "issues_answered": lambda: self._issue_outcome_items(self.in_share),
            "issue_complaints_answered": lambda: self._of_complaint(self._issue_outcome_items(self.in_share)),
            "issue_complaints_upheld": lambda: self._of_complaint(
                self._issue_outcome_items(lambda outcome: outcome == "upheld")
            ),
            "ombudsman_received": lambda: self._ombudsman("received_date"),
            "ombudsman_decided": lambda: self._ombudsman("decided_date"),
            "compliments": lambda: self._simple(
                "compliment",
                "compliment_id",
                "received_date",
                {"source": NOT_KNOWN, "origin": NOT_KNOWN, "route": "ordinary"},
                lambda row: {
                    "category": tuple(
                        {one["category"] for one in categories[row["compliment_id"]] or no_category}
                    )
                },
            ),
            "contacts": lambda: self._simple(
                "contact",
                "contact_id",
                "received_date",
                {"kind": NOT_KNOWN, "outcome": NOT_KNOWN, "category": NOT_KNOWN, "refusal_reason": None},
            ),
            "remedies": lambda: self._simple(
                "remedy", "remedy_id", "agreed_date", {"kind": NOT_KNOWN}, self._remedy_origin
            ),
            "mediations": lambda: self._simple(
                "mediation", "mediation_id", "offered_date", {"accepted": None, "result": None}
            ),
            "answers": lambda: self._simple(
                "satisfaction",
                "satisfaction_id",
                "answered_date",
                {"question": NOT_KNOWN, "answer": NOT_KNOWN},
            ),
        }
        return makers[name]()

    def groups(
        self, items: Iterable[Item], keys: tuple[str, ...], period: Period | None
    ) -> dict[str, list[Item]]:
        """The items of a period by breakdown; an item appears once in each breakdown it falls under."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            if period is None or item.day in period:
                for values in item.values(keys):
                    found[breakdown(keys, values)].append(item)
        return found

    def count(self, items: Iterable[Item], keys: tuple[str, ...], period: Period | None) -> dict[str, int]:
        """Distinct things by breakdown."""
        return {key: len({i.thing for i in held}) for key, held in self.groups(items, keys, period).items()}

    # Measures

    def rows(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, Numbers]:
        """Every figure of a measure for one set of keys (sorted) in one period.

        Raises:
            KeyError: the oracle does not know the measure.
        """
        counts = self.counts(measure, keys, period)
        if counts is not None:
            return {key: (value, None, value) for key, value in counts.items()}
        return self._ratios(measure, keys, period)

    def counts(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float] | None:
        """Counts of a measure that is a count, by breakdown; None where it is a ratio."""
        basis = ";basis" if "basis" in keys else ""
        plain = {
            "responses": "responses" + basis,
            "responses_timed": "timed" + basis,
            "stage_episodes_answered": "responses",
            "clock_fallbacks": "clock_fallbacks",
            "clock_errors": "clock_errors",
            "panel_steps": "panel_steps",
            "panel_steps_within_limit": "panel_steps_within_limit",
            "withdrawn": "withdrawn",
            "stages_taken_up": "taken_up",
            "stages_taken_up_by_service_touched": "taken_up",
            "stage_episode_outcomes": "complaint_outcomes",
            "complaint_outcomes_and_withdrawn": "findings_and_withdrawn",
            **{f"stage_episodes_answered_within_{limit}": f"within_{limit}" for limit in LIMITS},
            "entered": "requested",
            "closed": "closed",
            "resolved": "resolved",
            "issues_raised": "issues",
            "issue_outcomes": "issue_outcomes",
            "issues_answered": "issues_answered",
            "complaint_outcomes": "complaint_outcomes",
            "complaints_with_an_issue_answered": "issue_complaints_answered",
            "complaints_with_an_issue_upheld": "issue_complaints_upheld",
            "ombudsman_received": "ombudsman_received",
            "ombudsman_decided": "ombudsman_decided",
            "compliments": "compliments",
            "contacts": "contacts",
            "remedies": "remedies",
            "mediation_offered": "mediations",
            "mediation_accepted": "mediations",
            "mediation_results": "mediations",
            "satisfaction_answers": "answers",
            "responses_within_standard": "within_standard",
            "responses_within_extended": "within_extended",
            "responses_within_agreed": "within_agreed",
            "responses_outside_standard": "outside_standard",
            "responses_outside_extended": "outside_extended",
            "responses_outside_agreed": "outside_agreed",
        }
        if measure in plain:
            return self.count(self.items(plain[measure]), keys, period)
        if measure == "stages_taken_up_in_several":
            items = (i for i in self.items("taken_up") if i.attrs["several"][0])
            return self.count(items, keys, period)
        if measure == "responses_in_band":
            items = self.items("banded")
            return with_pair(self.count(items, without(keys, "basis"), period), "basis" in keys and INCLUDING)
        outcomes = {
            "complaints_with_outcome": ("complaint_outcomes", lambda word: word != NOT_KNOWN),
            "complaints_upheld": ("complaint_outcomes", lambda word: word == "upheld"),
            "complaints_upheld_or_partly": ("complaint_outcomes", upheld_or_partly),
            "issues_upheld": ("issue_outcomes", lambda word: word == "upheld"),
            "issues_upheld_or_partly": ("issue_outcomes", upheld_or_partly),
        }
        if measure in outcomes:
            name, test = outcomes[measure]
            return self.count((i for i in self.items(name) if test(i.attrs["outcome"][0])), keys, period)
        decisions = {"ombudsman_investigated": ("upheld", "not_upheld"), "ombudsman_upheld": ("upheld",)}
        if measure in decisions:
            items = (
                i for i in self.items("ombudsman_decided") if i.attrs["decision"][0] in decisions[measure]
            )
            return self.count(items, keys, period)
        if measure == "ombudsman_remedy_gbp":
            paid = [i for i in self.items("ombudsman_received") if i.weight]
            return {key: sum(i.weight for i in held) for key, held in self.groups(paid, keys, period).items()}
        if measure == "remedies_gbp":
            amounts = {row["remedy_id"]: row["amount_gbp"] or 0 for row in self.tables["remedy"]}
            held = self.groups(self.items("remedies"), keys, period)
            return {key: sum(amounts[i.thing] for i in items) for key, items in held.items()}
        special: dict[str, Callable] = {
            "new_complaints": self._new_complaints,
            "new_complaints_with_learning": self._with_learning,
            "new_complaints_part_sum": self._overlap,
            "new_complaints_overlap": self._overlap,
            "new_complaints_in_several": self._overlap,
            "complaint_themes_part_sum": self._theme_overlap,
            "complaint_themes_overlap": self._theme_overlap,
            "complaints_with_several_themes": self._theme_overlap,
            "compliment_categories_part_sum": self._category_overlap,
            "compliment_categories_overlap": self._category_overlap,
            "compliments_in_several_categories": self._category_overlap,
            "repeat_complainants": self._repeat,
            "children_in_complaints": self._children,
            "brought_forward": self._stock,
            "carried_forward": self._stock,
            "complaints_brought_forward": self._stock,
            "complaints_carried_forward": self._stock,
            "escalated_flow": self._escalated,
            "escalated_cohort": self._escalated,
            "entered_directly": self._entered_directly,
            "issues_open": self._issues_open,
            "learning_forms_sent": self._learning,
            "learning_forms_returned": self._learning,
            "learning_forms_outstanding": self._learning,
            "learning_categories": self._learning,
            **dict.fromkeys(ACTIONS, self._actions),
            "ombudsman_received_part_sum": self._ombudsman_overlap,
            "ombudsman_received_overlap": self._ombudsman_overlap,
        }
        return special[measure](measure, keys, period) if measure in special else None

    def changes(self, measure: str, keys: tuple[str, ...]) -> dict[str, tuple[float | None, float | None]]:
        """This year's and the earlier year's value by breakdown (rule 21).

        The earlier value comes from the cases where they cover that year, and nothing is then 0 of a count; else it
        is the prior figure. None: there is none.
        """
        name = year_name(int(self.year.name[:4]) - 1)
        now = {key: numbers[2] for key, numbers in self.rows(measure, keys, self.year).items()}
        before = next((p for p in self.periods if p.name == name), None)
        empty = None
        if before is None:
            then = {
                row["breakdown"] or "": row["value"]
                for row in self.tables["prior_figure"]
                if row["reporting_year"] == name and row["figure"] == measure
            }
        else:
            then = {key: numbers[2] for key, numbers in self.rows(measure, keys, before).items()}
            if self.counts(measure, keys, self.year) is not None:
                empty = 0
        return {key: (now.get(key, empty), then.get(key, empty)) for key in now.keys() | then.keys()}

    def _new_complaints(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        named = {"procedure", "any_procedure", "formality"} & set(keys)
        items = (i for i in self.items("complaints") if named or i.formal)  # rule 2
        return self.count(items, keys, period)

    def _with_learning(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """New complaints, informal ones too, of which an action is recorded by the report date."""
        learned = {
            row["complaint_id"]
            for row in self.tables["learning"]
            if row["action_status"]
            and (row["implemented_date"] is None or row["implemented_date"] <= self.as_at)
        }
        items = (i for i in self.items("complaints") if i.thing in learned)
        return self.count(items, keys, period)

    def _levels(self) -> dict[str | None, set[str]]:
        """The levels of declared services under each node; under None, all of them, and the services as sent."""
        found: dict[str | None, set[str]] = defaultdict(set, {None: {"service"}})
        first_days = {row["valid_from"] or date.min for row in self.authority.services}
        for row in self.authority.services:
            found[None].add(row["level"])
            for day in first_days:
                if day <= self.year.end:
                    for above in self.nodes(row["service"], day)[1:]:
                        found[above].add(row["level"])
        return found

    def _overlap(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """Parts are the services of one level, all of them or those under one node, and not known there (rule 17)."""
        levels = self._levels()
        touched: dict[str, list[int]] = defaultdict(list)
        for complaint in self.complaints.values():
            if complaint["received_date"] not in period:
                continue
            if complaint["procedure"] == "informal" and "procedure" not in keys:
                continue
            own = [row["service"] for row in self.complaint_services(complaint)]
            day = complaint["received_date"]
            nodes = {node for service in own for node in self.nodes(service, day)}
            for within in nodes if "service" in keys else [None]:
                for level in levels[within]:
                    parts = {
                        node
                        for node in nodes
                        if self.level(node) == level
                        and (within is None or within in self.nodes(node, day)[1:])
                    }
                    if level == "service":
                        parts = set(own)
                    values = {"by": level, "procedure": complaint["procedure"], "service": within}
                    touched[breakdown(keys, [values[k] for k in keys])].append(max(1, len(parts)))
        return {
            key: {
                "new_complaints_part_sum": sum(numbers),
                "new_complaints_overlap": sum(numbers) - len(numbers),
                "new_complaints_in_several": sum(1 for number in numbers if number > 1),
            }[measure]
            for key, numbers in touched.items()
        }

    def _theme_overlap(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """The table by theme, added up: each complaint in each of its themes, or in not known."""
        items = (i for i in self.items("complaints") if "procedure" in keys or i.formal)
        return self._beyond_total(measure, self.groups(items, keys, period), "theme")

    def _category_overlap(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """The table of compliments by category, added up."""
        return self._beyond_total(measure, self.groups(self.items("compliments"), keys, period), "category")

    @staticmethod
    def _beyond_total(measure: str, groups: dict[str, list[Item]], part: str) -> dict[str, float]:
        """What parts add up to, how much that is above the total, or how many things are in several."""
        counts = {key: [len(item.attrs[part]) for item in items] for key, items in groups.items()}
        counts = {key: numbers for key, numbers in counts.items() if all(numbers)}  # no parts are held
        if measure.endswith("_part_sum"):
            return {key: sum(numbers) for key, numbers in counts.items()}
        if measure.endswith("_overlap"):
            return {key: sum(numbers) - len(numbers) for key, numbers in counts.items()}
        return {key: sum(1 for number in numbers if number > 1) for key, numbers in counts.items()}

    def _ombudsman_overlap(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        parts: dict[str, int] = defaultdict(int)
        wholes: dict[str, set] = defaultdict(set)
        for item in self.items("ombudsman_received"):
            if item.day in period:
                for node in item.attrs["service"]:
                    key = breakdown(keys, [self.level(node)])
                    parts[key] += 1
                    wholes[key].add(item.thing)
        if measure.endswith("part_sum"):
            return dict(parts)
        return {key: parts[key] - len(wholes[key]) for key in parts}

    def _repeat(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        complaints: dict[str, int] = defaultdict(int)
        for row in self.complaints.values():
            if row["received_date"] in period and row["procedure"] != "informal" and row["complainant_id"]:
                complaints[row["complainant_id"]] += 1
        return {"": sum(1 for number in complaints.values() if number >= 2)}

    def _children(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        items = []
        for complaint in self.complaints.values():
            for child in self.by_complaint["complaint_child"][complaint["complaint_id"]]:
                status = complaint["child_looked_after"] or child["child_looked_after"] or NOT_KNOWN
                attrs = {
                    "procedure": (complaint["procedure"],),
                    "child_looked_after": (status,),
                    "ethnicity": (child["ethnicity"] or NOT_KNOWN,),
                }
                if "procedure" in keys or complaint["procedure"] != "informal":
                    items.append(Item(child["child_id"], complaint["received_date"], attrs))
        return self.count(items, keys, period)

    def _stock(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        start = measure.endswith("brought_forward")
        items = []
        for stage in self.stages:
            if start:
                is_open = stage["requested_date"] < period.start and not (
                    stage["closed"] and stage["closed"] < period.start
                )
            else:
                is_open = stage["requested_date"] <= period.end and not (
                    stage["closed"] and stage["closed"] <= period.end
                )
            if is_open:
                thing = stage["complaint_id"] if measure.startswith("complaints") else stage["stage_id"]
                items.append(self._stage_item(stage, period.start, thing=thing))
        return self.count(items, keys, period)

    def _escalated(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """Rule 8. The flow: rows of stage n+1 requested in the period, where stage n of the procedure was entered.
        The cohort: complaints that entered stage n in the period and have reached n+1."""
        entered = {(s["complaint_id"], s["procedure"], s["stage"]) for s in self.stages}
        items = []
        for stage in self.stages:
            if measure == "escalated_flow":
                if (stage["complaint_id"], stage["procedure"], stage["stage"] - 1) not in entered:
                    continue
                item = self._stage_item(stage, stage["requested_date"], from_stage=stage["stage"] - 1)
            else:
                if not stage["went_on"]:
                    continue
                item = self._stage_item(
                    stage, stage["requested_date"], thing=stage["complaint_id"], from_stage=stage["stage"]
                )
            items.append(item)
        return self.count(items, keys, period)

    def _entered_directly(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """Rule 8: rows of a later stage of complaints without the stage before in that procedure."""
        entered = {(s["complaint_id"], s["procedure"], s["stage"]) for s in self.stages}
        items = [
            self._stage_item(stage, stage["requested_date"])
            for stage in self.stages
            if stage["stage"] > 1
            and (stage["complaint_id"], stage["procedure"], stage["stage"] - 1) not in entered
        ]
        return self.count(items, keys, period)

    def _entries(self, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        items = [
            self._stage_item(s, s["requested_date"], thing=s["complaint_id"], from_stage=s["stage"])
            for s in self.stages
        ]
        return self.count(items, keys, period)

    def _issues_open(self, _: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """Rules 9 and 10: raised by the end, and not answered at stage 1 by then; sent straight on is not answered."""
        answered = {
            row["issue_id"]
            for row in self.issue_outcomes
            if row["stage"] == 1
            and row["outcome"] != "direct_to_next_stage"
            and row["decided_date"] <= period.end
        }
        items = [
            Item(i.thing, i.day, {**i.attrs, "stage": (1,)})
            for i in self.items("issues")
            if i.day <= period.end and i.thing not in answered
        ]
        return self.count(items, keys, None)

    def _learning(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        items = []
        for row in self.tables["learning"]:
            sent, back = row["sent_date"], row["returned_date"]
            if sent is None:
                continue
            attrs = {"service": tuple(self.nodes(row["service"], sent)), "category": (row["category"],)}
            in_period = sent in period
            waiting_at_start = sent < period.start and (back is None or back >= period.start)
            if measure == "learning_forms_sent" and in_period:
                items.append(attrs)
            if measure == "learning_forms_returned":
                if in_period and back is not None and back <= period.end:
                    items.append({**attrs, "cohort": ("sent_in_year",)})
                if waiting_at_start and back in period:
                    items.append({**attrs, "cohort": ("outstanding_at_start",)})
            if measure == "learning_forms_outstanding":
                if waiting_at_start:
                    items.append({**attrs, "at": ("start",)})
                if sent <= period.end and (back is None or back > period.end):
                    items.append({**attrs, "at": ("end",)})
            if measure == "learning_categories" and in_period and back is not None:
                items.append(attrs)
        return self.count([Item(number, period.start, a) for number, a in enumerate(items)], keys, period)

    def _actions(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, float]:
        """Details 24: an action stands as known, in its own year; of earlier years, those open when the period began."""
        items = []
        for row in self.tables["action"]:
            agreed, own = row["agreed_date"], row["carried_from_year"]
            year = year_of(agreed) if agreed else int(own[:4])
            progress = row["status"] or "under_way"
            if progress == "under_way":
                ended = None
                if row["due_date"] is not None and row["due_date"] < self.as_at:
                    progress = "overdue"
            else:
                ended = row["done_date"] or date(year + 2, 3, 31)
            attrs = {
                "service": tuple(self.nodes(row["service"], agreed or date(year, 4, 1))),
                "category": (row["category"] or NOT_KNOWN,),
                "progress": (progress,),
            }
            if measure == "actions_brought_forward":
                is_counted = year < year_of(period.start) and (ended is None or ended >= period.start)
            else:
                is_counted = year == year_of(period.start) and progress in ACTIONS[measure]
            if is_counted:
                items.append(Item(row["action_id"], period.start, attrs))
        return self.count(items, keys, period)

    def _ratios(self, measure: str, keys: tuple[str, ...], period: Period) -> dict[str, Numbers]:
        for limit in LIMITS:
            for side in ("within", "outside"):
                if measure != f"responses_{side}_{limit}_share":
                    continue
                # Where there is no limit, an answer is neither within it nor outside.
                wholes = self.count(self.items("limited"), keys, period)
                parts = self.counts(f"responses_{side}_{limit}", keys, period)
                return shares({key: parts.get(key, 0) for key in wholes}, wholes, lambda key: key)
            if measure == f"stage_episodes_answered_within_{limit}_share":
                wholes = self.count(self.items("limited"), keys, period)
                parts = self.counts(f"stage_episodes_answered_within_{limit}", keys, period)
                return shares({key: parts.get(key, 0) for key in wholes}, wholes, lambda key: key)
        averages = {
            "working_days_mean": ("days", statistics.fmean),
            "working_days_median": ("days", statistics.median),
            "calendar_days_mean": ("calendar_days", statistics.fmean),
        }
        if measure in averages:
            column, average = averages[measure]
            of_stage = {s["stage_id"]: s for s in self.stages}
            result = {}
            for key, held in self.groups(self.items("timed"), keys, period).items():
                days = [of_stage[i.thing][column] for i in held]
                result[key] = (float(sum(days)), float(len(days)), float(average(days)))
            return result
        if measure == "panel_steps_within_limit_share":
            wholes = self.counts("panel_steps", keys, period)
            parts = self.counts("panel_steps_within_limit", keys, period)
            return shares({key: parts.get(key, 0) for key in wholes}, wholes, str)
        if measure == "withdrawn_share":
            wholes = self.count(self.items("responses;basis"), keys, period)
            return shares(self.counts("withdrawn", keys, period), wholes, lambda key: key)
        if measure == "responses_in_band_share":
            whole_keys = without(keys, "band")
            wholes = self.counts("responses_timed", whole_keys, period)
            return shares(
                self.counts("responses_in_band", keys, period), wholes, lambda key: drop(key, "band")
            )
        upheld = {
            "complaints_upheld_share": ("complaints_upheld", "complaints_with_outcome"),
            "complaints_upheld_or_partly_share": ("complaints_upheld_or_partly", "complaints_with_outcome"),
            "complaints_with_an_issue_upheld_share": (
                "complaints_with_an_issue_upheld",
                "complaints_with_an_issue_answered",
            ),
            "issues_upheld_share": ("issues_upheld", "issues_answered"),
            "issues_upheld_or_partly_share": ("issues_upheld_or_partly", "issues_answered"),
            "ombudsman_upheld_share": ("ombudsman_upheld", "ombudsman_investigated"),
        }
        if measure in upheld:
            part, whole = upheld[measure]
            wholes = self.counts(whole, keys, period)
            parts = self.counts(part, keys, period)
            return shares({key: parts.get(key, 0) for key in wholes}, wholes, lambda key: key)
        if measure in ("stage_episode_outcomes_share", "complaint_outcomes_and_withdrawn_share"):
            parts = self.counts(measure.removesuffix("_share"), keys, period)
            parts = {key: value for key, value in parts.items() if pairs(key)["outcome"] != NOT_KNOWN}
            wholes: dict[str, float] = defaultdict(float)
            for key, value in parts.items():
                wholes[drop(key, "outcome")] += value
            return shares(parts, wholes, lambda key: drop(key, "outcome"))
        if measure in ("complaint_outcomes_share", "issue_outcomes_share"):
            whole = "complaints_with_outcome" if measure.startswith("complaint") else "issues_answered"
            parts = self.counts(measure.removesuffix("_share"), keys, period)
            test = (lambda word: word != NOT_KNOWN) if measure.startswith("complaint") else self.in_share
            parts = {key: value for key, value in parts.items() if test(pairs(key)["outcome"])}
            return shares(
                parts, self.counts(whole, without(keys, "outcome"), period), lambda key: drop(key, "outcome")
            )
        if measure == "escalated_flow_share":
            return shares(self._escalated("escalated_flow", keys, period), self._entries(keys, period), str)
        if measure == "escalated_cohort_share":
            return shares(self._escalated("escalated_cohort", keys, period), self._entries(keys, period), str)
        if measure == "learning_forms_returned_share":
            wholes = self.counts("learning_forms_sent", without(keys, "cohort"), period)
            parts = self.counts("learning_forms_returned", tuple(sorted({*keys, "cohort"})), period)
            return shares(
                {k: v for k, v in parts.items() if "cohort=sent_in_year" in k},
                wholes,
                lambda key: drop(key, "cohort"),
            )
        raise KeyError(measure)


def upheld_or_partly(word: str) -> bool:
    """Whether an outcome is upheld or partly upheld."""
    return word in ("upheld", "partially_upheld")


def age_band(age: int | None) -> str:
    """The band of an age in whole years."""
    if age is None:
        return NOT_KNOWN
    for top, band in ((15, "0-15"), (24, "16-24"), (34, "25-34"), (49, "35-49"), (64, "50-64")):
        if age <= top:
            return band
    return "65+"


def shares(
    parts: dict[str, float], wholes: dict[str, float], whole_of: Callable[[str], str]
) -> dict[str, Numbers]:
    """Percentages; without a whole there is none."""
    found = {}
    for key, part in parts.items():
        whole = wholes.get(whole_of(key), 0)
        found[key] = (part, whole, 100.0 * part / whole if whole else None)
    return found


def breakdown(keys: Iterable[str], values: Iterable[Any]) -> str:
    """`key=value;key=value`, keys sorted; a semicolon inside a word becomes a comma."""
    return ";".join(f"{k}={str(v).replace(';', ',')}" for k, v in sorted(zip(keys, values, strict=True)))


def pairs(key: str) -> dict[str, str]:
    """The keys and values of a breakdown."""
    return dict(pair.split("=", 1) for pair in key.split(";")) if key else {}


def drop(key: str, name: str) -> str:
    """A breakdown without one of its keys."""
    return ";".join(pair for pair in key.split(";") if not pair.startswith(name + "="))


def without(keys: Iterable[str], name: str) -> tuple[str, ...]:
    """Keys without one of them."""
    return tuple(key for key in keys if key != name)


def with_pair(counts: dict[str, float], basis: str | bool) -> dict[str, float]:
    """The same counts with `basis=` added to each breakdown, where there is a basis."""
    if not basis:
        return counts
    return {";".join(sorted([*key.split(";"), f"basis={basis}"])): value for key, value in counts.items()}


def key_sets(*texts: str) -> Iterator[tuple[str, ...]]:
    """Sets of keys written `procedure;stage`, '' for none."""
    for text in texts:
        yield tuple(sorted(text.split(";"))) if text else ()
