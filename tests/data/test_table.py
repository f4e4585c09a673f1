import pandas as pd
import pytest

from timbre.data.dictionary import COLUMNS
from timbre.data.table import SPLITS, read_table, replace_rows, write_table
from timbre.errors import TimbreError


def row(clip_id: str, present: list[str], split: str = "train", group: str = "g") -> dict:
    values = dict.fromkeys(COLUMNS, "")
    return values | {
        "clip_id": clip_id, "present": present, "absent": ["piano", "flute"], "any_of": ["banjo|ukulele"],
        "split": split, "group": group, "duration_s": 1.5, "shippable": True, "key": -1,
    }  # fmt: skip


def test_lists_are_lists_in_parquet_and_joined_in_csv(tmp_path):
    write_table(pd.DataFrame([row("a", ["violin", "cello"]), row("b", [])]), tmp_path)
    table = read_table(tmp_path)
    assert table["present"].tolist() == [["violin", "cello"], []]
    assert table["any_of"].tolist() == [["banjo|ukulele"]] * 2
    csv = pd.read_csv(tmp_path / "metadata.csv", keep_default_na=False)
    assert csv["present"].tolist() == ["violin;cello", ""]
    assert csv["absent"].tolist() == ["piano;flute"] * 2
    assert tuple(csv) == COLUMNS


def test_the_lists_of_the_splits_agree_with_the_table(tmp_path):
    rows = [row("a", [], "train", "g1"), row("b", [], "test", "g2"), row("c", [], "train", "g1")]
    write_table(pd.DataFrame(rows), tmp_path)
    table = read_table(tmp_path).set_index("clip_id")
    listed = {split: pd.read_csv(tmp_path / "splits" / f"{split}.csv") for split in SPLITS}
    assert {split: len(rows) for split, rows in listed.items()} == {"train": 2, "validation": 0, "test": 1}
    for split, rows in listed.items():
        assert (table.loc[rows["clip_id"], "split"] == split).all()
        assert table.loc[rows["clip_id"], "group"].tolist() == rows["group"].tolist()


def test_a_table_of_before_some_columns_is_read(tmp_path):
    write_table(pd.DataFrame([row("a", ["violin"])]), tmp_path)
    path = tmp_path / "metadata.parquet"
    pd.read_parquet(path).drop(columns=["any_of", "part", "recording"]).to_parquet(path)
    table = read_table(tmp_path)
    assert table.loc[0, ["any_of", "part", "recording"]].tolist() == [[], "", ""]


def test_a_clip_that_is_added_again_replaces_its_row(tmp_path):
    first = pd.DataFrame([row("a", ["violin"]), row("b", ["cello"])])
    merged = replace_rows(first, pd.DataFrame([row("b", ["viola"]), row("c", [])]))
    assert merged["clip_id"].tolist() == ["a", "b", "c"]
    assert merged["present"].tolist() == [["violin"], ["viola"], []]
    assert replace_rows(read_table(tmp_path), first)["clip_id"].tolist() == ["a", "b"]


def test_a_damaged_table_is_told(tmp_path):
    (tmp_path / "metadata.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(TimbreError, match=r"metadata\.parquet cannot be read as a table"):
        read_table(tmp_path)
