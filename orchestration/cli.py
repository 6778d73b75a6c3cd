"""The `redress` command: the pipeline without a web server.

Nothing heavy is imported before it is needed, so that `redress --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from orchestration.errors import BAD_USAGE, FILE_REJECTED, GREEN, INTERNAL, RedressError
from orchestration.settings import Settings

EXIT_CODES = """
\b
Exit codes:
  0   green: everything asked for was done
  1   a gate failed: nothing was published, the last green results stand
  2   bad usage or configuration
  3   intake rejected a file
  70  internal error
"""


class _Command(click.Group):
    """Turns errors into messages and exit codes: what failed, who can fix it."""

    def invoke(self, context: click.Context):
        """Run a subcommand; a RedressError ends with its code, anything unforeseen with 70."""
        try:
            return super().invoke(context)
        except RedressError as problem:
            tell(problem)
            context.exit(problem.exit_code)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as problem:  # noqa: BLE001 - the last resort, told with its own exit code
            import traceback

            click.echo(f"Internal error: {type(problem).__name__}: {problem}", err=True)
            click.echo("To fix: whoever maintains Redress. Nothing was published.", err=True)
            if os.environ.get("REDRESS_TRACEBACK"):
                traceback.print_exc()
            else:
                click.echo("Set REDRESS_TRACEBACK=1 to see where it happened.", err=True)
            context.exit(INTERNAL)


def tell(problem: RedressError, lines: int = 40) -> None:
    """Print a problem: the sentence, at most `lines` details, who can fix it."""
    click.echo(f"Failed: {problem.what}", err=True)
    for detail in problem.details[:lines]:
        click.echo(f"  - {detail if len(detail) <= 600 else detail[:600] + ' ...'}", err=True)
    if len(problem.details) > lines:
        click.echo(f"  ... and {len(problem.details) - lines} more", err=True)
    click.echo(f"To fix: {problem.who}.", err=True)


@click.group(cls=_Command, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress", prog_name="redress")
def main() -> None:
    """Turn a council's complaint extracts into a reconciled, protected, published annual report.

    Results go to build/ (or REDRESS_BUILD). Authorities are read from seeds/authorities (or
    REDRESS_AUTHORITIES). The key for pseudonyms comes from REDRESS_KEY_FILE or REDRESS_KEY.
    """


@main.command(epilog=EXIT_CODES)
@click.option("--authority", metavar="A", help="Only this authority (its folder's name).")
@click.option("--year", metavar="Y", help="Only this reporting year, such as 2023-24.")
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Compute as at this day (YYYY-MM-DD) instead of the profile's.",
)
@click.option("--no-site", is_flag=True, help="Leave the website as it stands.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something fails.")
def build(
    authority: str | None, year: str | None, as_at: datetime | None, no_site: bool, quiet: bool
) -> None:
    """Take in extracts, compute, reconcile, protect and publish.

    What is built is what stands afterwards: with --authority or --year the figures and the website hold
    only those reports. Evidence packs of other reports are kept.
    """
    from orchestration import pipeline

    settings = Settings.from_environment()
    request = pipeline.Request(authority, year, as_at.date() if as_at else None, site=not no_site)
    record = pipeline.run(settings, request, quiet=quiet)
    if not quiet:
        _warn(record.warnings)
        click.echo(f"Green in {record.seconds:.0f} s. Results are in {settings.build}.")
    if record.verdict == "green_with_rejected_files":
        click.echo(
            f"Published from earlier extracts, because a file was rejected: {record.message}\n"
            f"To fix: whoever exports it; see {settings.build / 'quarantine'}.",
            err=True,
        )
        raise click.exceptions.Exit(FILE_REJECTED)


@main.command(epilog=EXIT_CODES)
@click.argument("slug", required=False)
def check(slug: str | None) -> None:
    """Run the checks on the newest warehouse, or check the folder of one authority (SLUG)."""
    from orchestration import pipeline

    settings = Settings.from_environment()
    if slug:
        [authority] = pipeline.load_authorities(
            pipeline.Context(pipeline.run_settings(settings), pipeline.Request(slug))
        )
        click.echo(f"The folder of {authority.name} can be used: {authority.folder}")
        for year, report in sorted(authority.reports.items()):
            click.echo(f"  report {year}, as at {report.as_at}: {report.title}")
        for name, rows in sorted(authority.rows.items()):
            click.echo(f"  {name}.csv: {len(rows)} rows")
        files = sum(1 for path in authority.extracts.rglob("*") if path.is_file())
        click.echo(f"  {files} files in {authority.extracts}")
        return
    context = pipeline.Context(pipeline.run_settings(settings))
    if not context.settings.database.exists():
        raise click.UsageError("There is no warehouse yet: run `redress build` first.")
    with pipeline.exclusive(settings):
        records, published = pipeline.run_gates(context)
    pipeline.require_green_checks(context, records, published)
    passed = sum(1 for one in records if one.get("verdict") == "pass")
    click.echo(
        f"{passed} of {len(records)} checks passed on {context.settings.database}; none stops publishing."
    )
    _warn(context.warnings)
    _tally("Published figures", [row["verdict"] for row in published])


@main.command(
    "audit-report",
    epilog="""
