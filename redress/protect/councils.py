"""The decisions of a run: made council by council, put beside the warehouse for the export, and kept as a file.

All reports of a council are decided together; councils have nothing to do with each other and are decided side by side
on the cores that there are. `suppression.csv` is internal: it says of every figure that is not shown why, and what a
secondary one protects.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from redress.authority.folder import find_authority
from redress.authority.protection import Protection, protection
from redress.base.errors import GateFailed, RedressError
from redress.base.settings import Settings
from redress.base.tables import read_csv, write_csv
from redress.protect import kept
from redress.protect.as_signed import kept_table
from redress.protect.council import Council, Given, decide_given
from redress.protect.decide import AS_PRINTED, LEFT_OUT, SECONDARY, SHOWN, Decision
from redress.protect.merge import Merged, Remainders, Service, add_up
from redress.protect.relations import CHANGE, MEASURED
from redress.signed import record as signed_record
from redress.warehouse.connection import open_warehouse
from redress.warehouse.figures import FIGURE_COLUMNS, read_figures

COLUMNS = ("authority", "reporting_year", "figure_id", "status", "reason", "protects")
"""Columns of suppression.csv. `protects`: figure ids, separated by spaces."""

WORTH_A_PROCESS = 20_000
"""With fewer figures in all, starting processes takes longer than deciding."""

KEPT = "decided"
"""The folder of `state` in which decisions are kept, by council."""

Reports = dict[tuple[str, str], Decision]
"""(authority, reporting year) -> its decision."""


@dataclass
class Decided:
    """The decisions of a run.

    Attributes:
        public: of every report, for the public.
        remainders: of every council, the figures of its merged rows.
        internal: of the reports of councils that have settings for internal readers.
        gaps: a sentence for each signed-off report that gives suppressed numbers of its own away.
    """

    public: Reports = field(default_factory=dict)
    remainders: dict[str, Remainders] = field(default_factory=dict)
    internal: Reports = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def decide_reports(connection: Any, settings: Settings, workers: int | None = None) -> Decided:
    """Decide on every figure of every report in the warehouse, and make the tables of decisions beside it.

    Args:
        connection: the open warehouse; gets the temporary tables `protection_figures` (one row per figure and
            public decision), `protection_reports` (one row per report), `protection_left_out`, and for what is merged
            `protection_remainders` (figures), `protection_merged` (a line each) and `protection_services`.
        settings: where the warehouse, the profiles, the sign-offs and the comparison with printed numbers are.
        workers: processes; by default as many as there are cores, and none where there is little to decide. What is
            decided is the same with any number.

    Raises:
        GateFailed: a suppressed number of a report can be worked out, or placed more narrowly than its interval, from
            what would leave.
        RedressError: a process came to its end before it was done.
    """
    sizes = dict(
        connection.execute(
            "select authority, count(*) from figures.figures group by authority order by count(*) desc, authority"
        ).fetchall()
    )
    decided = _known_or_decided(connection, settings, sizes, workers)
    result = Decided()
    for authority in sorted(decided):
        for audience, decisions in (("public", result.public), ("internal", result.internal)):
            of_audience = getattr(decided[authority], audience)
            decisions |= {(authority, year): decision for year, decision in sorted(of_audience.items())}
    result.remainders = {authority: decided[authority].remainders for authority in sorted(decided)}
    result.gaps = [line for authority in sorted(decided) for line in decided[authority].gaps]
    _hold_the_gate([line for authority in sorted(decided) for line in decided[authority].gave_way])
    _tables(connection, result, {authority: _chosen(settings, authority)[0] for authority in decided})
    return result


def _known_or_decided(
    connection: Any, settings: Settings, sizes: Mapping[str, int], workers: int | None
) -> dict[str, Council]:
    """Return the decisions of each council: as kept where the same was asked before, else made, in the order of `sizes`."""
    known = {}
    for authority in sizes:
        question = kept.question_of(given(connection, settings, authority))
        if (council := kept.read(settings.state / KEPT / authority, question)) is not None:
            known[authority] = council
    new = [authority for authority in sizes if authority not in known]
    if workers is None:
        workers = _cores() if sum(sizes[authority] for authority in new) >= WORTH_A_PROCESS else 1
    workers = min(workers, len(new))
    if workers > 1:
        return known | _side_by_side(settings, new, workers)
    return known | {authority: decide_council(connection, settings, authority) for authority in new}


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(settings: Settings, authorities: list[str], workers: int) -> dict[str, Council]:
    """Return the decisions of each council, in order. The first error of a process is raised here."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {authority: pool.submit(_decide_apart, settings, authority) for authority in authorities}
        try:
            return {authority: future.result() for authority, future in waiting.items()}
        except BrokenProcessPool as problem:
            raise RedressError(
                "A process that decides what may be shown came to its end before it was done. Most often memory "
                "ran out.",
                "whoever runs Redress: free memory, or build one council at a time with --authority",
            ) from problem
        finally:
            pool.shutdown(cancel_futures=True)


