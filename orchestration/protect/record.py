"""The decisions of a run: made for every report, put beside the warehouse for the export, and kept as a file.

`suppression.csv` is internal: it says of every figure that is not shown why, and what a secondary one protects.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import GateFailed
from orchestration.protect.decide import SHOWN, Decision, decide
from orchestration.protect.relations import pairs_of
from orchestration.protect.settings import Protection, protection
from orchestration.settings import Settings

COLUMNS = ("authority", "reporting_year", "figure_id", "status", "reason", "protects")
"""Columns of suppression.csv. `protects`: figure ids, separated by spaces."""


def decide_reports(connection: Any, settings: Settings) -> dict[tuple[str, str], Decision]:
    """Decide on every figure of every report in the warehouse, and make the tables of decisions beside it.

    Args:
        connection: the open warehouse; gets the temporary tables `protection_figures` (one row per figure and
            decision), `protection_reports` (one row per report) and `protection_left_out`.
        settings: where profiles and the comparison with printed numbers are.

    Returns:
        (authority, reporting year) -> its decision.

    Raises:
        GateFailed: a suppressed count of a report can be worked out, or placed more narrowly than its interval, from
            what would leave.
    """
    printed = _printed(settings.build / "published_check.csv")
    result: dict[tuple[str, str], Decision] = {}
    chosen: dict[str, Protection] = {}
    for authority, year in connection.execute(
        "select distinct authority, reporting_year from figures.figures order by all"
    ).fetchall():
        chosen.setdefault(authority, protection(_section(settings, authority)))
        figures = _rows(
            connection,
            "select * from figures.figures where authority = $1 and reporting_year = $2 "
            "order by measure, breakdown, period, figure_id",
            authority,
            year,
        )
        result[authority, year] = decide(
            figures,
            _parents(connection, authority),
            _rows(
                connection,
                "select attribute, value, grouping, group_value from staging.stg_config_grouping "
                "where authority = $1 order by all",
                authority,
            ),
            chosen[authority],
            _public(figures, printed),
            _largest_payments(connection, authority, year, figures),
        )
    _hold_the_gate(result)
    _tables(connection, result, chosen)
    return result


def _hold_the_gate(decisions: dict[tuple[str, str], Decision]) -> None:
    """Let nothing leave of which the last attack found that a suppressed count gives way."""
    failed = [
        f"{authority} {year}: {figure}"
        for (authority, year), decision in sorted(decisions.items())
        for figure in decision.gave_way
    ]
    if failed:
        attacked = sum(decision.attacked for decision in decisions.values())
        raise GateFailed(
            f"Nothing was published: {len(failed)} of {attacked} suppressed counts can be worked out, or placed more "
            "narrowly than the protection interval, from the figures beside them.",
            "the analyst: raise `least_shown_percent`, or shorten `open_keys`, in the council's profile.yml",
            failed,
        )


def write_decisions(decisions: dict[tuple[str, str], Decision], path: Path) -> int:
    """Write suppression.csv: a row per figure that is not shown as it is. Returns the rows written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (authority, year), decision in sorted(decisions.items()):
            for figure, status in sorted(decision.status.items()):
                if status != SHOWN:
                    protects = " ".join(decision.protects.get(figure, ()))
                    writer.writerow(
                        (authority, year, figure, status, decision.reason.get(figure, ""), protects)
                    )
                    rows += 1
    return rows


