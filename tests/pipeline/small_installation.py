"""A small installation for tests of the run: a dbt project of three models, and stages that answer at once.

The run, the gates, the release, dbt, the authority's folder, the command and Dagster are the real ones.
Intake, checks, protection and website are replaced by functions that do as little as they promise, and
that a test can tell to fail (`SmallInstallation.replace_slow_functions` lists them).
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Collection
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from click.testing import CliRunner, Result

from redress import cli, intake, protect, publish, reconcile
from redress.base.request import Request
from redress.base.settings import ROOT, Settings
from redress.run import gates, pipeline
from redress.run.measure import RunRecord

FIGURE = "north-town-2023-24-new-complaints-d41d8cd9"
PROFILE = """
authority: north-town
name: North Town Council
case_data_from: 2023-04-01
reports:
  "2023-24": {as_at: 2024-05-31, title: A report}
"""
PROJECT = {
    "dbt_project.yml": """
name: small
version: 1.0.0
config-version: 2
profile: redress
seed-paths: ["../seeds/reference"]
flags: {send_anonymous_usage_stats: false, hints_enabled: false}
seeds: {+enabled: false}
models:
  small:
    staging: {+schema: staging, +materialized: view}
    figures: {+schema: figures, +materialized: table}
""",
    "models/sources.yml": """
version: 2
sources:
  - name: conformed
    config:
      meta:
        external_location: "read_parquet('{{ env_var('REDRESS_STATE') }}/conformed/{name}/*.parquet')"
    tables: [{name: complaint, description: Complaints. One row per complaint.}]
  - name: config
    config:
      meta:
        external_location: "read_parquet('{{ env_var('REDRESS_STATE') }}/config/{name}.parquet')"
    tables:
      - {name: config_report, description: Reports. One row per report.}
""",
    "models/staging/stg_complaint.sql": "select * from {{ source('conformed', 'complaint') }}",
    "models/staging/stg_report.sql": "select * from {{ source('config', 'config_report') }}",
    "models/figures/figures.sql": """
select
    report.authority, report.reporting_year, report.as_at,
    report.authority || '-' || report.reporting_year || '-new-complaints-d41d8cd9' as figure_id,
    'new_complaints' as measure, '' as breakdown, report.reporting_year as period,
    cast(null as double) as numerator, cast(null as double) as denominator,
    cast(count(complaint.complaint_id) as double) as value, 'complaints' as unit,
    'received' as rule, 'computed' as status
from {{ ref('stg_report') }} as report
left join {{ ref('stg_complaint') }} as complaint using (authority)
group by all
""",
    "models/figures/figures.yml": """
version: 2
models:
  - name: figures
    description: Figures. One row per figure of a report.
    config: {meta: {owner: the warehouse team}}
    columns:
      - name: figure_id
        data_tests: [unique, not_null]
""",
    "tests/no_report_has_more_than_nine_complaints.sql": """
