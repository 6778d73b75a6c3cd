"""The licence under which a report's data may be used again: what the council names in its profile, or the usual one.

In `profile.yml`, both needed:

    licence:
      title: Creative Commons Attribution 4.0
      path: https://creativecommons.org/licenses/by/4.0/
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

USUAL = {
    "title": "Open Government Licence v3.0, unless the council says otherwise",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
"""What local government publishes its statistics under as a rule. A council that names none has not said that it does."""

_PARTS = ("title", "path")


def problems(given: Any) -> list[str]:
    """What is wrong with the licence of a profile, a sentence each; none for a profile without one."""
    if given is None:
        return []
    if not isinstance(given, dict):
        return ["licence has the form `title: ...` and `path: https://...`"]
    found = [f"licence has no `{key}`; it has {' and '.join(_PARTS)}" for key in given if key not in _PARTS]
    found += [f"licence: {part} is missing" for part in _PARTS if not str(given.get(part) or "").strip()]
    if not found:
        path = urlsplit(str(given["path"]))
        if path.scheme != "https" or not path.netloc:
            found.append(f"licence: path is `{given['path']}`; it is an address that begins with https://")
    return found


def exported(given: Any) -> dict[str, str]:
    """The columns `licence_title` and `licence_path` of a report; the usual ones for a profile that names none."""
    named = given if given is not None and not problems(given) else USUAL
    return {f"licence_{part}": str(named[part]).strip() for part in _PARTS}
