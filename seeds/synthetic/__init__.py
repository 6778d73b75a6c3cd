"""Synthetic extracts: invented cases that add up to what a council published.

The program knows a report's margins (its printed tables, typed as data) and the words of the extract
contract, and nothing of the pipeline that later counts the cases.
"""

import os

# workbooks come out byte for byte the same whether lxml is installed beside openpyxl or not
os.environ.setdefault("OPENPYXL_LXML", "False")
