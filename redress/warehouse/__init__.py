"""The warehouse: dbt in this process, the figures it makes, and what each figure counted.

`dbt` parses and compiles, `builder` makes and tests what the `steps` say; `figures` reads and exports; `ask` answers
questions, which `question` reads and `semantic` counts from the facts; `provenance` runs each figure's own statement again
over the cases, `cases` collects them, `lineage` finds the columns behind a measure and `exclusions` what a figure left out:
they rewrite the compiled SQL. Who may see what does not belong here.
"""

from redress.warehouse.builder import DbtResult, NodeResult, build
from redress.warehouse.dbt import manifest, parse
from redress.warehouse.figures import FIGURE_COLUMNS, export_figures

__all__ = ["FIGURE_COLUMNS", "DbtResult", "NodeResult", "build", "export_figures", "manifest", "parse"]
