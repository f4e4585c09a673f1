import re

import pandas as pd

from timbre.data.problems import Problem
from timbre.data.summary import by_instrument, summary
from timbre.taxonomy import BY_ID

TABLE = pd.DataFrame(
    [
        ("a", ["violin", "cello"], ["flute"], [], "g1", "train", "CC0", 1800.0),
        ("a", ["violin"], ["flute"], [], "g1", "train", "CC BY", 1800.0),
        ("b", ["violin"], ["flute"], [], "g2", "test", "CC0", 3600.0),
        ("b", [], ["flute"], ["banjo|ukulele"], "g3", "validation", "CC0", 360.0),
        ("b", [], [], [], "g4", "train", "CC0", 360.0),
        ("b", [], list(BY_ID), [], "g5", "train", "CC0", 360.0),
    ],
    columns=["dataset", "present", "absent", "any_of", "group", "split", "license", "duration_s"],
)


def row_of(text: str, name: str) -> list[str]:
    return [cell.strip() for cell in re.search(rf"^\| {name} \|(.*)\|$", text, re.MULTILINE)[1].split("|")]


def test_every_clip_counts_for_each_of_its_instruments():
    counts = by_instrument(TABLE)["instrument"].value_counts().to_dict()
    assert counts == {"violin": 3, "cello": 1, "one of several": 1, "unknown": 1, "no instrument": 1}


def test_clips_hours_groups_sides_and_licences():
    text = summary(TABLE, [])
    assert "6 clips, 2.30 hours, 5 groups" in text
    assert row_of(text, "violin") == ["3", "2.00", "2", "2", "0", "1", "CC0 (2), CC BY (1)"]
    assert row_of(text, "a") == ["2", "1.00", "1", "2", "0", "0", "CC0 (1), CC BY (1)"]
    assert text.index("| violin") < text.index("| cello") < text.index("| no instrument")
    assert re.search(r"Without a clip: .*\bflute\b", text)
    assert "Nothing." in text


def test_what_was_left_out_is_counted():
    problems = [Problem("a", "x.wav", "silent"), Problem("a", "y.wav", "silent"), Problem("b", "", "too few")]
    text = summary(TABLE, problems)
    assert "- a: 2 silent" in text
    assert "- b: too few" in text
