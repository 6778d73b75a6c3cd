"""People become keyed pseudonyms: one person has one, and nobody without the key can tell whose it is."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings

if TYPE_CHECKING:
    import polars as pl

    from redress.authority.model import Authority

_DEMONSTRATION_KEY = b"redress demonstration key, for made-up people only"
SHORTEST_KEY = 16
LENGTH = 32
"""Hexadecimal characters of a pseudonym."""


def key_for(authority: Authority, settings: Settings) -> bytes:
    """Return the key for an authority's people.

    A fixed key serves authorities whose data are made up, and only when none is given.

    Raises:
        ConfigurationProblem: no key is given for real data, or the key is too short or cannot be read.
    """
    key = settings.key.encode("utf-8") if settings.key else None
    if key is None and settings.key_file:
        try:
            key = settings.key_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationProblem(
                f"The key file {settings.key_file} (REDRESS_KEY_FILE) cannot be read."
            ) from error
    if key is None:
        if authority.is_synthetic:
            return _DEMONSTRATION_KEY
        raise ConfigurationProblem(
            f"{authority.slug} has real people, so a key is needed before its files are read. Put a "
            "long random text "
            "into a file outside the data and name it in REDRESS_KEY_FILE (or give it in REDRESS_KEY)."
        )
    if len(key) < SHORTEST_KEY:
        raise ConfigurationProblem(
            f"The key of REDRESS_KEY_FILE or REDRESS_KEY has fewer than {SHORTEST_KEY} characters."
        )
    return key


def key_mark(authority: Authority, settings: Settings) -> str:
    """Return what tells one key from another, and gives no more away than a pseudonym does; blank where there is none."""
    try:
        return hmac.digest(key_for(authority, settings), b"which key", hashlib.sha256).hex()
    except ConfigurationProblem:
        return ""


def pseudonym(key: bytes, authority: str, kind: str, value: str) -> str:
    """Return HMAC-SHA256 of authority, kind and value, in hexadecimal, cut to `LENGTH`."""
    message = f"{authority}\x1f{kind}\x1f{value}".encode()
    return hmac.digest(key, message, hashlib.sha256).hex()[:LENGTH]


def pseudonyms(key: bytes, authority: str, kind: str, values: pl.Series) -> pl.Series:
    """Return pseudonyms of a column, made once per distinct value; null stays null."""
    import polars as pl

    distinct = values.drop_nulls().unique()
    made = pl.DataFrame(
        {
            "value": distinct,
            "made": pl.Series([pseudonym(key, authority, kind, v) for v in distinct], dtype=pl.String),
        },
        schema={"value": pl.String(), "made": pl.String()},
    )
    frame = pl.DataFrame({"value": values}).join(made, on="value", how="left", maintain_order="left")
    return frame["made"].alias(values.name)
