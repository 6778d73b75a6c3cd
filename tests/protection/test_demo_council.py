"""The demonstration's smallest council, from its files to its export, attacked with what leaves and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from redress.authority.protection import Protection
from redress.base.request import Request
from redress.base.settings import Settings
from redress.protect import councils, export
from redress.protect.decide import Decision
from redress.run import stages
from redress.run.context import Context, run_settings
from redress.warehouse import build, cases, dbt
from tests.protection.attacker import attack, attack_sums, broken

COUNCIL = "telford-and-wrekin"


@dataclass
class Exported:
    """What leaves, the truth about it, and what was decided."""

    rows: list[dict]
    parents: dict[str, str | None]
    decision: Decision
    figures: list[dict]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Intake, the models and the protected export; neither their tests nor the website."""
    folder = tmp_path_factory.mktemp("demo")
    settings = run_settings(Settings(build=folder, key="only for trying out"), fresh=True)
    context = Context(settings, Request(COUNCIL))
    stages.read_authorities(context)
    stages.intake(context)
    outcome = build(settings, settings.database, ["resource_type:seed", "resource_type:model"])
    assert outcome.success, outcome
    compiled = dbt.dbt_folder(settings) / "target" / "compiled"
    cases.trace(settings.database, compiled, lambda authority: b"k" * 16, settings.compiled / "rewritten")
    export(settings, folder / "out")
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        [decision] = councils.decide_council(connection, settings, COUNCIL).public.values()
        every = (
            connection.execute("select * from figures.figures order by figure_id")
            .to_arrow_table()
            .to_pylist()
        )
        parents = dict(
            connection.execute(
                "select service, parent_service from marts.dim_service order by all"
            ).fetchall()
        )
    with pa.OSFile(str(Path(folder) / "out" / "figures.arrow")) as file:
        rows = pa.ipc.open_stream(file).read_all().to_pylist()
    return Exported(
        rows,
        parents,
        decision,
        every,
    )


def test_no_suppressed_number_of_a_demonstration_council_gives_way(exported: Exported) -> None:
    counts = attack(exported.rows, exported.figures, exported.parents)
    sums = attack_sums(exported.rows, exported.figures, exported.parents)
    print(f"{COUNCIL}: {len(counts)} counts and {len(sums)} sums attacked")
    assert len(counts) > 50 and sums
    assert not broken(counts, Protection().width) and not broken(sums, Protection().width)
    assert not exported.decision.gave_way


def test_what_is_suppressed_costs_no_less_than_the_bound_and_little_more(exported: Exported) -> None:
    cost, bound, counts = exported.decision.cost, exported.decision.bound, exported.decision.counts
    print(
        f"{COUNCIL}: weight of the further cells suppressed {cost:,}, at least {bound:,.0f}; figures {dict(counts)}"
    )
    assert 0 < bound <= cost <= 2 * bound
    assert counts["shown"] > 150
