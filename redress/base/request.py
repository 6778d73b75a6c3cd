"""What a run is asked for: which reports to build, and which one to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Signing:
    """A wish to sign a report off, or to revise one that is.

    Attributes:
        by: who signs: a role, or a name that may stand in a public record.
        reason: why a signed report is revised; empty for a first sign-off.
        as_at: the day as at which a revision is computed; a first sign-off takes the profile's.
        on: the day of signing.
        hides_words: whether a revision does not say again which words it replaced, such as those that named somebody.
    """

    authority: str
    reporting_year: str
    by: str
    on: date
    reason: str = ""
    as_at: date | None = None
    hides_words: bool = False

    @property
    def report(self) -> tuple[str, str]:
        """The authority and the reporting year."""
        return self.authority, self.reporting_year


@dataclass(frozen=True)
class Request:
    """What to build.

    Attributes:
        authority: one authority's slug; None means all.
        year: one reporting year such as 2023-24; None means every year that profiles declare.
        as_at: the moment of knowledge; None means what each profile says for each report.
        site: whether to build the website.
        signing: the report to sign off, or to revise, when everything is green.
        from_nothing: whether nothing is taken over from earlier runs.
    """

    authority: str | None = None
    year: str | None = None
    as_at: date | None = None
    site: bool = True
    signing: Signing | None = None
    from_nothing: bool = False
