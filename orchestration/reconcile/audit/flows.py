"""Relations between what was open, what came in, what was closed and what is left; and between a date and the next."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.reconcile.audit.book import Book
from orchestration.reconcile.audit.relations import Relation


def relations(book: Book) -> Iterator[Relation]:
    """Stock and flow."""
    yield from ()
