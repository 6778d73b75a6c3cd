"""The `redress` command: the pipeline without a web server.

Nothing heavy is imported before it is needed, so that `redress --help` answers at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from redress.base.errors import BAD_USAGE, FILE_REJECTED, INTERNAL, RedressError
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.base.terminal import run_quietly, say, say_how_often, say_list, say_warnings, tell

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
        except BrokenPipeError:
            context.exit(BAD_USAGE)  # whoever read along has gone, before all was said
        except Exception as problem:  # noqa: BLE001 - the last resort, told with its own exit code
            from redress.base.blame import explained

            known = explained(problem)
            if known is not None:
                tell(known)
                context.exit(known.exit_code)
            import traceback

            from redress.run.measure import reason

            # the text of an unforeseen error may quote a cell, and terminals are logged
            say(f"Internal error: {reason(problem)}", err=True)
            say("To fix: whoever maintains Redress. Nothing was published.", err=True)
            if os.environ.get("REDRESS_TRACEBACK"):
                traceback.print_exc()
            else:
                say("Set REDRESS_TRACEBACK=1 to see where it happened.", err=True)
            context.exit(INTERNAL)


@click.group(cls=_Command, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress", prog_name="redress")
def main() -> None:
    """Turn a council's complaint extracts into a reconciled, protected, published annual report.

    Results go to build/ (or REDRESS_BUILD). Authorities are read from seeds/authorities (or
    REDRESS_AUTHORITIES). The key for pseudonyms comes from REDRESS_KEY_FILE or REDRESS_KEY.
    """
    from redress.base import generations

    generations.settle_if_needed(Settings.from_environment())


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
@click.option("--from-nothing", is_flag=True, help="Take nothing over from earlier runs.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something fails.")
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="The machine's clock is right, though a run said that it is in doubt.",
)
def build(
    authority: str | None,
    year: str | None,
    as_at: datetime | None,
    no_site: bool,
    from_nothing: bool,
    quiet: bool,
    clock_is_right: bool,
) -> None:
    """Take in extracts, compute, reconcile, protect and publish.

    A council of which nothing has changed since the last run is taken over as it stands. One that cannot be built keeps
    its last results, the others are published, and the command ends with the code of what is wrong with it.

    What is built is what stands afterwards: with --authority or --year the figures and the website hold
    only those reports. Evidence packs of other reports are kept.
    """
    from redress.base.request import Request
    from redress.run import clock, pipeline

    settings = Settings.from_environment()
    if clock_is_right:
        clock.believe(settings)
    request = Request(
        authority, year, as_at.date() if as_at else None, site=not no_site, from_nothing=from_nothing
    )
    record = pipeline.run(settings, request, quiet=quiet)
    if not quiet:
        say_warnings(record.warnings)
        without = f", without {', '.join(sorted(record.failed))}" if record.failed else ""
        say(f"Green in {record.seconds:.0f} s{without}. Results are in {settings.build}.")
    if record.failed:
        _tell_left_out(record.failed)
    if record.verdict == "green_with_rejected_files":
        say(
            f"Published without files that were rejected; where an earlier file of the same source is in force, it counts: "
            f"{record.message}",
            f"To fix: whoever exports it; see {settings.build / 'quarantine'}.",
            err=True,
        )
        raise click.exceptions.Exit(FILE_REJECTED)


def _tell_left_out(failed: Mapping[str, RedressError]) -> NoReturn:
    """Say which councils were left out of a run and why; end with the first's exit code."""
    slugs_of: dict[int, list[str]] = {}
    for slug, problem in sorted(failed.items()):
        slugs_of.setdefault(id(problem), []).append(slug)
    by_id = {id(problem): problem for problem in failed.values()}
    for number, slugs in slugs_of.items():
        say(f"Not published, so what stood of it before stands: {', '.join(slugs)}.", err=True)
        tell(by_id[number])
    raise click.exceptions.Exit(failed[min(failed)].exit_code)


