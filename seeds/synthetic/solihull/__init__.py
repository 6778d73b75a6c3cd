"""Solihull 2023/24: margins of the published report, cases that keep them, and the export's shape."""

YEAR = "2023-24"
