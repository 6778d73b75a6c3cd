"""The warehouse stage: dbt in this process, into a new database file, and the export of its figures."""

from redress.warehouse.dbt import DbtResult, NodeResult, build, manifest, parse
from redress.warehouse.figures import FIGURE_COLUMNS, export_figures

__all__ = ["FIGURE_COLUMNS", "DbtResult", "NodeResult", "build", "export_figures", "manifest", "parse"]
