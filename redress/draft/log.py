"""The draft of a log of events, whose lines make a record together: from its recipe and the events that the file has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from redress.authority.left_open import GUESS
from redress.draft.columns import Column
from redress.draft.drafted import Block, Filled
from redress.draft.headings import Target, nearness, tokens
from redress.draft.recipes import Recipe, as_flow
from redress.draft.shapes import Match
from redress.draft.words import share_understood
from redress.draft.yaml_text import flow, scalar

if TYPE_CHECKING:
    from redress.draft.sources import SourceDraft

_SENT_TO = re.compile(
    r"\b(assign|allocat|refer|pass|rout|transfer|sent)\w* to\b.*\b(team|service|department|manager)", re.I
)


def draft_log(source: SourceDraft, recipe: Recipe) -> None:
    """Draft a log whose lines make a record together, from its recipe and the events that the file has."""
    gathered = _gather(source, recipe)
    for table in recipe.source["tables"]:
        name = table["table"]
        needed = table.get("where", {}).get("column")
        if needed in recipe.source["group"]["columns"] and needed not in gathered:
            continue
        block = Block(name, where=[as_flow(table["where"])] if "where" in table else [])
        block.comment = f"{GUESS} begun from the recipe {recipe.name}"
        for target, raw in table["columns"].items():
            origin = raw if isinstance(raw, str) else raw.get("from", "")
            if origin in gathered:
                made = Match(gathered[origin], Target("", name, target, ()), 1.0)
                block.columns.append(source.filled(name, target, made))
            elif origin in recipe.source["group"]["columns"]:
                if source.contract.tables[name].fields[target].required:
                    block.columns.append(source.lacking(name, target))
            else:
                block.columns.append(Filled(target, as_flow(raw)))
        source.drafted.blocks.append(block)


def _gather(source: SourceDraft, recipe: Recipe) -> dict[str, Column]:
    """Return the columns of the records that are made of lines, and keep the group that makes them to be written."""
    group, by_heading = recipe.source["group"], {column.heading: column for column in source.opened.columns}
    event, _ = recipe.events
    frame = source.opened.sheet.frame
    cell = pl.col(str(by_heading[event].position)).str.strip_chars()
    words = by_heading[event].values
    taken: dict[str, str] = {}
    for name, part in group["columns"].items():
        for word in part["where"]["in"] if isinstance(part, dict) and "where" in part else ():
            taken |= {
                seen: name
                for seen in words
                if nearness(tokens(seen), tokens(word)) >= 0.8 and seen not in taken
            }
    lines, gathered = [f"by: {as_flow(group['by'])}", "columns:"], {}
    records = len(by_heading[group["by"]].values)
    details = by_heading.get(recipe.details)
    for name, part in group["columns"].items():
        own = [word for word, column in taken.items() if column == name]
        origin, doubt = part if isinstance(part, str) else part["from"], "# "
        if details and origin not in by_heading:
            # no column has the team of a case, but an event may say to which it was sent
            doubt = f"{GUESS} the team to which it was sent, "
            own = [word for word in words if word not in taken and _SENT_TO.search(word)]
            taken |= dict.fromkeys(own, name)
            origin, part = recipe.details, {"from": recipe.details, "where": {}}
        elif details and origin == recipe.details and not own:
            # the event that a recipe has for itself may be told beside another
            doubt = f"{GUESS} by what these lines say, "
            own = _told_beside(source, recipe, name, details, frame, cell, words)
        if isinstance(part, dict) and not own:
            continue
        rows = frame.filter(cell.is_in(own)) if own else frame
        values = rows[str(by_heading[origin].position)].str.strip_chars()
        gathered[name] = Column(name, by_heading[origin].position, records, Counter(v for v in values if v))
        if isinstance(part, str):
            lines.append(f"  {name}: {scalar(origin, True)}")
            continue
        join = f", join: {scalar(part['join'], True)}" if "join" in part else ""
        where = f"{{column: {scalar(event, True)}, in: {flow(own)}}}"
        lines.append(
            f"  {name}: {{from: {scalar(origin, True)}, where: {where}{join}}}  {doubt}{len(rows)} lines"
        )
    others = source.found.shown(word for word in words if word not in taken)
    if others:
        where = f"{{column: {scalar(event, True)}, in: {flow(others)}}}"
        told = f"{GUESS} {sum(words[word] for word in others)} lines of which nothing is made"
        lines.append(f'  Other lines: {{from: {scalar(event, True)}, where: {where}, join: "; "}}  {told}')
    source.spent |= {column.position for column in by_heading.values() if column.heading in "".join(lines)}
    source.group = Filled("group", "".join(f"\n      {line}" for line in lines))
    return {name: column for name, column in gathered.items() if not column.heading.startswith("Notes")}


def _told_beside(
    source: SourceDraft,
    recipe: Recipe,
    name: str,
    details: Column,
    frame: pl.DataFrame,
    cell: pl.Expr,
    words: Iterable[str],
) -> list[str]:
    """Return the events whose details are words of the column of the contract that a column of the record fills."""
    fields = [
        (table["table"], source.contract.tables[table["table"]].fields[target])
        for table in recipe.source["tables"]
        for target, raw in table["columns"].items()
        if isinstance(raw, dict) and raw.get("from") == name
    ]
    found = []
    for table, target_field in fields[:1]:
        for word in words if target_field.words else ():
            said = frame.filter(cell == word)[str(details.position)].str.strip_chars()
            texts = Counter(text for text in said if text)
            if texts and share_understood(table, target_field, texts, Column.stands_for_blank) >= 0.75:
                found.append(word)
    return found