@main.command(epilog=EXIT_CODES)
@click.argument("slug", required=False)
def check(slug: str | None) -> None:
    """Run the checks on the newest warehouse, or check the folder of one authority (SLUG) and the words of its reports."""
    from redress.run import commands
    from redress.run.context import Context, run_settings

    settings = Settings.from_environment()
    if slug:
        for line in commands.check_folder(settings, slug):
            say(line)
        return
    context = Context(run_settings(settings))
    if not context.settings.database.exists():
        raise click.UsageError("There is no warehouse yet: run `redress build` first.")
    judged = commands.check_warehouse(context)
    passed = sum(check.get("verdict") == "pass" for check in judged.checks)
    say(
        f"{passed} of {len(judged.checks)} checks passed on {context.settings.database}; none stops publishing."
    )
    say_warnings(context.warnings)
    say_how_often("Published figures", [row["verdict"] for row in judged.published])


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
    from redress.audit import audit, render, source

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
    from redress.intake import words_withheld
    from redress.run.commands import receive_files

    settings = Settings.from_environment()
    results = receive_files(settings, authority, files, received)
    for file in results:
        known = f" (received before, {file.what_changed})" if file.is_known else ""
        say(f"{file.file_name}: {file.message}{known}")
    say(f"Problems, if any, are listed in {settings.build / 'quarantine'}.")
    if withheld := words_withheld(settings, {authority}):
        listed = settings.build / "words-withheld.csv"
        say(f"Words that seem to name somebody and are not published: {withheld}; {listed} says why.")
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
    from redress.authority.template import create

    folder = create(slug, into or Settings.from_environment().authorities[0])
    say(f"Written: {folder}")
    say(f"Read {folder / 'README.md'}, fill the files in, then run: redress check {slug}")


@main.command(epilog=EXIT_CODES)
@click.argument("slug")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder of authorities; default the first of REDRESS_AUTHORITIES.",
)
def draft(slug: str, files: tuple[Path, ...], into: Path | None) -> None:
    """Write the folder of a new authority SLUG as far as FILES, its own exports, tell what belongs in it.

    Columns, dates and words are matched to the contract. What was guessed is marked, and where a person must choose
    stands a question mark with the evidence beside it. The files are read and not copied, and no name is written down.
    """
    from redress.contract.contract import load_contract
    from redress.draft.folder import draft as drafted
    from redress.narrative.names import names

    settings = Settings.from_environment()
    contract = load_contract(settings.reference)
    result = drafted(
        slug, files, into or settings.authorities[0], contract, datetime.now().date(), names("given")
    )
    say(*result.lines)


@main.command("new-year", epilog=EXIT_CODES)
@click.argument("slug")
@click.argument("year", required=False)
def new_year(slug: str, year: str | None) -> None:
    """Begin the words of authority SLUG for YEAR from those of the year before.

    Without YEAR it is the year after the newest that has a folder in report/. What must be looked at again is marked. Nothing
    that is there is written over, and profile.yml is left as it is.
    """
    from redress.run.commands import begin_year

    say(*begin_year(Settings.from_environment(), slug, year))


@main.command("profile-schema", epilog=EXIT_CODES)
def profile_schema() -> None:
    """Print the JSON Schema of profile.yml, by which an editor completes and checks a profile."""
    from redress.authority.profile import schema_text
    from redress.contract.contract import load_contract

    say(*schema_text(load_contract(Settings.from_environment().reference)).splitlines())


@main.command(epilog=EXIT_CODES)
@click.argument("figure_id", required=False)
@click.option("--case", metavar="ID", help="A case's pseudonym, or the council's own reference.")
@click.option("--cases", is_flag=True, help="List every case behind the figure, not only the first.")
@click.option("--excluded", is_flag=True, help="List every case that the figure leaves out, and why.")
@click.option(
    "--pack",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="With --excluded: read this evidence pack, not the warehouse.",
)
def explain(figure_id: str | None, case: str | None, cases: bool, excluded: bool, pack: Path | None) -> None:
    """Say what a figure means, how it was counted, which cases, checks and files are behind it.

    With --case, every figure that a case is in; with both, what that case has to do with that figure.
    """
    from redress.attest import explain

    settings = Settings.from_environment()
    if (excluded or pack) and (case or not figure_id) or (pack and not excluded):
        raise click.UsageError("--excluded goes with a figure, and --pack with --excluded.")
    if excluded:
        say(*explain.explain_excluded(settings, figure_id, pack).split("\n"))
    elif case:
        say(*explain.explain_case(settings, case, figure_id).split("\n"))
    elif figure_id:
        say(*explain.explain(settings, figure_id, all_cases=cases).split("\n"))
    else:
        raise click.UsageError("Name a figure, or a case with --case.")


