"""Great Expectations, imported without what no expectation here asks for.

It imports SciPy and Altair for tests of distributions and for charts, which nothing here uses, and they are a third of what
its import costs. While it is imported a stand-in takes their place, which imports the real one when something of it is
asked for.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from types import ModuleType
from typing import Any

_once = threading.Lock()


class _Later(ModuleType):
    """Stands in for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def great_expectations() -> ModuleType:
    """Return the module, imported with all expectations; it tells nobody. Safe to call from several threads."""
    with _once:
        if "great_expectations.expectations" not in sys.modules:
            os.environ["GX_ANALYTICS_ENABLED"] = "false"
            _import_beside(_stand_ins())
    return importlib.import_module("great_expectations")


def _stand_ins() -> dict[str, ModuleType]:
    """Return what stands in for the modules that are not imported yet."""
    stand_ins = {name: _Later(name) for name in ("altair", "scipy", "scipy.stats")}
    stand_ins["scipy"].stats = stand_ins["scipy.stats"]
    return {name: module for name, module in stand_ins.items() if name.partition(".")[0] not in sys.modules}


def _import_beside(stand_ins: dict[str, ModuleType]) -> None:
    """Import Great Expectations while the stand-ins are there; nothing of what it makes is garbage, so none is looked for."""
    sys.modules.update(stand_ins)
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("great_expectations.expectations")
    finally:
        if is_collecting:
            gc.enable()
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
