"""A council's part of the generator: a package here with its margins, its cases and its export."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seeds.synthetic.cases import Cases

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Council:
    """One council's generator.

    Its package holds `YEAR` (the reporting year), `margins.yml` (the published tables, typed as data), `cases.build`
    (margins -> cases) and `export.exports` (cases, folder -> files by the day received).

    Attributes:
        slug: name of the council's folder in seeds/authorities, such as `solihull`.
    """

    slug: str

    @property
    def package(self) -> str:
        """The package's name below `seeds.synthetic`."""
        return self.slug.replace("-", "_")

    @property
    def folder(self) -> Path:
        """Where the package lies."""
        return HERE / self.package

    @property
    def year(self) -> str:
        """The reporting year that the cases are made for."""
        return importlib.import_module(f"seeds.synthetic.{self.package}").YEAR

    def margins(self) -> dict:
        """The published tables."""
        return yaml.safe_load((self.folder / "margins.yml").read_text(encoding="utf-8"))

    def cases(self) -> Cases:
        """The year's cases in contract shape, before the export shapes them."""
        return self._part("cases").build(self.margins())

    def batches(self, built: Cases) -> dict[str, list[Any]]:
        """The files (`Export` or `Book`) of each batch, by the day it was received."""
        return self._part("export").exports(built, self.folder)

    def _part(self, name: str):
        return importlib.import_module(f"seeds.synthetic.{self.package}.{name}")
