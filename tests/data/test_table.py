import pandas as pd

from timbre.data.table import COLUMNS, read_table, replace_rows, write_table


def row(clip_id: str, present: list[str], split: str = "train") -> dict:
    values = dict.fromkeys(COLUMNS, "")
    return values | {
        "clip_id": clip_id, "present": present, "absent": ["piano", "flute"], "split": split,
        "duration_s": 1.5, "shippable": True, "key": -1,
    }  # fmt: skip


def test_lists_are_lists_in_parquet_and_joined_in_csv(tmp_path):
    write_table(pd.DataFrame([row("a", ["violin", "cello"]), row("b", [])]), tmp_path)
    assert read_table(tmp_path)["present"].tolist() == [["violin", "cello"], []]
    csv = pd.read_csv(tmp_path / "metadata.csv", keep_default_na=False)
    assert csv["present"].tolist() == ["violin;cello", ""]
    assert csv["absent"].tolist() == ["piano;flute"] * 2


def test_a_clip_that_is_added_again_replaces_its_row(tmp_path):
    first = pd.DataFrame([row("a", ["violin"]), row("b", ["cello"])])
    merged = replace_rows(first, pd.DataFrame([row("b", ["viola"]), row("c", [])]))
    assert merged["clip_id"].tolist() == ["a", "b", "c"]
    assert merged["present"].tolist() == [["violin"], ["viola"], []]
    assert replace_rows(read_table(tmp_path), first)["clip_id"].tolist() == ["a", "b"]
