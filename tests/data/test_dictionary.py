from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from timbre.cli import main
from timbre.data.dictionary import COLUMNS, FIELDS, LIST_COLUMNS, dictionary
from timbre.data.table import write_table

PAGE = Path(__file__).parents[2] / "docs" / "data_dictionary.md"
CONTRACT = (
    "clip_id", "path", "dataset", "present", "absent", "group", "split", "license", "duration_s", "sha256",
)  # fmt: skip


def test_the_page_is_what_the_code_says():
    printed = CliRunner().invoke(main, ["data", "dictionary"])
    assert PAGE.read_text(encoding="utf-8") == printed.output == dictionary()


def test_every_column_is_explained_once():
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert set(CONTRACT) <= set(COLUMNS)
    for field in FIELDS:
        assert field.meaning
        assert field.example
        assert f"| `{field.name}` |" in dictionary()


def test_types_are_those_of_a_written_table(tmp_path):
    row = {field.name: [] if field.is_list else field.default for field in FIELDS} | {"duration_s": 1.5}
    write_table(pd.DataFrame([row]), tmp_path)
    kinds = pd.read_parquet(tmp_path / "metadata.parquet").iloc[0].to_dict()
    python = {"text": str, "number": float, "whole number": int, "yes or no": bool}
    for field in FIELDS:
        value = kinds[field.name]
        if field.name in LIST_COLUMNS:
            assert list(value) == []
        else:
            assert type(getattr(value, "item", lambda v=value: v)()) is python[field.type]
