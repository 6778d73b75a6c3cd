"""What an authority decides about disclosure control: `protection:` in its `profile.yml`.

Absent settings have the defaults of `Protection`. `docs/protection.md` says what each does.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from redress.authority.given import Group, Whole, told
from redress.base.patterns import fault_of

PROCESS_KEYS = (
    "procedure",
    "any_procedure",
    "formality",
    "stage",
    "from_stage",
    "step",
    "decision",
    "basis",
    "by",
    "level",
    "at",
)
"""Keys that say how a case was handled and nothing of who it is about: the law asks for these totals by name."""

SENSITIVE = (
    "*outcomes*",
    "*_by_outcome*",
    "outcome_*",
    "*upheld*",
    "responses_in_band*",
    "children_in_complaints*",
    "satisfaction_*",
    "repeat_complainants*",
    "complainants_by_complaints*",
    "new_complaints_from_repeat_complainants*",
)
"""Measures whose small numbers are sensitive even for the whole authority and year."""


_RANGES = {
    "threshold": Whole(0, 20),
    "interval": Whole(1, 20),
    "least_shown_percent": Whole(0, 100),
    "small_base": Whole(0, 100),
    "dominance_percent": Whole(1, 100),
}
_Words = tuple[Annotated[str, StringConstraints(strict=True, pattern=r"\S")], ...]


def _sound_wildcards(words: tuple[str, ...]) -> tuple[str, ...]:
    faults = [fault for word in words if (fault := fault_of("wildcard", word))]
    if faults:
        raise told(*(f"`protection: sensitive_measures`: {fault}" for fault in faults))
    return words


class Protection(Group):
    """Settings of one audience."""

    form: ClassVar[str] = "`protection: internal` must be a list of the same settings, for internal readers"
    unknown: ClassVar[str]
    said: ClassVar[dict[str, str]] = {
        name: f"`protection: {name}` is {{value!r}}; it must be a whole number from {range_.low} to {range_.high}"
        for name, range_ in _RANGES.items()
    } | {
        name: f"`protection: {name}` must be a list of words, such as [{', '.join(PROCESS_KEYS[:2])}]"
        for name in ("open_keys", "sensitive_measures")
    }

    threshold: Annotated[
        int,
        _RANGES["threshold"],
        Field(description="Counts from 1 to this are suppressed; 0 turns suppression off."),
    ] = 5
    interval: Annotated[
        int | None,
        _RANGES["interval"],
        Field(
            description="The range in which an attacker can place a suppressed number is at least this wide; for "
            "numbers of one table that range then holds as many values as the threshold has. Default: threshold less 1."
        ),
    ] = None
    open_keys: Annotated[
        _Words,
        Field(
            description="A total for the whole authority and a whole year is shown however small, where its breakdown "
            "has these keys only and its measure is not in `sensitive_measures`. Empty: nothing small is shown."
        ),
    ] = PROCESS_KEYS
    sensitive_measures: Annotated[
        _Words,
        AfterValidator(_sound_wildcards),
        Field(description="Measures (with `*` for anything) whose small totals are never open."),
    ] = SENSITIVE
    least_shown_percent: Annotated[
        int,
        _RANGES["least_shown_percent"],
        Field(
            description="Of a table at one level of the services, one kind of period and one stage, at least so many "
            "of the numbers that are not zero must be large enough to show; a finer table is left out, and the "
            "services are shown one level up."
        ),
    ] = 50
    small_base: Annotated[
        int | None,
        _RANGES["small_base"],
        Field(description="Averages and rates of fewer cases are suppressed. Default: threshold plus 1."),
    ] = None
    dominance_percent: Annotated[
        int,
        _RANGES["dominance_percent"],
        Field(description="A sum of pounds to which one case gives more than this is suppressed."),
    ] = 80

    @property
    def width(self) -> int:
        """The protection interval."""
        return max(1, self.threshold - 1) if self.interval is None else self.interval

    @property
    def base(self) -> int:
        """The smallest base of an average."""
        return self.threshold + 1 if self.small_base is None else self.small_base


Protection.unknown = (
    f"`protection: {{key}}` is not known; known are {', '.join(sorted(Protection.model_fields))} and internal"
)


def _not_blank(given: Any) -> Any:
    if given is None:
        raise ValueError("blank")
    return given


class ProtectionSection(Protection):
    """`protection` of a profile: the settings for the public, and over them those for internal readers."""

    form: ClassVar[str] = "`protection` must be a list of settings, such as `threshold: 5`"

    internal: Annotated[
        Protection | None,
        BeforeValidator(_not_blank, json_schema_input_type=Protection),
        Field(description="The same settings for readers inside the council, where they may see more."),
    ] = None


AUDIENCES = ("public", "internal")


def protection(section: ProtectionSection | None, audience: str = "public") -> Protection:
    """Return the settings of an audience: the profile's, over the defaults; internal readers' over the public's.

    Args:
        section: `protection` of a profile.
        audience: `public` or `internal`.

    Raises:
        ValueError: there is no such audience.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"no audience `{audience}`: there are {' and '.join(AUDIENCES)}")
    if section is None:
        return Protection()
    chosen = section.model_dump(exclude_unset=True, exclude={"internal"})
    if audience == "internal" and section.internal is not None:
        chosen |= section.internal.model_dump(exclude_unset=True)
    return Protection(**chosen)