\b
Exit codes:
  0   nothing in the report contradicts
  1   something does
  2   the file cannot be read
""",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings as CSV.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings as a page.")
@click.option(
    "--declare",
    type=click.Path(path_type=Path),
    help="What the rows do not say of themselves: synonyms, overlaps, shares, hierarchies (YAML).",
)
def audit_report(file: Path, out: Path | None, page: Path | None, declare: Path | None) -> None:
    """Find what cannot be true in a printed report, from its figures alone.

    FILE is CSV with the columns ref, locator, measure, breakdown, period, value, unit: one row per printed figure.
    """
    from orchestration.reconcile.audit import audit, render, source

    rows = source.read_rows(file)
    result = audit(rows, source.read_sidecar(declare) if declare else None)
    try:
        if out:
            render.write_csv(result, out)
        if page:
            render.write_page(result, rows, file.stem, page)
    except OSError as problem:
        raise click.UsageError(
            f"{problem.filename}: the result cannot be written there: {problem.strerror}"
        ) from problem
    render.terminal(result, rows, file.name)
    raise click.exceptions.Exit(1 if result.contradicts else 0)


@main.command(epilog=EXIT_CODES)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--authority", required=True, metavar="A", help="Whose files these are.")
@click.option(
    "--received",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]),
    metavar="DATETIME",
    help="When they were received; default now.",
)
def intake(files: tuple[Path, ...], authority: str, received: datetime | None) -> None:
    """Take in extracts by hand: keep, conform, quarantine. The same file twice changes nothing."""
    from orchestration import pipeline

    settings = Settings.from_environment()
    with pipeline.exclusive(settings):
        results = pipeline.receive_files(settings, authority, list(files), received)
    for file in results:
        known = " (received before, nothing changes)" if file.is_known else ""
        click.echo(f"{file.file_name}: {file.message}{known}")
    click.echo(f"Problems, if any, are listed in {settings.build / 'quarantine'}.")
    if any(file.status == "rejected" for file in results):
        raise click.exceptions.Exit(FILE_REJECTED)


@main.command("new-authority", epilog=EXIT_CODES)
@click.argument("slug")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder of authorities; default the first of REDRESS_AUTHORITIES.",
)
def new_authority(slug: str, into: Path | None) -> None:
    """Write a folder to fill in for a new authority."""
    from orchestration.new_authority import create

    folder = create(slug, into or Settings.from_environment().authorities[0])
    click.echo(f"Written: {folder}")
    click.echo(f"Read {folder / 'README.md'}, fill the files in, then run: redress check {slug}")


@main.command(epilog=EXIT_CODES)
@click.argument("figure_id")
def explain(figure_id: str) -> None:
    """Say what a figure means, how it was counted, and which checks and files are behind it."""
    from orchestration.explain import explain as explained

    click.echo(explained(Settings.from_environment(), figure_id))


def _warn(warnings: list[str], lines: int = 20) -> None:
    """Print what did not stop the run and somebody should look at, at most `lines` of it."""
    for warning in warnings[:lines]:
        click.echo(f"  warning: {warning}")
    if len(warnings) > lines:
        click.echo(f"  ... and {len(warnings) - lines} more warnings")


def _tally(title: str, words: list[str]) -> None:
    """Print how often each word occurs."""
    from collections import Counter

    counted = ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
    click.echo(f"{title}: {counted or 'none'}.")


def run() -> None:
    """The `redress` program: `main`, with a quiet end.

    DuckDB's bindings print a page of warnings about objects that dbt still holds when the interpreter
    shuts down. Everything that is to be said has been said by then, so that page goes nowhere.
    """
    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


__all__ = ["BAD_USAGE", "GREEN", "main", "run"]

if __name__ == "__main__":
    run()
