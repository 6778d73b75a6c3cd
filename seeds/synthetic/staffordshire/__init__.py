"""Staffordshire 2023/24: the published report's margins, cases that keep them, monthly files that overlap."""

YEAR = "2023-24"
