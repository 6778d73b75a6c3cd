"""Sandwell 2022/23: margins of the published report, cases that keep them, and one long log of events."""

YEAR = "2022-23"
