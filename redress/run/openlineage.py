"""OpenLineage events of runs (specification 2-0-2), one a line in `build/state/openlineage.jsonl`, for whoever collects them.

They hold names, hashes and counts, and no value of a record.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redress.base.versions import versions
from redress.run.measure import StageRecord

EVENTS = "openlineage.jsonl"
NAMESPACE = "redress"
PRODUCER = "urn:redress:pipeline"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = "https://openlineage.io/spec/facets"
FILES = "files"
"""The dataset that councils leave: in its place, an event names every file."""


@dataclass(frozen=True)
class Events:
    """Where the events of one run go.

    Attributes:
        path: the file that they are added to.
        run_id: as the journal names the run.
        job: the command behind the run.
    """

    path: Path
    run_id: str
    job: str

    def of_run(self, kind: str, moment: str, message: str = "") -> None:
        """Write that the run begins (`START`) or how it ended (`COMPLETE`, `FAIL`)."""
        self._write(kind, moment, self._uuid(), self.job, "JOB", _error_facet(kind, message))

    def of_stage(
        self, stage: StageRecord, moment: str, position: int, files: Iterable[Mapping[str, Any]]
    ) -> None:
        """Write how a stage ended, what it read and what it left.

        Args:
            stage: the stage.
            moment: when it ended.
            position: its place among the stages of the run.
            files: rows of the ledger, for the stage that reads files.
        """
        is_done = stage.verdict == "done"
        kind = "COMPLETE" if is_done else "FAIL"
        parent = _facet(
            "1-2-0/ParentRunFacet",
            run={"runId": self._uuid()},
            job={"namespace": NAMESPACE, "name": self.job},
        )
        read: list[dict[str, Any]] = []
        for name in stage.reads if is_done else ():
            read += [_file(row) for row in files] if name == FILES else [_dataset(name)]
        self._write(
            kind,
            moment,
            self._uuid(f"{position} {stage.stage}"),
            f"{self.job}.{stage.stage}",
            "TASK",
            {"parent": parent} | _error_facet(kind, stage.message),
            read,
            [_left(stage)] if is_done and stage.leaves else [],
        )

    def _uuid(self, part: str = "") -> str:
        """Return the UUID that OpenLineage wants; the same run and stage always have the same."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{self.run_id}/{part}"))

    def _write(
        self,
        kind: str,
        moment: str,
        run_id: str,
        job: str,
        job_type: str,
        facets: Mapping[str, Any],
        inputs: list[dict[str, Any]] | None = None,
        outputs: list[dict[str, Any]] | None = None,
    ) -> None:
        """Add one event to the file."""
        engine = _facet("1-1-1/ProcessingEngineRunFacet", version=versions()["redress"], name="redress")
        kind_of_job = _facet(
            "2-0-4/JobTypeJobFacet", processingType="BATCH", integration="REDRESS", jobType=job_type
        )
        event = {
            "eventType": kind,
            "eventTime": moment,
            "producer": PRODUCER,
            "schemaURL": EVENT_SCHEMA,
            "run": {"runId": run_id, "facets": {"processing_engine": engine, **facets}},
            "job": {"namespace": NAMESPACE, "name": job, "facets": {"jobType": kind_of_job}},
            "inputs": inputs or [],
            "outputs": outputs or [],
        }
        with self.path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")


def _error_facet(kind: str, message: str) -> dict[str, Any]:
    """Return the facet that says why something failed; none where nothing did."""
    if kind != "FAIL":
        return {}
    return {
        "errorMessage": _facet(
            "1-0-1/ErrorMessageRunFacet", message=message or "failed", programmingLanguage="Python"
        )
    }


def _left(stage: StageRecord) -> dict[str, Any]:
    """Return the dataset that a stage left, with its rows where it counted them."""
    made = _dataset(stage.leaves)
    if stage.rows in stage.counts:
        made["outputFacets"] = {
            "outputStatistics": _facet(
                "1-0-2/OutputStatisticsOutputDatasetFacet", rowCount=stage.counts[stage.rows]
            )
        }
    return made


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file of the ledger as a dataset."""
    return {
        "namespace": "file",
        "name": f"{row['authority']}/{row['file_name']}",
        "facets": {"version": _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=row["sha256"])},
        "inputFacets": {
            "inputStatistics": _facet("1-0-0/InputStatisticsInputDatasetFacet", rowCount=row["rows_received"])
        },
    }


def _dataset(name: str) -> dict[str, Any]:
    """Return one of the project's own datasets."""
    return {"namespace": NAMESPACE, "name": name, "facets": {}}


def _facet(schema: str, **values: Any) -> dict[str, Any]:
    """Return a facet of the specification, such as `1-2-0/ParentRunFacet`."""
    name = schema.split("/")[-1]
    return {"_producer": PRODUCER, "_schemaURL": f"{FACETS}/{schema}.json#/$defs/{name}", **values}
