"""The kinds of value that a profile may hold, and how a fault in one is told. The profile itself is in `profile`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from redress.contract.mapping import as_word

Scalar = Annotated[
    str | float | bool | None, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})
]
"""What stands for a word in YAML, where numbers and truth values come without quotes."""


class Group(BaseModel):
    """Keys and values of a profile; no other keys than its fields.

    Attributes:
        form: what is said of a value that is no group.
        unknown: what is said of a key that it does not have; `{key}` stands for the key.
        said: what is said of a field that is missing or cannot be used, by its name; of an entry of a field, by its
            name and `.*`. `{key}` and `{value}` stand for what is in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: ClassVar[str]
    unknown: ClassVar[str]
    said: ClassVar[dict[str, str]]

    @model_validator(mode="before")
    @classmethod
    def _keys_as_words(cls, given: Any) -> Any:
        return {as_word(key): value for key, value in given.items()} if isinstance(given, dict) else given


def told(*sentences: str) -> PydanticCustomError:
    """Return an error that is told in these sentences, and not in those of the group."""
    return PydanticCustomError("told", "told in sentences", {"sentences": sentences})


@dataclass(frozen=True)
class Whole:
    """Marks a whole number within limits, which no truth value, text or blank can be."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic checks it; its JSON Schema follows from that."""
        return core_schema.int_schema(strict=True, ge=self.low, le=self.high)


def _word(given: Any) -> str:
    if isinstance(given, (dict, list)):
        raise ValueError("no word")  # noqa: TRY004 - pydantic reports this kind only
    return as_word(given)


def _day(given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    return given if isinstance(given, date) else date.fromisoformat(str(given))


def _day_or_none(given: Any) -> date | None:
    return _day(given) if given else None


def _text_or_named(given: Any) -> str | dict[str, str]:
    if isinstance(given, dict):
        return {as_word(name): _word(part) for name, part in given.items()}
    return _word(given)


def _blank_is_empty(given: Any) -> Any:
    return {} if given is None else given


Word = Annotated[str, BeforeValidator(_word, json_schema_input_type=Scalar)]
Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]
DayOrNone = Annotated[date | None, PlainValidator(_day_or_none, json_schema_input_type=date | None)]
TextOrNamed = Annotated[
    str | dict[str, str], PlainValidator(_text_or_named, json_schema_input_type=Scalar | dict[str, Scalar])
]


def blank_is_empty(kind: Any) -> BeforeValidator:
    """Return the mark of a group that may be left blank, which is as if it held nothing."""
    return BeforeValidator(_blank_is_empty, json_schema_input_type=kind | None)
