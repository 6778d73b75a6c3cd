"""Work for many pages, done by several processes."""

from __future__ import annotations

import os

import pytest

from redress.publish import parallel


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def test_results_come_in_the_order_of_the_items_however_many_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel.os, "cpu_count", lambda: 2)
    numbers = list(range(250))
    alone = list(parallel.for_each(square, numbers))
    several = list(parallel.for_each(square, numbers, few=10))
    assert [result for result, _ in alone] == [result for result, _ in several] == [n * n for n in numbers]
    assert {process for _, process in alone} == {os.getpid()}
    assert os.getpid() not in {process for _, process in several}
