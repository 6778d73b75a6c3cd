"""The warehouse: dbt in this process, the figures it makes, and what each figure counted.

`dbt` builds and tests; `figures` reads and exports; `ask` answers questions, which `question` reads and `semantic` counts from
the facts; `provenance` runs each figure's own statement again over the cases, `cases` collects them, `lineage` finds the
columns behind a measure and `exclusions` what a figure left out: they rewrite the compiled SQL. Who may see what does
not belong here.
"""

from redress.warehouse.dbt import DbtResult, NodeResult, build, manifest, parse
from redress.warehouse.figures import FIGURE_COLUMNS, export_figures

__all__ = ["FIGURE_COLUMNS", "DbtResult", "NodeResult", "build", "export_figures", "manifest", "parse"]
