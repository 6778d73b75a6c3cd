"""The licence under which a report's data may be used again: what the council names in its profile, or the usual one."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from redress.authority.given import Group, Scalar, told
from redress.contract.mapping import as_word

USUAL = {
    "title": "Open Government Licence v3.0, unless the council says otherwise",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
"""What local government publishes its statistics under as a rule. A council that names none has not said that it does."""


def _part(given: Any) -> str:
    if not str(given or "").strip():
        raise ValueError("blank")
    return as_word(given).strip()


def _address(given: Any) -> str:
    path = urlsplit(_part(given))
    if path.scheme != "https" or not path.netloc:
        raise told(f"licence: path is `{given}`; it is an address that begins with https://")
    return _part(given)


class Licence(Group):
    """`licence` of a profile."""

    form: ClassVar[str] = "licence has the form `title: ...` and `path: https://...`"
    unknown: ClassVar[str] = "licence has no `{key}`; it has title and path"
    said: ClassVar[dict[str, str]] = {part: f"licence: {part} is missing" for part in ("title", "path")}

    title: Annotated[
        str,
        BeforeValidator(_part, json_schema_input_type=Scalar),
        Field(description="The licence's name, such as Creative Commons Attribution 4.0."),
    ]
    path: Annotated[
        str,
        BeforeValidator(_address, json_schema_input_type=str),
        Field(description="Where the licence can be read: an address that begins with https://."),
    ]


def exported(licence: Licence | None) -> dict[str, str]:
    """Return the columns `licence_title` and `licence_path` of a report; the usual ones where none is named."""
    named = licence.model_dump() if licence else USUAL
    return {f"licence_{part}": named[part] for part in ("title", "path")}
