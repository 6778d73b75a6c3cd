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


def test_numbers_of_lines_that_meet_are_not_printed_over_each_other() -> None:
    close = [
        {"name": name, "values": [low, low + 1, 4], "unit": "percent"}
        for name, low in (("A", 4), ("B", 5), ("C", 6))
    ]
    chart = {
        "kind": "lines",
        "categories": ["x", "y", "z"],
        "series": [{"name": "Most", "values": [53, 76, 79], "unit": "percent"}, *close],
    }
    drawn = ask("draw.js", f"it.draw({json.dumps(chart)}, 680, 'c')")
    labels = re.findall(r"<text([^>]*)>(\d+%)</text>", drawn)
    above = [words for place, words in labels if "middle" in place]
    assert above == ["53%", "76%", "79%", "4%", "5%", "4%"]