@main.command(epilog=EXIT_CODES)
@click.argument("question", nargs=-1)
@click.option("--authority", metavar="A", default="", help="Whose numbers; needed where several have them.")
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the numbers there too."
)
@click.option(
    "--measures",
    is_flag=True,
    help="List what can be asked for and by what; with words, the measures that have them.",
)
def ask(question: tuple[str, ...], authority: str, file: Path | None, measures: bool) -> None:
    """Answer a QUESTION about numbers, for people inside: what is shown is not protected.

    A question names a measure, by what, for which part and when, such as: new complaints by service and month, 2023-24.
    """
    if measures:
        from redress.warehouse.semantic import listed_measures

        lines = listed_measures(question)
        if not lines:
            raise click.UsageError(f"No measure is called so: {' '.join(question)}.")
        say(*lines)
        return
    if not question:
        raise click.UsageError("Ask a question, or list what can be asked with --measures.")
    from redress.warehouse.ask import ask as answered

    answer = answered(Settings.from_environment(), " ".join(question), authority)
    if file:
        answer.write(file)
    say(*answer.lines())


@main.command(epilog=EXIT_CODES)
@click.argument("slug")
@click.option(
    "--port", default=8010, show_default=True, metavar="N", help="Where on this machine; 0: any that is free."
)
def preview(slug: str, port: int) -> None:
    """Show the report of authority SLUG in a browser while its sections are being written.

    The figures are those of the last build, protected as they were published; the pages follow every saved change. A fault of a
    section is shown with its file and line. Ends with Ctrl-C.
    """
    from redress.publish.preview import Preview, serve

    settings = Settings.from_environment()
    shown = Preview(settings, slug)
    say("Getting the website's program ready; the first time this takes a minute or two.")
    shown.compile()

    def ready(address: str) -> None:
        say(f"The report as its sections are now: {address}", "Ctrl-C ends the preview.")

    try:
        serve(shown, settings.build / "site", port, ready)
    except KeyboardInterrupt:
        say("The preview has ended; nothing was published.")


@main.group()
def words() -> None:
    """Bring the words of a report back from other programs."""


@words.command("import", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("slug")
@click.option("--write", is_flag=True, help="Write the sections; without it nothing is written.")
def import_words(file: Path, slug: str, write: bool) -> None:
    """Bring the words of FILE, an edited report.docx of authority SLUG, back to the sections of its report.

    Says section by section what changed. Numbers come back as the tags that they are bound by. What cannot be carried, such
    as an edited table or a number that was typed over, is told with its heading, and then nothing is written.
    """
    from redress.authority.folder import find_authority
    from redress.declared import word_import

    settings = Settings.from_environment()
    authority = find_authority(settings, slug)
    if authority is None:
        raise click.UsageError(f"There is no authority {slug}.")
    imported = word_import.import_words(file, authority, settings.root, settings.state)
    for change in imported.changes:
        say(*change.lines(), "")
    imported.refuse_faults(file)
    if not imported.changes:
        say(f"{file.name} says what the sections of {slug} {imported.year} say: nothing is to be written.")
    elif write:
        for change in imported.changes:
            change.write()
            say(f"Written: {change.file}")
        say(f"Run next: redress check {slug}")
    else:
        say("Nothing was written: add --write to write this.")


@main.command(epilog=EXIT_CODES)
def docs() -> None:
    """Write the internal site: every model, column and test with its lineage, and the evidence packs.

    Goes to build/internal/, for use inside the authority only. Nothing is fetched to make or to read it.
    """
    from redress.run.internal_site import write_internal

    settings = Settings.from_environment()
    say(f"Written: {write_internal(settings)}")


@main.command(
    epilog="""
\b
Exit codes:
  0   as it was made, and signed by the key given
  1   not as it was made: something was changed, added or is missing, or a signature does not hold
  2   the pack or the key cannot be read
  10  as it was made, signed by the key inside it: no key was given to compare with
  11  as its manifest says, but unsigned: whoever could change the files could change the manifest
  20  case lists removed by the retention rule, signed by the key given; everything else as it was made
  21  the same, signed by the key inside it: no key was given to compare with
  22  the same, but unsigned: anybody may have removed them
  70  internal error
"""
)
@click.argument("pack", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="PUBLIC",
    help="The maker's public key (PEM); default the file named by REDRESS_PUBLIC_KEY_FILE.",
)
def verify(pack: Path, key: Path | None) -> None:
    """Prove that an evidence pack (a folder or a zip) is as it was made.

    Needs neither the warehouse nor a network. Get the public key by another way than the pack: a key that
    comes inside it vouches for nothing. After a change of keys the file may hold the old key and the new one.
    """
    from redress.attest.manifest import verify as verified
    from redress.run.journal import recorded_command
    from redress.run.measure import StageRecord

    settings = Settings.from_environment()
    name = show_text(pack.name)
    with recorded_command(settings, "verify", StageRecord("verify"), {"pack": name}) as outcome:
        verdict = verified(pack, key or settings.public_key_file)
        outcome.counts = {"files": verdict.files, "problems": len(verdict.problems)}
        if verdict.problems:
            outcome.verdict, outcome.message = "refused", f"{name} is not as it was made"
    say(verdict.subject)
    say_list(verdict.problems)
    say(*verdict.words)
    raise click.exceptions.Exit(verdict.exit_code)


@main.command("sign-off", epilog=EXIT_CODES)
@click.argument("slug")
@click.argument("year")
@click.option("--by", required=True, metavar="WHO", help="Who signs: a role, or a name that may be public.")
def sign_off(slug: str, year: str, by: str) -> None:
    """Sign the report of authority SLUG for YEAR off: build everything, and freeze it when all is green.

    From then on the report knows the files it was signed with and no other. What later files would
    change is listed in build/revisions.csv, and published by `redress revise`.
    """
    _sign(slug, year, by)


@main.command(epilog=EXIT_CODES)
@click.argument("slug")
@click.argument("year")
@click.option("--by", required=True, metavar="WHO", help="Who signs: a role, or a name that may be public.")
@click.option("--reason", required=True, help="Why; it is published with the revision.")
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    metavar="DATE",
    help="The day as at which the revised report is computed (YYYY-MM-DD).",
)
@click.option(
    "--hide-earlier-words",
    is_flag=True,
    help="Do not publish again the words that are replaced, such as those that named somebody.",
)
def revise(slug: str, year: str, by: str, reason: str, as_at: datetime, hide_earlier_words: bool) -> None:
    """Revise a signed-off report: build it as at a later day, and sign that off. The earlier record stays."""
    _sign(slug, year, by, reason, as_at, hide_earlier_words)


