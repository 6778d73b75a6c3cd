"""A draft as the text of a `mapping.yml`: what was found, guesses marked, questions asked, evidence beside each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from redress.authority.left_open import QUESTION
from redress.draft.drafted import Block, Drafted, Filled, WordList
from redress.draft.yaml_text import scalar

_HEAD = """\
# Drafted from {files}.
# A line that ends in `# guess: ...` was guessed: correct it, or take the comment away where it is right. A `"?"` was not
# guessed: choose, and the evidence stands beside it. `redress check` lists both. docs/mapping.md has every key.
version: 1
"""


def mapping_text(drafted: Iterable[Drafted], lists: Mapping[str, WordList], files: Iterable[str]) -> str:
    """Return the text of a mapping."""
    lines = [_HEAD.format(files=", ".join(files))]
    if lists:
        lines += [
            '# The council\'s words, and what they mean. The most frequent stand first; "" means blank.',
            "words:",
        ]
    for name, word_list in lists.items():
        lines.append(f"  {name}:" if word_list.entries else f"  {name}: {{}}")
        for word, (meaning, comment) in word_list.entries.items():
            lines.append(f"    {_key(word)}: {_meaning(meaning)}  {comment}{_choices(meaning, word_list)}")
        if word_list.hidden:
            lines.append(
                f"    # {word_list.hidden} more are not shown: there are many, or they may name somebody"
            )
    if lists:
        lines.append("")
    lines.append("sources:")
    for source in drafted:
        lines += [*_source(source), ""]
    return "\n".join(lines).rstrip() + "\n"


def _key(word: str) -> str:
    return (
        '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    )


def _meaning(meaning: str) -> str:
    return f'"{QUESTION}"' if meaning == QUESTION else scalar(meaning, True) if meaning else '""'


def _choices(meaning: str, word_list: WordList) -> str:
    return f": {', '.join(word_list.words)}" if meaning == QUESTION else ""


def _source(source: Drafted) -> list[str]:
    lines = [f"  # {source.opened.name}: {source.opened.sheet.received + source.left_out} records"]
    lines.append(f"  - id: {source.id}")
    lines += [_line("    ", key) for key in source.keys]
    lines.append("    tables:")
    for block in source.blocks:
        lines += _block(block)
    return lines


def _block(block: Block) -> list[str]:
    lines = [f"      - table: {block.table}{'  ' + block.comment if block.comment else ''}"]
    if block.where:
        where = block.where[0] if len(block.where) == 1 else f"[{', '.join(block.where)}]"
        lines.append(f"        where: {where}")
    if block.split:
        lines.append(f"        split: {block.split}")
    if block.distinct:
        lines.append("        distinct: true")
    lines.append("        columns:")
    lines += [f"          # {' '.join(note.split())}" for note in block.notes]
    return lines + [_line("          ", column) for column in block.columns]


def _line(indent: str, part: Filled) -> str:
    gap = "" if part.text.startswith("\n") else " "
    return f"{indent}{part.name}:{gap}{part.text}{'  ' + part.comment if part.comment else ''}"
