"""Coventry 2021/22: the published report's margins, cases that keep them, one workbook with many sheets."""

YEAR = "2021-22"
