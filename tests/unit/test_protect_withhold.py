"""A word that seems to name somebody is replaced in every table of the export, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from redress.protect.withhold import IN_PLACE, withheld_words, without


def test_words_are_replaced_whole_and_only_for_their_authority() -> None:
    withheld = {"b": {"Amina": IN_PLACE, "Amina Okafor": f"{IN_PLACE} 2", "C++ (x)": f"{IN_PLACE} 3"}}
    texts = ["category=Amina Okafor;service=Aminata", "Amina", "About C++ (x).", None]
    table = pa.table({"authority": ["b"] * 4, "text": texts, "n": [1, 2, 3, 4]})
    assert without(table, withheld)["text"].to_pylist() == [
        "category=Name withheld 2;service=Aminata",
        "Name withheld",
        "About Name withheld 3.",
        None,
    ]
    assert without(table, withheld).schema == table.schema
    other = table.set_column(0, "authority", pa.array(["c"] * 4))
    assert without(other, withheld).equals(other) and without(table, {}) is table
    assert without(table.drop_columns("authority"), withheld)["text"][1].as_py() == "Name withheld"


def test_the_list_is_intakes(tmp_path: Path) -> None:
    assert withheld_words(tmp_path) == {}
    folder = tmp_path / "conformed" / "word_withheld"
    folder.mkdir(parents=True)
    pq.write_table(
        pa.table({"authority": ["b", "b"], "word": ["Amina", "Bo Li"]}), folder / "b--words.parquet"
    )
    assert withheld_words(tmp_path) == {"b": {"Amina": "Name withheld", "Bo Li": "Name withheld 2"}}
