"""Charts: equal ones are equal byte for byte, whatever was drawn before them."""

from __future__ import annotations

import json
import re

import pytest
from test_publish_numbers import ask


@pytest.mark.parametrize("kind", ["bars", "stack", "lines"])
def test_a_chart_does_not_depend_on_what_was_drawn_before(kind: str) -> None:
    values = [{"name": name, "values": [3, 4], "unit": "complaints"} for name in ("A", "B")]
    chart = json.dumps({"kind": kind, "categories": ["x", "y"], "series": values})
    first, second = ask("draw.js", f"[it.draw({chart}, 680, 'c'), it.draw({chart}, 680, 'c')]")
    assert first == second and first.count("<svg") == 1
    assert not re.search(r"zr\d", first)
    referred = set(re.findall(r"url\(#([\w-]+)\)", first))
    assert referred <= set(re.findall(r'id="([\w-]+)"', first))
