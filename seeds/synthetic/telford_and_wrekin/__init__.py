"""Telford & Wrekin 2023/24: margins of the published report, cases that keep them, and one wide file per year."""

YEAR = "2023-24"