def _decide_apart(settings: Settings, authority: str) -> Council:
    """`decide_council` in a process of its own."""
    with open_warehouse(settings.database) as connection:
        connection.execute("set threads to 1; set enable_progress_bar to false")
        return decide_council(connection, settings, authority)


def decide_council(connection: Any, settings: Settings, authority: str) -> Council:
    """Decide on every figure of all reports of a council, for each of its audiences, and keep what was decided.

    Args:
        connection: the open warehouse.
        settings: as in `decide_reports`.
        authority: the council.
    """
    asked = given(connection, settings, authority)
    council = decide_given(asked)
    if not council.gave_way:
        kept.write(settings.state / KEPT / authority, kept.question_of(asked), council)
    return council


def _chosen(settings: Settings, authority: str) -> tuple[Protection, Protection | None]:
    """Return a council's settings of protection for the public, and for internal readers where they have any."""
    folder = find_authority(settings, authority)
    section = folder.profile.protection if folder else None
    has_internal = section is not None and section.internal is not None
    return protection(section), protection(section, "internal") if has_internal else None


def given(connection: Any, settings: Settings, authority: str) -> Given:
    """Return all that the decision on a council depends on; as for `decide_council`."""
    public, internal = _chosen(settings, authority)
    figures = _rows(
        connection,
        "select * from figures.figures where authority = $1 "
        "order by reporting_year, measure, breakdown, period, figure_id",
        authority,
    )
    services = _services(connection, authority)
    years_counted = {row["reporting_year"] for row in figures}
    earlier, standing, settled = _signed(settings, authority, years_counted, services)
    return Given(
        authority=authority,
        public=public,
        internal=internal,
        figures=[*figures, *standing.rows],
        earlier=earlier,
        services=services | standing.services,
        groupings=_rows(
            connection,
            "select attribute, value, grouping, group_value from staging.stg_config_grouping "
            "where authority = $1 order by all",
            authority,
        ),
        printed=_public(figures, _printed(settings.build / "published_check.csv")),
        pounds=_pounds(connection, authority),
        settled=settled,
        revised=[
            row["figure_id"]
            for row in earlier
            if signed_record.is_signing(settings, authority, row["reporting_year"])
        ],
    )


def _signed(
    settings: Settings, authority: str, years: Collection[str], services: Mapping[str, Service]
) -> tuple[list[dict[str, Any]], Remainders, dict[str, str]]:
    """What signed-off reports of a council have said: to be kept to where it is in force, and known for ever.

    Args:
        settings: where the sign-offs are; those of the report that a run signs again are its earlier ones.
        authority: the council.
        years: the reports that are in the warehouse.
        services: the council's.

    Returns:
        The rows (as of `figures.figures`) of records that are not the warehouse's own reports, those that were not
        left out; the remainders of the warehouse's own reports; and figure id -> decision for all. The figure ids of
        the first have the record's number behind them.
    """
    earlier, standing, settled = [], Remainders(), {}
    for year in signed_record.signed_years(settings.state, authority):
        records = signed_record.records(settings, authority, year)
        for record in records:
            published = kept_table(record, "figures")
            known, remainders = _figures_of(record, services)
            standing.services |= remainders.services
            shown = _as_published(published.to_pylist() if published else (), known)
            is_standing = record is records[-1] and not signed_record.is_signing(settings, authority, year)
            if is_standing and year in years:
                settled |= dict.fromkeys(known, LEFT_OUT) | shown
                standing.rows += remainders.rows
                continue
            for figure, row in known.items():
                if figure in shown:
                    name = f"{figure}@{record.number}"
                    earlier.append(row | {"figure_id": name, "record": record.number})
                    settled[name] = shown[figure]
    return earlier, standing, settled


