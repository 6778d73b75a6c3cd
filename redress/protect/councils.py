"""The decisions of a run: made council by council, put beside the warehouse for the export, and kept as a file.

All reports of a council are decided together; councils have nothing to do with each other and are decided side by side
on the cores that there are. `suppression.csv` is internal: it says of every figure that is not shown why, and what a
secondary one protects.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from redress.authority.folder import find_authority
from redress.authority.protection import Protection, protection
from redress.base.errors import GateFailed, RedressError
from redress.base.settings import Settings
from redress.base.tables import read_csv, write_csv
from redress.contract.breakdown import pairs_of
from redress.protect.as_signed import kept_table
from redress.protect.decide import AS_PRINTED, LEFT_OUT, SECONDARY, SHOWN, Decision, decide
from redress.protect.merge import Merged, Remainders, Service, Table, add_up, choose, not_adding_up, table_of
from redress.protect.relations import CHANGE, MEASURED
from redress.protect.suppress import Solved
from redress.signed import record as signed_record
from redress.warehouse.connection import open_warehouse
from redress.warehouse.figures import FIGURE_COLUMNS, read_figures

COLUMNS = ("authority", "reporting_year", "figure_id", "status", "reason", "protects")
"""Columns of suppression.csv. `protects`: figure ids, separated by spaces."""

WORTH_A_PROCESS = 20_000
"""With fewer figures in all, starting processes takes longer than deciding."""

TRIES = 2
"""How often a council's figures are decided with rows merged."""

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
        workers: processes, each of which opens the warehouse for reading; by default as many as there are cores,
            and none where there is little to decide. What is decided is the same with any number.

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
    if workers is None:
        workers = _cores() if sum(sizes.values()) >= WORTH_A_PROCESS else 1
    workers = min(workers, len(sizes))
    if workers > 1:
        found = _side_by_side(settings, list(sizes), workers)
    else:
        found = {authority: decide_council(connection, settings, authority) for authority in sizes}
    result = Decided()
    for authority in sorted(found):
        for audience, decisions in (("public", result.public), ("internal", result.internal)):
            one = getattr(found[authority], audience)
            decisions |= {(authority, year): decision for year, decision in sorted(one.items())}
    result.remainders = {authority: found[authority].remainders for authority in sorted(found)}
    result.gaps = [line for authority in sorted(found) for line in found[authority].gaps]
    _hold_the_gate([line for authority in sorted(found) for line in found[authority].gave_way])
    _tables(connection, result, {one: found[one].settings for one in found})
    return result


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(settings: Settings, authorities: list[str], workers: int) -> dict[str, Council]:
    """The decisions of each council, the largest first. The first error of a process is raised here."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {one: pool.submit(_decide_apart, settings, one) for one in authorities}
        try:
            return {one: future.result() for one, future in waiting.items()}
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


@dataclass
class Council:
    """What was decided of one council.

    Attributes:
        settings: those for the public.
        remainders: the figures of merged rows of reports that are not signed off.
        public, internal: reporting year -> decision; `internal` is empty where internal readers have no settings.
        gave_way: a line for each suppressed number that can be worked out.
        gaps: a sentence for each signed-off report that gives suppressed numbers of its own away.
    """

    settings: Protection
    public: dict[str, Decision]
    remainders: Remainders = field(default_factory=Remainders)
    internal: dict[str, Decision] = field(default_factory=dict)
    gave_way: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def decide_council(connection: Any, settings: Settings, authority: str) -> Council:
    """Decide on every figure of all reports of a council, for each of its audiences.

    Args:
        connection: the open warehouse.
        settings: as in `decide_reports`.
        authority: the council.
    """
    folder = find_authority(settings, authority)
    section = folder.profile.protection if folder else None
    figures = _rows(
        connection,
        "select * from figures.figures where authority = $1 "
        "order by reporting_year, measure, breakdown, period, figure_id",
        authority,
    )
    services = _services(connection, authority)
    years_counted = {row["reporting_year"] for row in figures}
    earlier, standing, settled = _signed(settings, authority, years_counted, services)
    given = _Given(
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
    )
    chosen = protection(section)
    whole, remainders = _decide_and_merge(given, chosen)
    reopened = _reopened(settings, authority, whole.gaps, earlier, settled)
    if reopened is not None:
        given = replace(given, earlier=reopened[0], settled=reopened[1])
        whole, remainders = _decide_and_merge(given, chosen)
    years: dict[str, list[str]] = defaultdict(list)
    for row in [*given.figures, *remainders.rows]:
        years[row["reporting_year"]].append(row["figure_id"])
    council = Council(chosen, {year: whole.of(ids, year) for year, ids in years.items()}, remainders)
    council.gaps = _say_gaps(authority, whole.gaps, given.figures)
    council.gave_way = [f"{authority}: {figure}" for figure in whole.gave_way]
    if section is not None and section.internal is not None:
        # what the public sees, internal readers see too
        known = {figure: SHOWN for figure, status in whole.status.items() if status == SHOWN}
        seen = [row for row in given.earlier if row["figure_id"] in known]
        inside = replace(given, earlier=seen, settled=known)
        whole = inside.decide(protection(section, "internal"), remainders, merges=False)
        council.internal = {year: whole.of(ids, year) for year, ids in years.items()}
        council.gave_way += [f"{authority}, for internal readers: {figure}" for figure in whole.gave_way]
    return council


@dataclass
class _Given:
    """What the decision on a council's figures depends on, beside the settings; as in `decide`.

    Attributes:
        figures: of the reports in the warehouse. earlier: of records of others.
    """

    figures: list[dict[str, Any]]
    earlier: list[dict[str, Any]]
    services: dict[str, Service]
    groupings: list[dict[str, Any]]
    printed: dict[str, str]
    pounds: dict[str, tuple[int, float]]
    settled: dict[str, str]
    solved: Solved = field(default_factory=dict)

    def decide(self, chosen: Protection, remainders: Remainders, *, merges: bool = True) -> Decision:
        """Decide on every figure and remainder."""
        services = self.services | remainders.services
        return decide(
            [*self.figures, *remainders.rows, *self.earlier],
            {name: service.above for name, service in services.items()},
            self.groupings,
            chosen,
            self.printed,
            self.pounds,
            self.settled,
            remainders.members,
            merges=merges,
            solved=self.solved,
        )


def _decide_and_merge(given: _Given, chosen: Protection) -> tuple[Decision, Remainders]:
    """Decide on a council's figures, with those rows merged of which more can be read then.

    Whether merging helps is seen by deciding without and with it, since other tables tie the numbers of a table: with all
    that may help, then with what did, then of that with tables by one key. What lets most be read stands, where no table is
    read less for it.
    """
    plain = best = given.decide(chosen, Remainders()), Remainders()
    before = _read(given, *plain)
    merged = choose(given.figures, given.services, chosen, given.printed, given.settled)
    for _ in range(TRIES):
        if not merged:
            break
        remainders = add_up(given.figures, merged, given.services)
        _hold_the_sums(not_adding_up(given.figures, remainders, given.services))
        trial = given.decide(chosen, remainders), remainders
        after = _read(given, *trial)
        is_harmless = all(after[table] >= number for table, number in before.items())
        if is_harmless and not trial[0].gave_way and after.total() > _read(given, *best).total():
            best = trial
        helped = [one for one in _shown(trial[0], remainders) if after[one.table] > before[one.table]]
        if is_harmless and len(helped) == len(merged):
            break
        merged = helped if len(helped) < len(merged) else [one for one in merged if len(one.keys) == 1]
    return best


def _shown(whole: Decision, remainders: Remainders) -> list[Merged]:
    """Return what is merged of which a number other than zero is shown."""
    shown = {
        (row["reporting_year"], row["measure"], pair)
        for row in remainders.rows
        if row["value"] and whole.status[row["figure_id"]] == SHOWN
        for pair in pairs_of(row["breakdown"])
    }
    return [
        one for one in remainders.merged if (one.reporting_year, one.measure, (one.key, one.word)) in shown
    ]


def _read(given: _Given, whole: Decision, remainders: Remainders) -> Counter[Table]:
    """Return, by table, how many numbers other than zero a decision shows, less those in whose place a sign stands."""
    read: Counter[Table] = Counter()
    for row in [*given.figures, *remainders.rows]:
        status = whole.status[row["figure_id"]]
        if row["value"] and status != LEFT_OUT:
            read[table_of(row)] += 1 if status in (SHOWN, AS_PRINTED) else -1
    return read


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


def _reopened(
    settings: Settings,
    authority: str,
    gaps: Collection[str],
    earlier: list[dict[str, Any]],
    settled: dict[str, str],
) -> tuple[list[dict[str, Any]], dict[str, str]] | None:
    """The earlier rows and decisions without what the report that is being revised said of itself, to close a gap in it.

    What a record showed is known for ever, so that a number that follows from it would be taken for known and be shown in
    the revision too. A revision that closes a gap decides the report anew; whoever kept the earlier one still has it.

    Returns:
        None where no report with a gap is being revised.
    """
    revised = {
        row["figure_id"]
        for row in earlier
        if signed_record.is_signing(settings, authority, row["reporting_year"])
    }
    if revised.isdisjoint(gaps):
        return None
    kept = [row for row in earlier if row["figure_id"] not in revised]
    return kept, {figure: status for figure, status in settled.items() if figure not in revised}


def _say_gaps(authority: str, gaps: Collection[str], figures: Iterable[dict[str, Any]]) -> list[str]:
    """A sentence for each signed-off report with suppressed numbers that follow from what it shows."""
    year_of = {row["figure_id"]: row["reporting_year"] for row in figures}
    numbers = Counter(year_of[figure] for figure in gaps if figure in year_of)
    return [
        f"{authority} {year} is signed off, and {number} of the numbers that it suppresses can be worked out, or placed more "
        f"closely than the report promises, from what it shows. `redress revise {authority} {year}` decides it anew."
        for year, number in sorted(numbers.items())
    ]


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


def _hold_the_sums(wrong: list[str]) -> None:
    """Let nothing leave of which rows and remainder do not make the whole; a line for each place."""
    if wrong:
        raise GateFailed(
            f"Nothing was published: in {len(wrong)} places the rows shown and the rows merged into one do not make the whole.",
            "whoever maintains Redress: what is merged must add up",
            wrong,
        )


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
    return {
        service.replace(";", ","): Service(
            parent.replace(";", ",") if parent else None, level or "", label or ""
        )
        for service, parent, level, label in connection.execute(
            "select service, parent_service, level, label from marts.dim_service where authority = $1 order by all",
            [authority],
        ).fetchall()
    }


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