def _tables(
    connection: Any, decisions: dict[tuple[str, str], Decision], chosen: dict[str, Protection]
) -> None:
    """The decisions as temporary tables."""
    import pyarrow as pa

    figures: dict[str, list] = {name: [] for name in ("authority", "reporting_year", "figure_id", "decision")}
    reports: dict[str, list] = defaultdict(list)
    left_out: list[dict] = []
    for (authority, year), decision in sorted(decisions.items()):
        figures["authority"] += [authority] * len(decision.status)
        figures["reporting_year"] += [year] * len(decision.status)
        figures["figure_id"] += list(decision.status)
        figures["decision"] += list(decision.status.values())
        reports["authority"].append(authority)
        reports["reporting_year"].append(year)
        for name in ("shown", "primary", "secondary", "left_out"):
            reports[f"figures_{name}"].append(decision.counts[name])
        reports["counts_attacked"].append(decision.attacked)
        reports["counts_gave_way"].append(len(decision.gave_way))
        reports["counts_narrow_by_print"].append(len(decision.narrow))
        reports["threshold"].append(chosen[authority].threshold)
        reports["protection_interval"].append(chosen[authority].width)
        left_out += [{"authority": authority, "reporting_year": year} | row for row in decision.left_out]
    strings = pa.schema([(name, pa.string()) for name in figures])
    whole = [name for name in reports if name not in ("authority", "reporting_year")]
    for name, table in {
        "protection_figures": pa.Table.from_pydict(figures, schema=strings),
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
        if table is None:
            continue
        connection.register(f"{name}_rows", table)
        connection.execute(f"create or replace temp table {name} as select * from {name}_rows")
        connection.unregister(f"{name}_rows")


def _rows(connection: Any, sql: str, *values: Any) -> list[dict]:
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _parents(connection: Any, authority: str) -> dict[str, str | None]:
    """Service -> the service above it, with commas for semicolons as in breakdowns."""
    return {
        service.replace(";", ","): parent.replace(";", ",") if parent else None
        for service, parent in connection.execute(
            "select service, parent_service from marts.dim_service where authority = $1 order by all",
            [authority],
        ).fetchall()
    }


def _section(settings: Settings, authority: str) -> dict | None:
    """`protection` of the authority's profile; loading the folder has checked it."""
    for place in settings.authorities:
        for folder in (place / authority, place):
            path = folder / "profile.yml"
            if folder.name == authority and path.is_file():
                profile = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
                return profile.get("protection")
    return None


def _printed(path: Path) -> dict[str, str]:
    """Figure id -> the number as printed, where counting gives the printed number."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["figure_id"]: row["published_value"]
            for row in csv.DictReader(file)
            if row["verdict"] in ("reproduced", "prior_series")
            and row["published_value"]
            and row["figure_id"]
        }


def _public(figures: list[dict], printed: dict[str, str]) -> dict[str, str]:
    """Those of a report's figures that the authority has printed: a count as it is, a percentage to its places."""
    found = {}
    for row in figures:
        text = printed.get(row["figure_id"])
        if text is None or row["value"] is None:
            continue
        try:
            number = float(text)
        except ValueError:
            continue
        if number == row["value"] or row["unit"] == "percent":
            found[row["figure_id"]] = text
    return found


def _largest_payments(connection: Any, authority: str, year: str, figures: list[dict]) -> dict[str, float]:
    """Figure id of a sum of remedy payments -> at least the largest payment in it, in pounds.

    Payments are told apart by kind and by who decided on them; keys that a remedy does not hold itself are not looked
    at, which makes the largest payment too large rather than too small.
    """
    sums = [row for row in figures if row["measure"] == "remedies_gbp"]
    if not sums:
        return {}
    payments = _rows(
        connection,
        """
        select
            p.period, cast(r.amount_gbp as double) as pounds, replace(r.kind, ';', ',') as kind,
            case when r.ombudsman_id is null then 'council' else 'ombudsman' end as decided_by
        from marts.fct_remedies as r
        inner join marts.dim_period as p
            on r.authority = p.authority and r.reporting_year = p.reporting_year
            and r.agreed_date between p.period_start and p.period_end
        where r.authority = $1 and r.reporting_year = $2 and r.amount_gbp is not null
        """,
        authority,
        year,
    )
    largest: dict[str, float] = {}
    for row in sums:
        pairs = [(key, value) for key, value in pairs_of(row["breakdown"]) if key in ("kind", "decided_by")]
        largest[row["figure_id"]] = max(
            (
                payment["pounds"]
                for payment in payments
                if payment["period"] == row["period"] and all(payment[key] == value for key, value in pairs)
            ),
            default=0.0,
        )
    return largest
