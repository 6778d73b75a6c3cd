"""What has been published stays published: signed-off reports leave as they were signed, with what was revised since.

A record of a sign-off keeps the report's rows of the protected export. From then on these rows are its pages and
downloads, whatever a later run would make of them: nothing that comes in, and no setting, changes a published page. What a
run would show otherwise is compared and listed. A revision is made of what the record before it published and of what
this run publishes, and of nothing else: a number that was not shown is not told, and neither are numbers of cases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.declared.model import DeclaredReport
from redress.declared.prose import word_changes
from redress.protect.tables import SCHEMAS
from redress.signed.differences import DIFFERENCES
from redress.signed.record import PUBLISHED, Record, declared_in, is_signing, records, state_after

Report = tuple[str, str]

FOR_READERS = (
    "name",
    "short_name",
    "contact",
    "feedback",
    "published_on",
    "next_release",
    "colour",
    "logo",
    "logo_kind",
)
"""Columns of `reports` that say how to reach the council and when it publishes: a signed report says what holds now."""

SHARED = ("checks", "check_history")
"""Tables with rows that belong to every report, which a signed report takes along."""

COMPARED_ANEW = ("comparison",)
"""Tables that set reports side by side: made by every run, with each report's published numbers."""

NUMBERS = ("numerator", "denominator", "value")
CHANGES = {
    "changed": "another number",
    "hidden": "no longer shown",
    "shown": "shown now",
    "new": "not in the report before",
    "gone": "no longer in the report",
    "new_measure": "a measure that the report did not have",
}
"""What became of a figure, as the column `change` says it."""


