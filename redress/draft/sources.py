"""The draft of one source of a mapping: what a table of a file was found to be, as tables, columns and words to write.

Nothing here decides for a person where two readings fit: such a value is `"?"`, with the evidence beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from redress.authority.left_open import GUESS, QUESTION
from redress.contract.contract import Field
from redress.contract.values import fold
from redress.draft.columns import Column
from redress.draft.dates import first_reading
from redress.draft.departments import COMPLAINT, without_other_departments
from redress.draft.drafted import Block, Drafted, Filled, Findings, WordList
from redress.draft.headings import tokens
from redress.draft.opened import Opened
from redress.draft.recipes import Recipe, recipe_for
from redress.draft.shapes import Match, shape_of
from redress.draft.words import CERTAIN, guess_word, share_understood
from redress.draft.yaml_text import flow, scalar
from redress.intake.names import speaks_of_person

_COMPLIMENT = re.compile(r"compliment|thank|praise|plaudit", re.I)
_CONTACT = re.compile(r"enquir|\bmps?\b|councillor|\bcllr\b|comment|suggestion|\bduty\b|feedback|query", re.I)
MOST_LISTED = 40
_ALIKE = 0.3
"""The share of a column's cells whose words are understood from which it is named to whoever must choose."""


def _held(column: Column) -> str:
    """Return what a column holds, without anything that stands in it."""
    if not column.said:
        return "blank"
    share = f"{min(100, 100 * column.said // max(1, column.rows))}% filled"
    if column.share_days > 0.7:
        return f"{share}, days written {' or '.join(column.days.formats) or 'as dates of a workbook'}"
    if column.share_numbers > 0.8:
        return f"{share}, numbers"
    return f"{share}, {'long texts' if column.is_long_text else f'{len(column.values)} different texts'}"


def _is_plain(column: Column) -> bool:
    """Return whether the days of a column are written in one way, without a time zone."""
    return not column.days.question and len(column.days.formats) == 1 and not column.days.zoned


