"""Texts as YAML that the strict reader gives back as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ()/.'-]*[A-Za-z0-9_)]|[A-Za-z]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(text: str, in_flow: bool = False) -> str:
    """Return a text as a scalar, in quotation marks where it needs them."""
    if (
        _PLAIN.fullmatch(text)
        and text.casefold() not in _WORDS
        and "  " not in text
        and (not in_flow or "'" not in text[:1])
    ):
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(texts: Iterable[str]) -> str:
    """Return texts as a list on one line."""
    return f"[{', '.join(scalar(text, True) for text in texts)}]"