def _sign(
    slug: str, year: str, by: str, reason: str = "", as_at: datetime | None = None, hides_words: bool = False
) -> None:
    """Build everything with a wish to sign."""
    from redress.base.request import Request, Signing
    from redress.run import pipeline
    from redress.signed.record import in_force

    settings = Settings.from_environment()
    wish = Signing(
        slug, year, by, datetime.now().date(), reason, as_at.date() if as_at else None, hides_words
    )
    pipeline.run(settings, Request(signing=wish))
    record = in_force(settings, slug, year)
    say(
        f"{slug} {year} is {'revised' if record.number > 1 else 'signed off'} as at {record.as_at} by {record.by}: "
        f"{record.folder}"
    )


@main.command(epilog=EXIT_CODES)
@click.argument("slug")
@click.argument("year")
@click.option(
    "--number", type=int, help="Which record: 1 the sign-off, 2 the first revision; default the newest."
)
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Keep what was built, in this folder."
)
@click.option("--no-site", is_flag=True, help="Leave the pages out; the figures and downloads are compared.")
def rebuild(slug: str, year: str, number: int | None, into: Path | None, no_site: bool) -> None:
    """Build a signed-off report again from its record, and compare with what was signed.

    Compares figures, checks, downloads and, where the website was built when it was signed, every file of the report on
    it. Ends with code 1 where one is not, byte for byte, what was signed. Nothing that stands is touched.
    """
    from redress.run.rebuild import rebuild_signed

    settings = Settings.from_environment()
    say(*rebuild_signed(settings, slug, year, number, into, lambda text: say(text, err=True), not no_site))


@main.command(epilog=EXIT_CODES)
def reports() -> None:
    """List every report with its state: draft, provisional, signed off, published, revised."""
    from redress.run.commands import list_reports

    say(*list_reports(Settings.from_environment(), datetime.now().date()))


@main.command(epilog=EXIT_CODES)
@click.argument("run_id", metavar="RUN", required=False)
def runs(run_id: str | None) -> None:
    """List the newest runs, the newest last, or print the log of one (RUN, as listed)."""
    from redress.run.runs import Runs

    kept = Runs(Settings.from_environment())
    say(*(kept.log(run_id) if run_id else kept.newest() or ["Nothing has run here yet."]))


def run() -> None:
    """Run the `redress` program: `main`, with a quiet end."""
    run_quietly(main)


__all__ = ["main", "run"]

if __name__ == "__main__":
    run()
