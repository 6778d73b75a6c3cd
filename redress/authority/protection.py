"""What an authority decides about disclosure control: `protection:` in its `profile.yml`.

Absent settings have the defaults of `Protection`. `docs/protection.md` says what each does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from redress.base.patterns import fault_of
from redress.base.settings import Settings
from redress.base.strict_yaml import read_yaml

PROCESS_KEYS = (
    "procedure",
    "any_procedure",
    "formality",
    "stage",
    "from_stage",
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


@dataclass(frozen=True)
class Protection:
    """Settings of one audience.

    Attributes:
        threshold: counts from 1 to this are suppressed; 0 turns suppression off.
        interval: the range in which an attacker can place a suppressed number is at least this wide; for numbers
            of one table that range then holds as many values as the threshold has. Default: threshold less 1.
        open_keys: a total for the whole authority and a whole year is shown however small, where its breakdown has
            these keys only and its measure is not in `sensitive_measures`. Empty: nothing small is shown.
        sensitive_measures: measures (with `*` for anything) whose small totals are never open.
        least_shown_percent: of a table at one level of the services, one kind of period and one stage, at least so
            many of the numbers that are not zero must be large enough to show; a finer table is left out, and the
            services are shown one level up.
        small_base: averages and rates of fewer cases are suppressed. Default: threshold plus 1.
        dominance_percent: a sum of pounds to which one case gives more than this is suppressed.
    """

    threshold: int = 5
    interval: int | None = None
    open_keys: tuple[str, ...] = PROCESS_KEYS
    sensitive_measures: tuple[str, ...] = SENSITIVE
    least_shown_percent: int = 50
    small_base: int | None = None
    dominance_percent: int = 80

    @property
    def width(self) -> int:
        """The protection interval."""
        return max(1, self.threshold - 1) if self.interval is None else self.interval

    @property
    def base(self) -> int:
        """The smallest base of an average."""
        return self.threshold + 1 if self.small_base is None else self.small_base


AUDIENCES = ("public", "internal")
_RANGES = {
    "threshold": (0, 20),
    "interval": (1, 20),
    "least_shown_percent": (0, 100),
    "small_base": (0, 100),
    "dominance_percent": (1, 100),
}


def problems(section: Any) -> list[str]:
    """What is wrong with a profile's `protection`, one sentence each; [] where it is sound or absent."""
    if section is None:
        return []
    if not isinstance(section, Mapping):
        return ["`protection` must be a list of settings, such as `threshold: 5`"]
    known = {field.name for field in fields(Protection)}
    found = []
    for name, value in section.items():
        if name == "internal":
            if isinstance(value, Mapping) and "internal" not in value:
                found += [f"`protection: internal`: {text}" for text in problems(value)]
            else:
                found.append(
                    "`protection: internal` must be a list of the same settings, for internal readers"
                )
        elif name not in known:
            found.append(
                f"`protection: {name}` is not known; known are {', '.join(sorted(known))} and internal"
            )
        elif name in _RANGES:
            low, high = _RANGES[name]
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                found.append(
                    f"`protection: {name}` is {value!r}; it must be a whole number from {low} to {high}"
                )
        elif not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            found.append(
                f"`protection: {name}` must be a list of words, such as [{', '.join(PROCESS_KEYS[:2])}]"
            )
        elif name == "sensitive_measures":
            faults = [fault for word in value if (fault := fault_of("wildcard", word))]
            found += [f"`protection: {name}`: {fault}" for fault in faults]
    return found


def protection(section: Mapping[str, Any] | None, audience: str = "public") -> Protection:
    """The settings of an audience: the profile's, over the defaults; internal readers' over the public's.

    Args:
        section: `protection` of a profile that has passed `problems`.
        audience: `public` or `internal`.

    Raises:
        ValueError: there is no such audience.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"no audience `{audience}`: there are {' and '.join(AUDIENCES)}")
    given = dict(section or {})
    internal = given.pop("internal", None) or {}
    chosen = given | (internal if audience == "internal" else {})
    return replace(
        Protection(), **{name: tuple(v) if isinstance(v, list) else v for name, v in chosen.items()}
    )


def profile_section(settings: Settings, authority: str) -> dict | None:
    """`protection` of the authority's profile; loading the folder has checked it."""
    for place in settings.authorities:
        for folder in (place / authority, place):
            path = folder / "profile.yml"
            if folder.name == authority and path.is_file():
                return protection_in(path)
    return None


def protection_in(profile: Path) -> dict | None:
    """`protection` of a profile."""
    return (read_yaml(profile) or {}).get("protection")
