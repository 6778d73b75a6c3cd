"""Synthetic extracts: invented cases that add up to what a council published.

The program knows a report's margins (its printed tables, typed as data) and the words of the extract
contract, and nothing of the pipeline that later counts the cases.
"""
