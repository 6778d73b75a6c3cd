"""What a whole source leaves blank although the council records it elsewhere, so that pages would say `not known` of it."""

from __future__ import annotations

import polars as pl

from redress.authority.model import NOT_KNOWN, Authority
from redress.intake.store import Store

_SERVICE = "stage.service"


def stages_without_service(store: Store, authority: Authority, standing: pl.DataFrame) -> list[str]:
    """Return a message for each source of which no stage names a service although complaints of these stages do.

    Args:
        store: where rows are kept.
        authority: whose; nothing is told where its profile says that it is not held.
        standing: the ledger rows of the extracts in force.
    """
    if {"stage", _SERVICE} & set(authority.profile.not_held):
        return []
    tables, extracts = store.contract.tables, standing["extract_id"]
    stages = store.rows(tables["stage"], extracts, ["extract_id", "complaint_id", "service"])
    services = store.rows(tables["complaint_service"], extracts, ["complaint_id", "service"]).filter(
        _is_said()
    )
    messages = []
    for (source,), entries in standing.group_by("source", maintain_order=True):
        of_source = stages.filter(pl.col("extract_id").is_in(entries["extract_id"].implode()))
        complaints = of_source.join(services, on="complaint_id", how="semi")["complaint_id"].n_unique()
        if complaints and of_source.filter(_is_said()).is_empty():
            messages.append(
                f"{source}: none of its {of_source.height:,} stages names a service, although {complaints:,} of their "
                "complaints do, so that answers by team would all be `not known`. Map the column `service` of the table "
                f"`stage`; if it is not recorded who answered, put {_SERVICE} into not_held of profile.yml."
            )
    return messages


def _is_said() -> pl.Expr:
    """Return the condition that a row names a service."""
    return pl.col("service").fill_null(NOT_KNOWN) != NOT_KNOWN