def _figures_of(
    record: signed_record.Record, services: Mapping[str, Service]
) -> tuple[dict[str, dict[str, Any]], Remainders]:
    """Return the figures of a record by figure id, remainders among them; and the remainders alone."""
    figures = {figure: _numbers(row) for figure, row in signed_record.figures_of(record).items()}
    reports = kept_table(record, "reports")
    # records of before know of no merged rows
    lines = [row["merged"] for row in (reports.to_pylist() if reports else ()) if row.get("merged")]
    merged = [Merged.from_line(record.reporting_year, line) for text in lines for line in text.split("\n")]
    remainders = add_up(figures.values(), merged, services)
    return figures | {row["figure_id"]: row for row in remainders.rows}, remainders


def _as_published(rows: Iterable[dict[str, Any]], figures: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Figure id -> what a record's published table says of it: suppressed, shown, or shown as the council printed it.

    Args:
        rows: the table `figures` as it left.
        figures: figure id -> the record's own row, with all numbers.
    """
    decided = {}
    for row in rows:
        figure, status = row["figure_id"], SECONDARY if row["status"] == "suppressed" else SHOWN
        has_parts = figures.get(figure, {}).get("denominator") is not None
        if status == SHOWN and has_parts and row.get("denominator", "") is None:
            status = AS_PRINTED
        decided[figure] = status
    return decided


def _numbers(row: dict[str, str]) -> dict[str, Any]:
    """A row of a figures.csv with its numbers as numbers."""
    return row | {
        name: float(row[name]) if row[name] else None for name in ("numerator", "denominator", "value")
    }


def _hold_the_gate(gave_way: list[str]) -> None:
    """Let nothing leave of which the last attack found that a suppressed number gives way; a line for each."""
    if gave_way:
        raise GateFailed(
            f"Nothing was published: {len(gave_way)} suppressed numbers can be worked out, or placed more narrowly "
            "than the protection interval, from the figures beside them.",
            "the analyst: raise `least_shown_percent`, or shorten `open_keys`, in the council's profile.yml",
            gave_way,
            {line.partition(":")[0] for line in gave_way},
        )


def write_decisions(decisions: Reports, path: Path) -> int:
    """Write suppression.csv: a row per figure that is not shown as it is. Returns the rows written."""
    rows = (
        (
            *(authority, year, figure, status, decision.reason.get(figure, "")),
            " ".join(decision.protects.get(figure, ())),
        )
        for (authority, year), decision in sorted(decisions.items())
        for figure, status in sorted(decision.status.items())
        if status != SHOWN
    )
    return write_csv(path, COLUMNS, rows)


def write_internal(settings: Settings, decisions: Reports, folder: Path) -> int:
    """Write `<authority>-<reporting year>.csv` of each report as internal readers may have it.

    The columns and the order are those of figures.csv. A suppressed figure has its row, no numbers and the status
    `suppressed`; a figure that is left out has no row.

    Returns:
        Files written.
    """
    for (authority, year), decision in sorted(decisions.items()):
        rows = []
        figures = read_figures(settings.database, authority, year)
        order = ("measure", "breakdown", "period", "figure_id")
        for figure, row in sorted(figures.items(), key=lambda one: [one[1][name] for name in order]):
            if decision.status[figure] == LEFT_OUT:
                continue
            if decision.status[figure] == AS_PRINTED:
                row |= {"numerator": "", "denominator": "", "value": decision.printed[figure]}
            elif decision.status[figure] != SHOWN:
                row |= {"numerator": "", "denominator": "", "value": "", "status": "suppressed"}
            rows.append(tuple(row.values()))
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / f"{authority}-{year}.csv", FIGURE_COLUMNS, rows)
    return len(decisions)


def _tables(connection: Any, decided: Decided, chosen: dict[str, Protection]) -> None:
    """The decisions as temporary tables, and what is merged."""
    import pyarrow as pa

    figures: dict[str, list] = {
        name: [] for name in ("authority", "reporting_year", "figure_id", "decision", "printed")
    }
    reports: dict[str, list] = defaultdict(list)
    left_out: list[dict] = []
    for (authority, year), decision in sorted(decided.public.items()):
        figures["authority"] += [authority] * len(decision.status)
        figures["reporting_year"] += [year] * len(decision.status)
        figures["figure_id"] += list(decision.status)
        figures["decision"] += list(decision.status.values())
        figures["printed"] += [decision.printed.get(figure) for figure in decision.status]
        reports["authority"].append(authority)
        reports["reporting_year"].append(year)
        reports["figures_shown"].append(decision.counts[SHOWN] + decision.counts[AS_PRINTED])
        for name in ("primary", "secondary", "left_out"):
            reports[f"figures_{name}"].append(decision.counts[name])
        reports["counts_attacked"].append(len(decision.targets))
        reports["sums_attacked"].append(len(decision.sums))
        reports["numbers_gave_way"].append(len(decision.gave_way))
        reports["numbers_narrow_by_print"].append(len(decision.narrow))
        reports["threshold"].append(chosen[authority].threshold)
        reports["protection_interval"].append(chosen[authority].width)
        left_out += [{"authority": authority} | row for row in decision.left_out]
    columns = pa.schema([(name, pa.float64() if name == "printed" else pa.string()) for name in figures])
    whole = [name for name in reports if name not in ("authority", "reporting_year")]
    for name, table in {
        "protection_figures": pa.Table.from_pydict(figures, schema=columns),
        "protection_reports": pa.Table.from_pydict(
            dict(reports),
            schema=pa.schema(
                [("authority", pa.string()), ("reporting_year", pa.string())]
                + [(n, pa.int32()) for n in whole]
            ),
        )
        if reports
        else None,
        "protection_left_out": pa.Table.from_pylist(
            left_out,
            schema=pa.schema(
                [
                    (n, pa.string())
                    for n in ("authority", "reporting_year", "measure", "keys", "pairs", "period_kind")
                ]
                + [("level", pa.int32()), ("figures", pa.int32())]
            ),
        ),
    }.items():
        if table is not None:
            _keep(connection, name, table)
    _tables_of_remainders(connection, decided.remainders)


def _tables_of_remainders(connection: Any, remainders: Mapping[str, Remainders]) -> None:
    """The figures of merged rows, what was merged and the services that it makes, as temporary tables."""
    import pyarrow as pa

    text = lambda *names: [(name, pa.string()) for name in names]
    numbers = [(name, pa.float64()) for name in ("numerator", "denominator", "value")]
    names = (
        "authority",
        "reporting_year",
        "figure_id",
        "measure",
        "breakdown",
        "period",
        "unit",
        "rule",
        "status",
    )
    figures = pa.schema([*text(*names), *numbers])
    merged = [
        {"authority": authority, "reporting_year": one.reporting_year, "line": one.line()}
        for authority, own in remainders.items()
        for one in own.merged
    ]
    services = [
        {"authority": authority, "service": name, "parent_service": service.above, "level": service.level}
        for authority, own in remainders.items()
        for name, service in own.services.items()
    ]
    rows = [row for own in remainders.values() for row in own.rows]
    _keep(connection, "protection_remainders", pa.Table.from_pylist(rows, schema=figures))
    schema = pa.schema(text("authority", "reporting_year", "line"))
    _keep(connection, "protection_merged", pa.Table.from_pylist(merged, schema=schema))
    schema = pa.schema(text("authority", "service", "parent_service", "level"))
    _keep(connection, "protection_services", pa.Table.from_pylist(services, schema=schema))


def _keep(connection: Any, name: str, table: Any) -> None:
    """Keep an Arrow table as a temporary table."""
    connection.register(f"{name}_rows", table)
    connection.execute(f"create or replace temp table {name} as select * from {name}_rows")
    connection.unregister(f"{name}_rows")


def _rows(connection: Any, sql: str, *values: Any) -> list[dict]:
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _services(connection: Any, authority: str) -> dict[str, Service]:
    """The council's services by name, with commas for semicolons as in breakdowns."""
    rows: dict[str, list[tuple[str, str | None, str, str]]] = defaultdict(list)
    for service, *row in connection.execute(
        "select service, cast(tree_to as varchar), replace(parent_service, ';', ','), coalesce(label, ''), "
        "coalesce(level, '') from intermediate.int_service_in_tree where authority = $1 order by service, tree_from",
        [authority],
    ).fetchall():
        rows[service.replace(";", ",")].append(tuple(row))
    services = {}
    for service, places in rows.items():
        _, above, label, level = places[-1]
        earlier = [
            (last_day, *before)
            for (last_day, *before, _), (_, *after, _) in pairwise(places)
            if before != after
        ]
        services[service] = Service(above, level, label, tuple(earlier))
    return services


def _printed(path: Path) -> dict[str, str]:
    """Figure id -> the number as printed, where counting gives the printed number.

    A blank cell in a printed table of numbers says 0 where the cases give 0: whoever reads the print knows it.
    """
    return {
        row["figure_id"]: row["published_value"] or "0"
        for row in read_csv(path)
        if row["verdict"] in ("reproduced", "prior_series")
        and row["figure_id"]
        and (row["published_value"] or row["computed_value"] == "0")
    }


def _public(figures: list[dict], printed: dict[str, str]) -> dict[str, str]:
    """Those of a report's figures that the authority has printed: a count as it is, what is worked out to its places."""
    found = {}
    for row in figures:
        text = printed.get(row["figure_id"])
        if text is None or row["value"] is None:
            continue
        try:
            number = float(text)
        except ValueError:
            continue
        if number == row["value"] or row["unit"] in MEASURED or CHANGE.search(row["measure"]):
            found[row["figure_id"]] = text
    return found


def _pounds(connection: Any, authority: str) -> dict[str, tuple[int, float]]:
    """Figure id of a sum of pounds -> how many cases give to it, and the most that one case gives, in pounds.

    Counted from the things behind each figure (`evidence.members`): a case is the complaint that these belong to, or
    the thing itself. Sums of which the warehouse has not kept what is behind them are not named.
    """
    if not _rows(
        connection,
        "select 1 from information_schema.tables where table_schema = 'evidence' and table_name = 'members'",
    ):
        return {}
    return {
        row["figure_id"]: (row["cases"], float(row["largest"]))
        for row in _rows(
            connection,
            """
            with behind as (
                select figures.figure_id, members.authority, members.reporting_year, members.thing, members.weight
                from figures.figures as figures
                inner join evidence.parts as parts
                    on figures.figure_id = parts.figure_id and parts.part = 'numerator' and parts.agrees
                inner join evidence.members as members on parts.set_id = members.set_id
                where figures.authority = $1 and figures.unit = 'gbp'
            ),

            of_case as (
                select behind.figure_id, behind.thing, any_value(behind.weight) as weight, min(things.belongs_to) as complaint
                from behind
                left join evidence.things as things
                    on behind.authority = things.authority
                    and behind.reporting_year = things.reporting_year
                    and behind.thing = things.thing
                group by all
            ),

            cases as (
                select figure_id, coalesce(complaint, thing) as one_case, sum(weight) as pounds
                from of_case
                group by all
            )

            select figure_id, count(*) filter (pounds != 0) as cases, max(abs(pounds)) as largest
            from cases
            group by figure_id
            order by figure_id
            """,
            authority,
        )
    }