@dataclass
class Published:
    """What the reports of a run have published so far, and what the run adds to it.

    Attributes:
        settings: the run's; a plain installation's signs nothing.
        reports: the reports of the warehouse, each with the day that it is as at.
        without_cases: signed-off reports that are not in the warehouse, since their cases were removed by rule.
        today: the day by which a report stops being a draft.
        differences: figures of signed reports that this run would show otherwise, filled by `table`; one row each with
            the columns `DIFFERENCES`.
    """

    settings: Settings
    reports: Mapping[Report, str]
    without_cases: Collection[Report] = ()
    today: date = field(default_factory=date.today)
    differences: list[dict[str, str]] = field(default_factory=list)
    _records: dict[Report, list[Record]] = field(default_factory=dict)
    _figures: pa.Table | None = None
    _revised: list[dict[str, Any]] = field(default_factory=list)
    _reworded: list[dict[str, Any]] = field(default_factory=list)
    _acts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for report in sorted({*self.reports, *self.without_cases}):
            found = records(self.settings, *report)
            if found:
                self._records[report] = found

    @property
    def standing(self) -> dict[Report, Record]:
        """The signed reports that this run leaves as they are, each with its newest record."""
        return {
            report: found[-1]
            for report, found in self._records.items()
            if not is_signing(self.settings, *report)
        }

    def table(self, name: str, computed: pa.Table) -> pa.Table:
        """A table of the export as it may leave: what stands in place of what was computed.

        `figures` comes first: the others are made to agree with it.

        Args:
            name: of the table.
            computed: its rows as this run made them.
        """
        columns = set(computed.column_names)
        if name == "figures":
            computed = self._with_this_signing(computed)
        if name in COMPARED_ANEW:
            return self._with_published_numbers(name, computed)
        if "authority" not in columns:
            return computed
        if "reporting_year" not in columns:
            return self._with_authorities_gone(name, computed)
        if name in SHARED:
            computed = self._with_shared_rows(computed)
        kept = {
            report: rows
            for report, one in self.standing.items()
            if (rows := kept_table(one, name)) is not None
        }
        if name == "figures":
            self._compare(computed, kept)
        if name == "pages":
            self._compare_words(computed)
        if name == "reports":
            kept = {report: _for_readers(rows, _of(computed, report)) for report, rows in kept.items()}
        result = _in_place(computed, kept)
        if name == "figures":
            self._figures = result
        return self._with_states(result) if name == "reports" else result

    def sign_offs(self) -> pa.Table:
        """Who signed each report off, and who revised it when and why. One row per report and act."""
        return self._of_records("sign_offs", self._acts, "number")

    def revisions(self) -> pa.Table:
        """What each revision changed, as it was and is published. One row per report, revision and figure."""
        return self._of_records("revisions", self._revised, "number", "position")

    def revised_words(self) -> pa.Table:
        """What each revision says in other words. One row per report, revision and run of paragraphs."""
        return self._of_records("revised_words", self._reworded, "number", "position")

    def _of_records(self, name: str, added: list[dict[str, Any]], *order: str) -> pa.Table:
        """A table that records keep and an act of signing adds to."""
        kept = [kept_table(one, name) for one in self.standing.values()]
        return pa.concat_tables(
            [
                SCHEMAS[name].empty_table(),
                *[rows for rows in kept if rows is not None],
                _table(name, added),
            ]
        ).sort_by([(column, "ascending") for column in ("authority", "reporting_year", *order)])

    def write_differences(self, path: Path) -> None:
        """Write `differences` as CSV; only its header where there is none."""
        write_csv(path, DIFFERENCES, self.differences)

    def _with_this_signing(self, computed: pa.Table) -> pa.Table:
        """The figures; this run's act of signing is noted, and each figure that a revision of the report changed is marked."""
        wish = getattr(self.settings, "signing", None)
        if wish is None or wish.report not in self.reports:
            return computed
        before = self._records.get(wish.report, [])
        now = {row["figure_id"]: row for row in _of(computed, wish.report).to_pylist()}
        name = {"authority": wish.authority, "reporting_year": wish.reporting_year}
        rows: list[dict[str, Any]] = []
        if before:
            own = {
                "sign_offs": self._acts, "revisions": self._revised, "revised_words": self._reworded,
            }  # fmt: skip
            for kept, into in own.items():
                found = kept_table(before[-1], kept)
                into += found.to_pylist() if found is not None else []
            rows = self._changes(before[-1], now)
            self._revised += [
                name | {"number": len(before) + 1, "position": position} | row
                for position, row in enumerate(rows)
            ]
        self._acts.append(
            name
            | {
                "number": len(before) + 1,
                "signed_on": str(wish.on),
                "signed_by": wish.by.strip(),
                "as_at": self.reports[wish.report],
                "reason": wish.reason.strip() or None,
                "figures_changed": sum(row["change"] != "new_measure" for row in rows),
            }
        )
        marked = {
            row["figure_id"]
            for row in self._revised
            if row["change"] != "new_measure"
            and row["figure_id"] in now
            and now[row["figure_id"]]["value"] is not None
        }
        place = computed.column_names.index("status")
        status = [
            "revised" if figure in marked else status
            for figure, status in zip(
                computed["figure_id"].to_pylist(), computed["status"].to_pylist(), strict=True
            )
        ]
        return computed.set_column(place, computed.schema.field("status"), pa.array(status, pa.string()))

    def _compare_words(self, computed: pa.Table) -> None:
        """Note what this run's revision of a report says in other words than the record before it.

        Where the earlier words may not be shown, `before` is null, in earlier revisions of that section too.
        """
        wish = getattr(self.settings, "signing", None)
        before = self._records.get(wish.report, []) if wish and wish.report in self.reports else []
        declared = declared_in(before[-1]) if before else None
        if declared is None:
            return
        now = DeclaredReport.from_rows(*wish.report, _of(computed, wish.report).to_pylist())
        changes = word_changes(declared, now)
        if wish.hides_words:
            sections = {change.section for change in changes}
            changes = [change._replace(before=None) for change in changes]
            for row in self._reworded:
                if row["section"] in sections:
                    row |= {"before": None, "after": None}
        name = {"authority": wish.authority, "reporting_year": wish.reporting_year, "number": len(before) + 1}
        self._reworded += [
            name | {"position": position} | change._asdict() for position, change in enumerate(changes)
        ]

    def _changes(self, signed: Record, now: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What this run's revision of a report changes, with causes."""
        from redress.signed.causes import public_causes

        rows = kept_table(signed, "figures")
        before = {row["figure_id"]: row for row in rows.to_pylist()} if rows is not None else {}
        changes = published_changes(before, now)
        as_at = date.fromisoformat(self.reports[signed.authority, signed.reporting_year])
        said = public_causes(self.settings, signed, as_at, {row["measure"] for row in changes})
        return [row | {"cause": said[row["measure"]]} for row in changes]

    def _with_published_numbers(self, name: str, computed: pa.Table) -> pa.Table:
        """A comparison whose numbers are those that the figures publish; what they hold back is held back here."""
        assert self._figures is not None, "the figures come first"
        wanted = pc.is_in(self._figures["figure_id"], computed["figure_id"].combine_chunks())
        shown = {row["figure_id"]: row for row in self._figures.filter(wanted).to_pylist()}
        rows = computed.to_pylist()
        for row in rows:
            if (row["authority"], row["reporting_year"]) not in self._records or row["figure_id"] is None:
                continue
            figure = shown.get(row["figure_id"])
            if figure is None:
                row |= {**dict.fromkeys((*NUMBERS, "figure_id", "base_caveat")), "status": "suppressed"}
                continue
            row |= {name: figure[name] for name in (*NUMBERS, "unit", "status")}
            if row["value"] is None:
                row["base_caveat"] = None
        gone = [kept for one in self._gone.values() if (kept := kept_table(one, name)) is not None]
        return pa.concat_tables([pa.Table.from_pylist(rows, schema=computed.schema), *gone])

    @property
    def _gone(self) -> dict[Report, Record]:
        """The signed reports that are known from their records only."""
        return {report: one for report, one in self.standing.items() if report not in self.reports}

    def _with_authorities_gone(self, name: str, computed: pa.Table) -> pa.Table:
        """A table of authorities, with the rows of those of which this run computed nothing at all."""
        known = {authority for authority, _ in self.reports}
        kept: dict[str, pa.Table] = {}
        for (authority, _), one in self._gone.items():
            rows = kept_table(one, name)
            if authority not in known and rows is not None:
                kept[authority] = rows
        return pa.concat_tables([computed, *kept.values()])

    def _with_shared_rows(self, computed: pa.Table) -> pa.Table:
        """A table of checks, in which the report that this run signs has the rows about all reports as its own."""
        wish = getattr(self.settings, "signing", None)
        if wish is None:
            return computed
        own = [
            row | {"authority": wish.authority, "reporting_year": wish.reporting_year}
            for row in computed.to_pylist()
            if (row["authority"] or "") in ("", wish.authority)
            and (row["reporting_year"] or "") in ("", wish.reporting_year)
        ]
        return _in_place(computed, {wish.report: pa.Table.from_pylist(own, schema=computed.schema)})

    def _with_states(self, reports: pa.Table) -> pa.Table:
        """The reports with their states, and the days on which they were signed off and revised."""
        days: dict[Report, list[str]] = {}
        for row in self.sign_offs().to_pylist():
            days.setdefault((row["authority"], row["reporting_year"]), []).append(row["signed_on"])
        rows = reports.to_pylist()
        for row in rows:
            signed = days.get((row["authority"], row["reporting_year"]), [])
            row["state"] = state_after(len(signed), date.fromisoformat(row["as_at"]), self.today)
            row["signed_on"] = signed[0] if signed else None
            row["revised_on"] = signed[-1] if len(signed) > 1 else None
        return pa.Table.from_pylist(rows, schema=reports.schema)

    def _compare(self, computed: pa.Table, kept: Mapping[Report, pa.Table]) -> None:
        """Note the figures of signed reports that this run would show otherwise than they were published."""
        for report, rows in kept.items():
            if report not in self.reports:
                continue
            now = {row["figure_id"]: row for row in _of(computed, report).to_pylist()}
            before = {row["figure_id"]: row for row in rows.to_pylist()}
            for change in published_changes(before, now):
                if change["change"] == "new_measure":
                    continue
                self.differences.append(
                    {"authority": report[0], "reporting_year": report[1]}
                    | {name: change[name] for name in ("figure_id", "measure", "breakdown", "period")}
                    | {side: _said(change, side) for side in ("was", "is")}
                    | {"signed_as_at": self._records[report][-1].as_at, "as_at": self.reports[report]}
                )


def published_changes(
    before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Figures that two published states of a report show otherwise.

    A figure is listed where one of the states shows a number and the other does not show the same; two signs for a
    number that is not shown say nothing. Figures of a measure that the earlier state did not have are one row.

    Args:
        before, now: figure id -> row of the protected figures.

    Returns:
        list: figure_id, measure, title, breakdown, period, unit, change (one of `CHANGES`), and value, numerator,
        denominator and status of each side, as `was_value`, `is_value` and so on; None where it has none. Figures of the
        whole council and year come first.
    """
    measures = {row["measure"] for row in before.values()}
    found: list[dict[str, Any]] = []
    added: dict[str, dict[str, Any]] = {}
    for figure_id in before.keys() | now.keys():
        old, new = before.get(figure_id), now.get(figure_id)
        change = _change(old, new)
        if change is None:
            continue
        known = new or old
        assert known is not None
        row = {name: known[name] for name in ("measure", "title", "unit")}
        if change == "new" and known["measure"] not in measures:
            added[known["measure"]] = row | {
                "figure_id": None,
                "change": "new_measure",
                "breakdown": "",
                "period": "",
            }
            continue
        row |= {name: known[name] for name in ("figure_id", "breakdown", "period")} | {"change": change}
        for side, one in (("was", old), ("is", new)):
            row |= {f"{side}_{name}": one and one[name] for name in (*NUMBERS, "status")}
        found.append(row)
    found.sort(
        key=lambda row: (
            row["breakdown"] != "",
            row["measure"],
            row["breakdown"],
            row["period"],
            row["figure_id"],
        )
    )
    return found + [added[measure] for measure in sorted(added)]


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str | None:
    """What became of a figure, one of `CHANGES`; None where nothing did that a reader could see."""
    had, has = (one is not None and one["value"] is not None for one in (old, new))
    if had and has:
        assert old is not None and new is not None
        return "changed" if any(old[name] != new[name] for name in (*NUMBERS, "unit")) else None
    if had:
        return "gone" if new is None else "hidden" if new["status"] == "suppressed" else "changed"
    if has:
        return "new" if old is None else "shown" if old["status"] == "suppressed" else "changed"
    return None


def _said(change: Mapping[str, Any], side: str) -> str:
    """One side of a change, for an internal list: the number, or why there is none."""
    value, status = change[f"{side}_value"], change[f"{side}_status"]
    if value is not None:
        return str(int(value)) if float(value).is_integer() else str(value)
    return "not in the report" if status is None else "[c]" if status == "suppressed" else "blank"


def keep(protected: Path, target: Path, authority: str, year: str) -> None:
    """Write a report's rows of an export to be kept with its record: one Parquet file per table.

    Tables about the authority (its services, say) are kept whole, for the day on which nothing else is known of it.

    Args:
        protected: the folder of Arrow streams of the export.
        target: a folder to be made.
    """
    target.mkdir(parents=True)
    for path in sorted(protected.glob("*.arrow")):
        with pa.OSFile(str(path)) as file:
            table = pa.ipc.open_stream(file).read_all()
        if "authority" not in table.column_names:
            continue
        mine = pc.equal(table["authority"], authority)
        if "reporting_year" in table.column_names:
            mine = pc.and_(mine, pc.equal(table["reporting_year"], year))
        pq.write_table(
            table.filter(mine), target / f"{path.stem}.parquet", compression="zstd", store_schema=False
        )


def remember(protected: Path, record: Record) -> None:
    """Put what earlier runs had found, which no file says again, from a record into an export that is built again."""
    from redress.protect.streams import write_stream

    path = protected / "check_history.arrow"
    kept = kept_table(record, path.stem)
    if kept is None:
        return
    with pa.OSFile(str(path)) as file:
        table = pa.ipc.open_stream(file).read_all()
    report = (record.authority, record.reporting_year)
    write_stream(_in_place(table, {report: kept}), path)


def kept_table(record: Record, name: str) -> pa.Table | None:
    """The rows of a table that a record keeps, with the columns of today's export; None where it keeps none."""
    path = record.folder / PUBLISHED / f"{name}.parquet"
    if not path.exists():
        return None
    kept = pq.read_table(path)
    schema = SCHEMAS[name]
    return pa.table(
        [
            kept[one.name].cast(one.type)
            if one.name in kept.column_names
            else pa.repeat(pa.scalar(record.reporting_year, one.type), kept.num_rows)
            if one.name == "reporting_year"
            else pa.nulls(kept.num_rows, one.type)
            for one in schema
        ],
        schema=schema,
    )


def _of(table: pa.Table, report: Report) -> pa.Table:
    """A report's own rows."""
    return table.filter(
        pc.and_(pc.equal(table["authority"], report[0]), pc.equal(table["reporting_year"], report[1]))
    )


def _in_place(computed: pa.Table, kept: Mapping[Report, pa.Table]) -> pa.Table:
    """A table in which the given reports have other rows than computed; reports stay in the order of the table."""
    if not kept:
        return computed
    keys = zip(computed["authority"].to_pylist(), computed["reporting_year"].to_pylist(), strict=True)
    parts, start, waiting = [], 0, dict(kept)
    for report, rows in groupby(keys):
        end = start + sum(1 for _ in rows)
        if report not in kept:
            parts.append(computed.slice(start, end - start))
        elif report in waiting:
            parts.append(waiting.pop(report))
        start = end
    return pa.concat_tables([*parts, *(waiting[report] for report in sorted(waiting))])


def _for_readers(kept: pa.Table, computed: pa.Table) -> pa.Table:
    """A kept row of `reports` with the lines for readers as they are now, where they are known."""
    if not computed.num_rows:
        return kept
    for name in FOR_READERS:
        kept = kept.set_column(kept.column_names.index(name), kept.schema.field(name), computed[name])
    return kept


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table of the export."""
    schema = SCHEMAS[name]
    return pa.Table.from_pylist(
        [{column: row.get(column) for column in schema.names} for row in rows], schema=schema
    )