class SourceDraft:
    """Makes the draft of one source."""

    def __init__(self, opened: Opened, identifier: str, findings: Findings) -> None:
        self.found, self.contract = findings, findings.contract
        self.whole = {column.position: column for column in opened.columns}
        opened, rule, left = without_other_departments(
            opened, findings.shown, shape_of(opened, self.contract).kind == "ombudsman"
        )
        self.opened, self.shape = opened, shape_of(opened, self.contract)
        self.drafted = Drafted(identifier, opened, self.shape, left_out=left + opened.left)
        self.rule = rule
        self.recipe = recipe_for(opened)
        self.group: Filled | None = None
        self.date_format = self._usual_format()
        self._leave_people_out()
        self.spent: set[int] = {column.position for column in self.shape.questions}
        self.record_column: Column | None = None
        self.record_words: dict[str, list[str]] = {}
        self.counted: set[tuple[str, int]] = set()

    def _leave_people_out(self) -> None:
        """Take no column of people for one of teams: one of which nearly all words hold a common given name."""
        for name, match in list(self.shape.matches.items()):
            words = match.column.values
            named = sum(
                n for word, n in words.items() if not self.found.given_names.isdisjoint(fold(word).split())
            )
            if name.endswith(".service") and named > 0.8 * match.column.filled:
                del self.shape.matches[name]

    def make(self, by_recipe: Callable[[SourceDraft, Recipe], None]) -> Drafted:
        """Return the draft; `by_recipe` makes that of a source for which there is a recipe."""
        build: dict[str, Callable[[], None]] = {
            "cases": self._cases,
            "ombudsman": self._ombudsman,
            "compliments": self._compliments,
            "satisfaction": self._satisfaction,
        }
        if self.recipe:
            by_recipe(self, self.recipe)
        elif not self.shape.kind:
            self._unknown()
        else:
            build.get(self.shape.kind, self._plain)()
        self._keys()
        return self.drafted

    # how columns are written

    def _usual_format(self) -> str:
        counted: Counter[str] = Counter()
        for column in self.opened.columns:
            if column.share_days >= 0.7 and _is_plain(column):
                counted[column.days.formats[0]] += 1
        return counted.most_common(1)[0][0] if counted else "%d/%m/%Y"

    def filled(self, table: str, name: str, match: Match) -> Filled:
        """Return how a column of the contract is filled from a column of the file."""
        target_field = self.contract.tables[table].fields[name]
        column = match.column
        self.spent.add(column.position)
        why = []
        if not match.is_certain:
            why.append("by what stands in it" if match.by_values else "by its heading")
        text, doubt = self._text(table, target_field, column)
        share = f"{min(100, 100 * column.said // column.rows)}% filled" if column.rows else "no records"
        told = "; ".join([*why, *doubt, share])
        mark = f"{GUESS} " if why or (doubt and QUESTION not in text) else ""
        return Filled(name, text, f"{mark}{told}" if mark else f"# {told}")

    def _text(self, table: str, target_field: Field, column: Column) -> tuple[str, list[str]]:
        heading = scalar(column.heading, True)
        if target_field.type == "date":
            return self._date_text(heading, column, bool(target_field.personal))
        if target_field.words:
            name = self._list_of(table, target_field, column)
            return (f"{{from: {heading}, words: {name}}}" if name else heading), []
        if target_field.vocabulary and not target_field.pattern:
            self._count_words(target_field.vocabulary, column)
        if target_field.type in ("integer", "number"):
            blanks = [text for text in column.values if Column.stands_for_blank(text)]
            return (f"{{from: {heading}, blanks: {flow(blanks)}}}" if blanks else heading), []
        return heading, []

    def _date_text(self, heading: str, column: Column, is_personal: bool = False) -> tuple[str, list[str]]:
        days, parts = column.days, [f"from: {heading}"]
        # of a date of birth none is shown, not even as an example
        question = days.question.partition(": ")[2] if is_personal else days.question
        doubt = [part for part in (question, days.note) if part]
        if days.question:
            parts.append(f'format: "{QUESTION}"')
        elif len(days.formats) > 1:
            parts.append(f"formats: {flow(days.formats)}")
        elif days.formats and days.formats[0] != self.date_format:
            parts.append(f"format: {scalar(days.formats[0], True)}")
        if days.zoned:
            parts.append("time_zone: utc")
        blanks = column.blanks(is_word=False)
        if blanks:
            parts.append(f"blanks: {flow(blanks)}")
        unread = column.said - days.readable
        if unread > 0:
            doubt.append(f"{unread} of {column.filled} values are no dates")
        return (heading if len(parts) == 1 else "{" + ", ".join(parts) + "}"), doubt

    def _list_of(self, table: str, target_field: Field, column: Column) -> str:
        """Return the name of the list that translates a column's words; blank where none is needed."""
        name = target_field.name
        if name in self.found.lists and self.found.lists[name].words != target_field.words:
            name = f"{table}_{name}"
        words = column.parts() if column.separator else column.values
        known = self.found.lists.setdefault(name, WordList(words=target_field.words))
        for word, n in words.most_common():
            meaning, sure = guess_word(table, target_field, word)
            if word in known.entries or (word in target_field.words and meaning == word):
                continue
            rows = "1 row" if n == 1 else f"{n} rows"
            if (table, name) == ("stage", "outcome") and not meaning and self._is_withdrawal(word):
                known.entries[word] = ("", f"# {rows}, withdrawn: `closed_how` says so")
            elif meaning:
                known.entries[word] = (meaning, f"# {rows}" if sure >= CERTAIN else f"{GUESS} {rows}")
            elif word in column.blanks(is_word=True):
                known.entries[word] = ("", f"# {rows}")
            elif (
                len(known.entries) < MOST_LISTED
                and self.found.shown([word])
                and not self._is_personal(column)
            ):
                known.entries[word] = (QUESTION, f"# {rows}")
            else:
                known.hidden += 1
        whole = self.whole.get(column.position, column)
        for word in self.found.shown(whole.values if known.entries else ()):
            meaning, sure = guess_word(table, target_field, word)
            if sure >= CERTAIN and word not in words and word != meaning and word not in known.entries:
                known.entries[word] = (meaning, "# only in records that are left out")
        if not known.entries and not known.hidden:
            del self.found.lists[name]
            return ""
        return name

    def _is_withdrawal(self, word: str) -> bool:
        """Return whether a word for the end of a stage says that the complaint was withdrawn."""
        return guess_word("stage", self.contract.tables["stage"].fields["closed_how"], word)[0] == "withdrawn"

    def _is_personal(self, column: Column) -> bool:
        return column.share_names > 0.5 and speaks_of_person(column.heading)

    def _count_words(self, vocabulary: str, column: Column) -> None:
        """Count the words of a vocabulary; those of one column once, however many tables it fills."""
        if (vocabulary, column.position) in self.counted:
            return
        self.counted.add((vocabulary, column.position))
        counted = self.found.vocabularies.setdefault(vocabulary, Counter())
        blanks = set(column.blanks(is_word=True))
        words = Counter({word: n for word, n in column.parts().items() if word not in blanks})
        allowed = self.found.shown(words) if not self._is_personal(column) and len(words) <= 150 else []
        self.found.hidden[vocabulary] += len(words) - len(allowed)
        counted.update({word: words[word] for word in allowed})

    def question(self, name: str, why: str, key: str = "value") -> Filled:
        """Return a line that a person must fill."""
        return Filled(name, f'{{{key}: "{QUESTION}"}}', f"# {why}")

    # tables

    def block(self, table: str, skip: Iterable[str] = (), comment: str = "") -> Block:
        """Return a table with every column that was matched to it; required ones that were not are asked for."""
        block = Block(table, comment=comment)
        for name, target_field in self.contract.tables[table].fields.items():
            match = self.shape.matches.get(f"{table}.{name}")
            if name in skip:
                continue
            if match:
                block.columns.append(self.filled(table, name, match))
            elif target_field.required:
                block.columns.append(self.lacking(table, name))
        return block

    def lacking(self, table: str, name: str) -> Filled:
        """Return a line for a required column that no column of the file fills."""
        target_field = self.contract.tables[table].fields[name]
        if name == self.contract.tables[table].key[0] and not target_field.words:
            places = "{file}-{sheet}-{row}" if self.opened.is_one_of_several else "{file}-{row}"
            told = f"{GUESS} no column holds a reference, so the place in the file is one"
            return Filled(name, f'{{template: "{places}"}}', told)
        if name == "source" and table == "compliment":
            return Filled(name, "{value: Not recorded}", f"{GUESS} no column says who sent it")
        words = f": {', '.join(target_field.words)}" if target_field.words else ""
        return self.question(
            name, f"no column was recognised for it{words}{self._alike(table, target_field)}"
        )

    def _alike(self, table: str, target_field: Field) -> str:
        """Return a sentence that names the columns of which some words look like those of the contract; blank for none."""
        if not target_field.words:
            return ""
        alike = [
            column.heading
            for column in self.opened.columns
            if column.heading
            and column.is_vocabulary
            and share_understood(table, target_field, column.values, Column.stands_for_blank) >= _ALIKE
        ]
        return f"; words like these stand in {', '.join(alike)}" if alike else ""

    def _unknown(self) -> None:
        """Write down what the columns of a table hold of which it is not known what it is, for a person to go on from."""
        block = Block(
            f'"{QUESTION}"',
            comment="# what it holds was not recognised: name a table of the contract, and its columns",
        )
        block.notes = [
            f"{column.heading}: {_held(column)}" for column in self.opened.columns if column.heading
        ]
        self.spent |= {column.position for column in self.opened.columns}
        self.drafted.blocks.append(block)

    def _plain(self) -> None:
        """Draft a table of which one record is one row."""
        if self.shape.main:
            self.drafted.blocks.append(self.block(self.shape.main))
            others = dict.fromkeys(match.target.table for match in self.shape.matches.values())
            for table in others:
                if table != self.shape.main:
                    self._child(table)
            self._note_days(f"{self.shape.main}.{self.contract.tables[self.shape.main].day}")

    def _child(self, table: str, where: str = "") -> None:
        """Draft a table of what a record has several of, in one cell or alone."""
        main, child = self.contract.tables[self.shape.main], self.contract.tables[table]
        word = next(name for name in child.key if name not in main.key)
        match = self.shape.matches.get(f"{table}.{word}")
        key = self.drafted.blocks[0].columns[0]
        if match is None:
            return
        block = Block(table, [Filled(main.key[0], key.text, key.comment if QUESTION in key.text else "")])
        block.columns += [self.filled(table, word, match)]
        heading = scalar(match.column.heading, True)
        separator = match.column.separator
        if separator:
            block.split = f"{{column: {heading}, on: {scalar(separator, True)}}}"
        else:
            block.where.append(f"{{column: {heading}, not_blank: true}}")
        if where:
            block.where.append(where)
        self.drafted.blocks.append(block)

    def _compliments(self) -> None:
        self.drafted.blocks.append(self.block("compliment"))
        self._child("compliment_category")
        self._note_days("compliment.received_date")

    def _satisfaction(self) -> None:
        """Draft the answers to a survey: a row for each answer, or a column for each question."""
        if not self.shape.questions:
            self._plain()
            return
        for number, column in enumerate(self.shape.questions, start=1):
            heading = scalar(column.heading, True)
            block = self.block("satisfaction", skip=("satisfaction_id", "question", "answer"))
            block.columns.insert(0, self._template("satisfaction_id", self._key(), f"-{number}"))
            block.where.append(f"{{column: {heading}, not_blank: true}}")
            block.columns.append(Filled("question", f"{{value: {scalar(column.heading, True)}}}"))
            blanks = column.blanks(is_word=True)
            self._count_words("satisfaction_answer", column)
            text = f"{{from: {heading}, blanks: {flow(blanks)}}}" if blanks else heading
            block.columns.append(
                Filled("answer", text, f"{GUESS} the heading is a question, its cells are the answers")
            )
            self.drafted.blocks.append(block)
        self._note_days("satisfaction.answered_date")

    def _ombudsman(self) -> None:
        self.drafted.blocks.append(self.block("ombudsman"))
        self._child("ombudsman_service")
        kind = self.shape.matches.get("remedy.kind")
        if kind and not kind.column.is_long_text:
            key, heading = self.drafted.blocks[0].columns[0].text, scalar(kind.column.heading, True)
            block, ending = Block("remedy", where=[f"{{column: {heading}, not_blank: true}}"]), "-R"
            if kind.column.separator:
                block, ending = Block("remedy"), "-{part}"
                block.split = f"{{column: {heading}, on: {scalar(kind.column.separator, True)}}}"
            block.columns = [self._template("remedy_id", self._key(), ending), Filled("ombudsman_id", key)]
            block.columns += [
                self.filled("remedy", name, match)
                for name in ("agreed_date", "kind", "amount_gbp")
                if (match := self.shape.matches.get(f"remedy.{name}"))
            ]
            decided = self.shape.column("ombudsman.decided_date")
            if decided and "remedy.agreed_date" not in self.shape.matches:
                text, _ = self._date_text(scalar(decided.heading, True), decided)
                block.columns.insert(2, Filled("agreed_date", text, f"{GUESS} the day of the decision"))
            self.drafted.blocks.append(block)
        self._note_days("ombudsman.received_date")

    def _key(self) -> Column | None:
        main = self.contract.tables[self.shape.main]
        return self.shape.column(f"{main.name}.{main.key[0]}")

    def _template(self, name: str, key: Column | None, ending: str) -> Filled:
        several = "file}-{sheet}-{row" if self.opened.is_one_of_several else "file}-{row"
        is_nameable = key is not None and not set("{}:!") & set(key.heading)
        inner = key.heading if key and is_nameable else several
        return Filled(name, f"{{template: {scalar('{' + inner + '}' + ending, True)}}}")

    # cases

    def _cases(self) -> None:
        kinds = self._kinds_of_records()
        where = kinds.get("complaint", "")
        below = self.shape.matches.get("issue.sub_category")
        if below and not {"issue.category", "complaint.theme"} & self.shape.matches.keys():
            # without categories above them these are what complaints are about
            del self.shape.matches["issue.sub_category"]
            self.shape.matches["complaint.theme"] = replace(below, by_values=True)
        stage_column = self.shape.matches.get("stage.stage")
        key = self._key()
        is_by_stage = bool(stage_column and key and not key.is_unique and not self.shape.stages)
        block = self.block("complaint", skip=("procedure",))
        block.columns.insert(2 if len(block.columns) > 1 else len(block.columns), self._procedure())
        if where:
            block.where.append(where)
        if is_by_stage and stage_column:
            first = [word for word in stage_column.column.values if self._stage_number(word) == "1"]
            block.where.append(f"{{column: {scalar(stage_column.column.heading, True)}, in: {flow(first)}}}")
            block.comment = f"{GUESS} a row per stage: the complaint is taken from the row of its stage 1"
        started = self.shape.matches.get("stage.requested_date")
        if "complaint.received_date" not in self.shape.matches and started:
            day = self.filled("complaint", "received_date", started)
            block.columns = [day if column.name == "received_date" else column for column in block.columns]
        self.drafted.blocks.append(block)
        for table in ("complaint_service", "complaint_child"):
            self._child(table, where)
            if is_by_stage and self.drafted.blocks[-1].table == table:
                self.drafted.blocks[-1].distinct = True
        self._stages(where, is_by_stage)
        self._issues(where)
        self._remedies(where)
        for table in ("compliment", "contact"):
            if table in kinds:
                self._other_records(table, kinds[table])
        self._note_days("complaint.received_date")

    def _stage_number(self, word: str) -> str:
        return guess_word("stage", self.contract.tables["stage"].fields["stage"], word)[0]

    def _procedure(self) -> Filled:
        match = self.shape.matches.get("complaint.procedure")
        if match:
            return self.filled("complaint", "procedure", match)
        if self.record_words:
            column = self._only_words(self.record_words["complaint"])
            target_field = self.contract.tables["complaint"].fields["procedure"]
            text, _ = self._text("complaint", target_field, column)
            return Filled("procedure", text, f"{GUESS} by the words of {column.heading}")
        return self.lacking("complaint", "procedure")

    def _kinds_of_records(self) -> dict[str, str]:
        """Return table -> condition, where one column says which records are complaints, compliments or contacts."""
        for column in self.opened.columns:
            if not column.is_vocabulary:
                continue
            words = self.found.shown(column.values)
            compliments = [word for word in words if _COMPLIMENT.search(word)]
            contacts = [
                word
                for word in words
                if _CONTACT.search(word) and word not in compliments and not COMPLAINT.search(word)
            ]
            complaints = [word for word in words if COMPLAINT.search(word) and word not in compliments]
            if (
                not complaints
                or not (compliments or contacts)
                or not re.search("type|kind|class|categor|record", column.heading, re.I)
            ):
                continue
            self.spent.add(column.position)
            heading = scalar(column.heading, True)
            groups = {"complaint": complaints, "compliment": compliments, "contact": contacts}
            self.record_words = groups
            self.record_column = column
            return {
                table: f"{{column: {heading}, in: {flow(found)}}}" for table, found in groups.items() if found
            }
        return {}

    def _other_records(self, table: str, where: str) -> None:
        fields = self.contract.tables[table].fields
        heading = self.record_column.heading if self.record_column else ""
        block = Block(table, where=[where], comment=f"{GUESS} by the words of {heading}")
        of_case = {
            f"{table}_id": "complaint.complaint_id",
            "received_date": "complaint.received_date",
            "service": "complaint_service.service",
            "source": "complaint.complainant_role",
        }
        for name, target_field in fields.items():
            match = self.shape.matches.get(of_case.get(name, ""))
            if name == "kind":
                block.columns.append(self._contact_kinds(target_field))
            elif match:
                block.columns.append(self.filled(table, name, match))
            elif target_field.required:
                block.columns.append(self.lacking(table, name))
        self.drafted.blocks.append(block)

    def _contact_kinds(self, target_field: Field) -> Filled:
        column = self._only_words(self.record_words["contact"])
        name = self._list_of("contact", target_field, column)
        heading = scalar(column.heading, True)
        return Filled("kind", f"{{from: {heading}, words: {name}}}" if name else heading)

    def _only_words(self, words: Iterable[str]) -> Column:
        """Return the column that says what a record is, with some of its words."""
        assert self.record_column is not None
        values = Counter({word: self.record_column.values[word] for word in words})
        return Column(
            self.record_column.heading, self.record_column.position, self.record_column.rows, values
        )

    def _stages(self, where: str, is_by_stage: bool) -> None:
        procedure = self._procedure()
        if self.shape.stages:
            for number, group in self.shape.stages.items():
                self._stage_block(number, group, procedure, where)
            return
        own = {
            match.target.field: match
            for match in self.shape.matches.values()
            if match.target.table == "stage"
        }
        told = {
            "responded_date",
            "outcome",
            "closed_how",
            "statement_agreed_date",
            "extension_agreed",
            "panel_date",
        } & own.keys()
        if not told and "stage" not in own:
            return
        key, received = self._key(), self.shape.matches.get("complaint.received_date")
        block = Block("stage", where=[where] if where else [])
        stage = own.pop("stage", None)
        if stage:
            ending = "-{" + stage.column.heading + "}"
            block.columns = [self._template("stage_id", key, ending)]
        else:
            block.columns = [self._template("stage_id", key, "-S1")]
            block.comment = f"{GUESS} no column tells the stage, so each record is a stage 1"
        block.columns += [self.drafted.blocks[0].columns[0], procedure]
        block.columns.append(self.filled("stage", "stage", stage) if stage else Filled("stage", "{value: 1}"))
        requested = own.pop("requested_date", None) or received
        block.columns.append(
            self.filled("stage", "requested_date", requested)
            if requested
            else self.lacking("stage", "requested_date")
        )
        own.pop("service", None)
        block.columns += self._answered_by({})
        block.columns += [self.filled("stage", name, match) for name, match in own.items()]
        self._add_stage(block, own)

    def _answered_by(self, group: Mapping[str, Match]) -> list[Filled]:
        """Return the team that answered a stage where no column of the stage tells it: the complaint's, where it has one."""
        match = self.shape.matches.get("complaint_service.service")
        if match is None or match.column.separator or "service" in group:
            return []
        return [self.filled("stage", "service", match)]

    def _stage_block(self, number: int, group: dict[str, Match], procedure: Filled, where: str) -> None:
        key, group = self._key(), dict(group)
        block = Block(
            "stage",
            [self._template("stage_id", key, f"-S{number}"), self.drafted.blocks[0].columns[0], procedure],
        )
        block.columns.append(Filled("stage", f"{{value: {number}}}"))
        requested = group.pop("requested_date", None)
        received = self.shape.matches.get("complaint.received_date")
        if requested:
            block.columns.append(self.filled("stage", "requested_date", requested))
            asked = requested.column
        elif number == 1 and received:
            block.columns.append(self.filled("stage", "requested_date", received))
            asked = None
        else:
            earlier = next((m for n, m in group.items() if n.endswith("_date")), None)
            asked = earlier.column if earlier else next(iter(group.values())).column
            told = f"no column says when stage {number} was asked for"
            block.columns.append(
                Filled("requested_date", f'"{QUESTION}"', f"# {told}; name the column to use")
            )
        if asked is not None:
            block.where.append(f"{{column: {scalar(asked.heading, True)}, not_blank: true}}")
        if where:
            block.where.append(where)
        block.columns += self._answered_by(group)
        block.columns += [self.filled("stage", name, match) for name, match in group.items()]
        self._add_stage(block, group)

    def _add_stage(self, block: Block, group: Mapping[str, Match]) -> None:
        """Add the table of a stage; those that were withdrawn apart, where the column of outcomes says so."""
        self.drafted.blocks.append(block)
        outcome = group.get("outcome")
        if outcome is None or "closed_how" in group:
            return
        words = self.found.shown(filter(self._is_withdrawal, outcome.column.values))
        if not words:
            return
        heading = scalar(outcome.column.heading, True)
        ended = Block("stage", where=[*block.where, f"{{column: {heading}, in: {flow(words)}}}"])
        ended.comment = f"{GUESS} withdrawn, so it ended on the day of the reply and has no outcome"
        for column in block.columns:
            if column.name == "responded_date" and "closed_date" not in group:
                ended.columns.append(replace(column, name="closed_date"))
            elif column.name not in ("responded_date", "outcome"):
                ended.columns.append(column)
        ended.columns.append(Filled("closed_how", "{value: withdrawn}"))
        block.where.append(f"{{column: {heading}, not_in: {flow(words)}}}")
        self.drafted.blocks.append(ended)

    def _issues(self, where: str) -> None:
        """Draft points of complaint where the file has categories below categories."""
        sub = self.shape.matches.get("issue.sub_category")
        category = self.shape.matches.get("issue.category") or self.shape.matches.get("complaint.theme")
        service, received = (
            self.shape.matches.get("complaint_service.service"),
            self.shape.matches.get("complaint.received_date"),
        )
        if not category or not service or not received or not (sub or "issue.category" in self.shape.matches):
            return
        if service.column.separator:
            return
        block = Block(
            "issue", where=[f"{{column: {scalar(category.column.heading, True)}, not_blank: true}}"]
        )
        if where:
            block.where.append(where)
        block.columns = [self._template("issue_id", self._key(), "-P1"), self.drafted.blocks[0].columns[0]]
        block.columns.append(self.filled("issue", "raised_date", received))
        block.columns += [
            self.filled("issue", "service", service),
            self.filled("issue", "category", category),
        ]
        if sub:
            block.columns.append(self.filled("issue", "sub_category", sub))
        block.where.append(f"{{column: {scalar(service.column.heading, True)}, not_blank: true}}")
        self.drafted.blocks.append(block)

    def _remedies(self, where: str) -> None:
        amount, kind = self.shape.matches.get("remedy.amount_gbp"), self.shape.matches.get("remedy.kind")
        if kind and self.record_column and kind.column.position == self.record_column.position:
            kind = None  # it says what a record is
        if not amount and not (kind and kind.column.is_vocabulary):
            return
        column = kind.column if kind and kind.column.is_vocabulary else amount.column if amount else None
        assert column is not None
        block = Block("remedy", where=[f"{{column: {scalar(column.heading, True)}, not_blank: true}}"])
        if where:
            block.where.append(where)
        block.columns = [self._template("remedy_id", self._key(), "-R"), self.drafted.blocks[0].columns[0]]
        block.columns.append(
            self.filled("remedy", "kind", kind)
            if kind and kind.column.is_vocabulary
            else Filled("kind", "{value: payment}")
        )
        if amount:
            block.columns.append(self.filled("remedy", "amount_gbp", amount))
        closed = self.shape.matches.get("complaint.closed_date")
        if closed:
            block.columns.append(
                Filled(
                    "agreed_date",
                    self._date_text(scalar(closed.column.heading, True), closed.column)[0],
                    f"{GUESS} the day on which the case was closed",
                )
            )
        self.drafted.blocks.append(block)

    # what the source says beside its tables

    def _keys(self) -> None:
        keys = [
            Filled(name, scalar(value, True) if isinstance(value, str) else str(value))
            for name, value in self.opened.reading.items()
        ]
        if self.opened.is_one_of_several:
            keys.append(Filled("sheet", scalar(self.opened.sheet_name, True)))
        if self.opened.joins:
            keys.append(Filled("join", self.opened.joins))
        keys.append(Filled("date_format", scalar(self.date_format, True)))
        if self.opened.leave_out:
            rules = [self.opened.leave_out, *([self.rule.text[1:-1]] if self.rule else [])]
            told = f"{GUESS} what was decided is in the source of decisions"
            told += self.rule.comment.replace(GUESS, ";") if self.rule else ""
            self.rule = Filled("leave_out", f"[{', '.join(rules)}]", told)
        keys += [part for part in (self.rule, self.group) if part]
        names, ignored = [], []
        for column in self.opened.columns:
            if not column.heading or column.position in self.spent:
                continue
            is_name = column.share_names > 0.6 or (
                speaks_of_person(column.heading) and column.share_names > 0.3
            )
            (names if is_name else ignored).append(column.heading)
        if self.opened.joins:  # the keys by which sheets were joined stand there once more
            headings = {column.heading for column in self.opened.columns}
            ignored += [
                heading
                for heading in self.opened.sheet.header
                if " / " in heading and heading not in headings
            ]
        if names:
            keys.append(
                Filled("names", flow(names), f"{GUESS} names of people by what stands in them, not taken")
            )
        if ignored:
            keys.append(Filled("ignore", flow(ignored), f"{GUESS} not taken"))
        self.drafted.keys = keys

    def _note_days(self, target: str) -> None:
        """Count the records of each reporting year."""
        column = self.shape.column(target)
        if column is None or column.days.question:
            return
        for text, n in column.values.items():
            day = first_reading(text, column.days.formats)
            if day:
                first = day.year if (day.month, day.day) >= (4, 1) else day.year - 1
                self.found.days[f"{first}-{(first + 1) % 100:02}"] += n


def source_id(opened: Opened, taken: set[str]) -> str:
    """Return an identifier for a source, from the file's name and its sheet, that no other has."""
    stem = re.sub(r"[\d_\-\s]*\d{2,4}([-_]\d{2,4})*", " ", opened.path.stem)
    words = tokens(f"{stem} {opened.sheet_name}")[:4] or ("source",)
    name = "_".join(words)
    number = 2
    while name in taken:
        name, number = f"{'_'.join(words)}_{number}", number + 1
    taken.add(name)
    return name