select figures.* from {{ ref('figures') }} as figures
inner join {{ ref('stg_report') }} as report using (authority, reporting_year)
where figures.value > 9
""",
    "macros/generate_schema_name.sql": """
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
""",
}


@cache
def program() -> Path:
    """Return a folder with the project and its seeds, which all small installations of a process share: dbt compiles it once."""
    folder = Path(tempfile.mkdtemp(prefix="small-program-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in PROJECT.items():
        path = folder / "dbt_project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in (
        "dbt_project/profiles.yml",
        "seeds/reference/contract/datapackage.json",
        "seeds/reference/statutory_timescales.csv",
        "seeds/reference/figure_catalogue.csv",
        "seeds/reference/comparison_measures.csv",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


class SmallInstallation:
    """The installation, with switches. In a folder that holds one already, it goes on with what stands.

    Attributes:
        settings: where everything is.
        complaints: how many complaints the next intake finds; more than nine fail a dbt test.
        checks: the records that the checks return.
        published: the rows that the comparison returns.
        rejected: a message: the next intake rejects a file with it.
        left_out: files that the last intake was told to leave for the next run.
        calls: the stages that ran, in order.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.root = folder
        self.settings = Settings(
            root=folder,
            build=folder / "build",
            authorities=(folder / "authorities",),
            key="a long key for tests",
            compiled=program() / ".compiled",
        )
        self.complaints = 3
        self.checks = passing()
        self.published = [
            {"ref": "t1", "authority": "north-town", "reporting_year": "2023-24", "figure_id": FIGURE}
        ]
        self.published[0] |= {
            "published_value": "3",
            "computed_value": "3",
            "verdict": "reproduced",
            "reason": "",
        }
        self.rejected = ""
        self.nothing = False
        self.left_out: set[str] = set()
        self.site_text = "first"
        self.internal_copies: tuple[str, ...] = ()
        self.calls: list[str] = []
        self.drop_folder = folder / "authorities" / "north-town" / "extracts"
        self.drop_folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "dbt_project").exists():
            for part in ("dbt_project", "seeds"):
                (folder / part).symlink_to(program() / part)
        (self.drop_folder.parent / "profile.yml").write_text(PROFILE)
        self.replace_slow_functions(monkeypatch)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a switch; the council's folder changes with it, so that the next run makes the council anew."""
        super().__setattr__(name, value)
        self._note()

    def _note(self) -> None:
        """Write the switches into the council's folder."""
        if "drop_folder" in self.__dict__ and self.drop_folder.is_dir():
            apart = ("calls", "left_out", "judged", "received", "failing")
            lines = [f"{name}: {value}" for name, value in sorted(self.__dict__.items()) if name not in apart]
            (self.drop_folder.parent / "switches.txt").write_text("\n".join(lines), encoding="utf-8")

    def build(self, **request) -> RunRecord:
        """Run the pipeline, without a display."""
        self._note()
        return pipeline.run(self.settings, Request(**request), quiet=True)

    def standing(self) -> dict[str, bytes]:
        """What stands: figures, site and evidence."""
        build = self.settings.build
        paths = [
            build / "figures.csv",
            *sorted((build / "site").rglob("*")),
            *sorted((build / "evidence").rglob("*")),
        ]
        return {str(path.relative_to(build)): path.read_bytes() for path in paths if path.is_file()}

    def replace_slow_functions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put quick functions in place of those of four rooms that a run calls, and let the command find this installation."""
        monkeypatch.setattr(Settings, "from_environment", lambda: self.settings)
        monkeypatch.setattr(intake, "load_drop_folder", self.load_drop_folder)
        monkeypatch.setattr(intake, "receive", self._receive)
        monkeypatch.setattr(intake, "write_quarantine", self._write_quarantine)
        monkeypatch.setattr(reconcile, "run_checks", self._run_checks)
        monkeypatch.setattr(reconcile, "published_check", self._published_check)
        monkeypatch.setattr(protect, "export", self._export)
        monkeypatch.setattr(publish, "build_site", self._build_site)

    def load_drop_folder(
        self, authority, settings, kept_from=None, unsettled: Collection[str] = ()
    ) -> SimpleNamespace:
        """Take in the complaints, as the switches say."""
        self.calls.append("intake")
        self.left_out = set(unsettled)
        if self.nothing:
            return SimpleNamespace(files=[], messages=[])
        complaint = settings.state / "conformed" / "complaint"
        write_parquet(
            complaint / "north-town--complaints--one.parquet",
            f"select 'north-town' as authority, 'C' || range as complaint_id from range({self.complaints})",
        )
        status = "rejected" if self.rejected else "loaded"
        received = datetime(2024, 5, 1, 10 if self.rejected else 9)
        write_parquet(
            settings.state / "conformed" / "extract" / f"north-town--complaints--{status}.parquet",
            f"select 'north-town/complaints/{status}' as extract_id, 'north-town' as authority, "
            f"'complaints' as source, '' as scope, 'complaints.csv' as file_name, '{'ab' * 32}' as sha256, "
            f"timestamp '{received}' as received_at, 100 as bytes, {self.complaints} as rows_received, "
            f"{self.complaints} as rows_conformed, 0 as rows_quarantined, 0 as rows_left_out, 5 as columns, "
            f"'{status}' as status, null as supersedes, '{self.rejected}' as message",
        )
        file = SimpleNamespace(
            file_name="complaints.csv", extract_id="", message="", status=status, is_known=False
        )
        return SimpleNamespace(files=[file], messages=[f"complaints.csv: {status}"])

    def _receive(self, files, authority, settings):
        result = self.load_drop_folder(authority, settings)
        result.files[0].message = f"{result.files[0].status} from {files[0][0].name} at {files[0][1]}"
        return result

    def _write_quarantine(self, settings) -> None:
        folder = settings.build / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "quarantine.csv").write_text(f"n\n{self.complaints}\n")

    def _run_checks(self, settings, out_dir) -> list[dict]:
        self.calls.append("reconcile")
        gates.write_checks(self.checks, out_dir / "checks.csv")
        return self.checks

    def _published_check(self, settings, out_dir) -> list[dict]:
        columns = (
            "ref,authority,reporting_year,figure_id,published_value,computed_value,verdict,reason,evidence"
        )
        lines = [",".join(str(row.get(name, "")) for name in columns.split(",")) for row in self.published]
        (out_dir / "published_check.csv").write_text("\n".join([columns, *lines]) + "\n")
        return self.published

    def _export(self, settings, target_dir, decisions_file, internal_dir, **more) -> None:
        self.calls.append("protect")
        (target_dir / "figures.arrow").write_bytes(b"figures")
        for name in self.internal_copies:
            (internal_dir / name).write_text("for managers")

    def _build_site(self, settings, protected_dir, target_dir) -> None:
        self.calls.append("publish")
        assert (protected_dir / "figures.arrow").exists()
        target_dir.mkdir(parents=True)
        (target_dir / "index.html").write_text(self.site_text)


def redress(*arguments: object) -> Result:
    """Run the command in this process, on the installation of the test."""
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def check(family: str, verdict: str = "pass", severity: str = "block") -> dict:
    """A check record."""
    return {
        "check_id": f"{family}.new_complaints",
        "family": family,
        "authority": "north-town",
        "reporting_year": "2023-24",
        "statement": "The services add up to all new complaints.",
        "expected": "3",
        "found": "3" if verdict == "pass" else "4",
        "verdict": verdict,
        "severity": severity,
        "owner": "the complaints team",
        "evidence": f'[{{"figure_id": "{FIGURE}"}}]',
    }


def passing() -> list[dict]:
    """One passing check of every family that no report may lack."""
    return [check(family) for family in reconcile.ALWAYS]


@cache
def _in_memory() -> duckdb.DuckDBPyConnection:
    """Return a database kept for the process: to open one takes longer than to write all that a run takes in."""
    return duckdb.connect()


def write_parquet(path: Path, query: str) -> None:
    """Write the rows of a query."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _in_memory().cursor().execute(f"copy ({query}) to '{path}' (format parquet)")
