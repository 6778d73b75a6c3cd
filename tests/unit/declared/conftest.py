"""A council of its own with a folder `report`, and an installation with a shipped report of two sections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redress.authority.folder import load_authority
from redress.base.settings import ROOT
from redress.declared.load import DeclaredReports, load_reports

PROFILE = """
authority: far-shire
name: Far Shire Council
case_data_from: 2021-04-01
reports:
  "2021-22": {as_at: 2022-05-31}
  "2022-23": {as_at: 2023-05-31}
  "2023-24": {as_at: 2024-05-31}
vocabularies:
  channel: [Email, Letter]
"""
SERVICES = "service,label,level,parent_service,aliases\ncsc,Social care,area,,Children's Social Care\nduty,Duty,team,csc,\n"
GROUPINGS = (
    "attribute,value,grouping,group\ncomplainant_role,parent,who,family\ncomplainant_role,carer,who,family\n"
)
SHIPPED = {
    "report.yml": "pages:\n  - {page: summary, title: Summary, sections: [in-short]}\n"
    "  - {page: stages, title: Stages, sections: [time-taken]}\n",
    "in-short.md": '---\ntitle: In short\n---\nThere were {% figure "new_complaints" /%}.\n',
    "time-taken.md": '{% table "responses" by="procedure + stage" /%}\n',
}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., DeclaredReports]:
    """Write a council's report and the shipped one, and load what they declare."""

    def write(
        files: dict[str, str] | None = None, shipped: dict[str, str] | None = None, **more
    ) -> DeclaredReports:
        council = tmp_path / "councils" / "far-shire"
        texts = {"profile.yml": PROFILE, "services.csv": SERVICES, "groupings.csv": GROUPINGS}
        texts |= {f"report/{name}": text for name, text in (files or {}).items()}
        texts |= {
            f"../../reports/sections/{name}": text for name, text in (SHIPPED | (shipped or {})).items()
        }
        for name, text in texts.items():
            path = council / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        authority = load_authority(council, ROOT / "seeds" / "reference")
        return load_reports([authority], tmp_path, **more)

    return write
