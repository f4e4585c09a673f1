from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.data.clips import Clip, one_of
from timbre.data.label_maps import closed_truth, truth_of_leaves
from timbre.data.metadata import table_of
from timbre.data.problems import PROBLEMS_FILE, Problem, read_problems
from timbre.data.table import SPLITS, read_table
from timbre.errors import TimbreError
from timbre.features.collection import LEFT_OUT, add_rows
from timbre.features.material import decode_table
from timbre.features.mixer import Mixer
from timbre.features.splits import leaking_groups

RATE_HZ = 16_000
LEAVES = ("cello", "flute", "tuba")
PLAYERS = 12


def clip(path: str, leaves: tuple[str, ...], **facts: str) -> Clip:
    player = path.partition("/")[0]
    values = {"group": f"band/{player}", "license": "CC0", "kind": "phrase", "dataset": "band"} | facts
    return Clip(path, truth_of_leaves(leaves), **values)


@pytest.fixture
def band(tmp_path) -> tuple[Path, list[Clip]]:
    """Players of three instruments, a mix and something of which only the family is known."""
    rng = np.random.default_rng(0)
    clips = [clip(f"p{n}/{leaf}.wav", (leaf,)) for n in range(PLAYERS) for leaf in LEAVES]
    clips += [clip(f"p{n}/noise.wav", (), kind="noise") for n in range(PLAYERS)]
    clips += [clip(f"p{n}/song.wav", ("cello", "flute"), kind="mix") for n in range(PLAYERS)]
    family = closed_truth(one_of("tuba", "trombone"))
    brass = Clip("", family, "", "CC0", "phrase", dataset="band")
    clips += [replace(brass, path=f"p{n}/brass.wav", group=f"band/p{n}") for n in range(PLAYERS)]
    for one in clips:
        path = tmp_path / "band" / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, 0.1 * rng.standard_normal(3 * RATE_HZ), RATE_HZ)
    return tmp_path / "band", clips


def add(folder: Path, clips: list[Clip], table_dir: Path, **options: object) -> pd.DataFrame:
    rows, problems = table_of(folder, clips)
    return add_rows(rows, problems, table_dir, "add", **options)


def test_no_group_stands_on_two_sides_even_after_mixing(band, tmp_path):
    table = add(*band, tmp_path / "table")
    assert set(table["split"]) == set(SPLITS)
    index = decode_table(table, tmp_path / "decoded")
    groups = {}
    for split in SPLITS:
        mixer = Mixer(index[index["split"] == split], vary=False)
        plans = [mixer.plan(f"{split}{n}", n) for n in range(60)]
        used = {name for plan in plans for source in plan.sources for name in source.clips}
        used |= {name for plan in plans if plan.noise for name in plan.noise.clips}
        rows = table[table["clip_id"].isin(used)]
        assert len(rows) == len(used) > len(LEAVES)
        assert set(rows["split"]) == {split}
        assert not (rows["kind"] == "mix").any()
        assert not rows["any_of"].str.len().any()
        groups[split] = set(rows["group"])
    assert not any(groups[a] & groups[b] for a, b in combinations(SPLITS, 2))


def test_what_is_on_two_sides_goes_and_is_reported(band, tmp_path):
    folder, _ = band
    parts = {"p0/cello.wav": "train", "p0/flute.wav": "test", "p0/tuba.wav": "validation"}
    official = [clip(path, ("cello",), part=part) for path, part in parts.items()]
    table = add(folder, official, tmp_path / "table")
    assert table["path"].tolist() == ["p0/flute.wav"]
    assert leaking_groups(table) == []
    left_out = [Problem("band", path, LEFT_OUT) for path in ("p0/cello.wav", "p0/tuba.wav")]
    assert read_problems(tmp_path / "table") == left_out


def test_what_was_left_out_comes_back_when_nothing_holds_it_back(band, tmp_path):
    folder, _ = band
    table_dir = tmp_path / "table"
    taken = clip("p0/cello.wav", ("cello",), part="train")
    add(folder, [taken], table_dir)
    test = clip("p0/flute.wav", ("flute",), part="test", dataset="other")
    table = add(folder, [test], table_dir, read_whole={"other": folder})
    assert table["path"].tolist() == [test.path]
    elsewhere = clip("p1/flute.wav", ("flute",), part="test", dataset="other")
    table = add(folder, [elsewhere], table_dir, read_whole={"other": folder})
    assert table["path"].tolist() == [taken.path, elsewhere.path]
    assert read_problems(table_dir) == []
    # It does not come back when its data set no longer has it.
    add(folder, [test], table_dir, read_whole={"other": folder})
    table = add(folder, [clip("p2/tuba.wav", ("tuba",))], table_dir, read_whole={"band": folder})
    assert sorted(table["path"]) == ["p0/flute.wav", "p2/tuba.wav"]


def test_the_same_seed_divides_alike_and_another_differently(band, tmp_path):
    first, again, other = (
        add(*band, tmp_path / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first.equals(again)
    assert first["split"].tolist() != other["split"].tolist()


def test_rows_of_a_folder_that_is_read_again_are_forgotten(band, tmp_path):
    folder, clips = band
    add(folder, clips, tmp_path / "table")
    other = tmp_path / "other"
    other.mkdir()
    sf.write(other / "a.wav", 0.1 * np.ones(RATE_HZ), RATE_HZ)
    add(other, [clip("a.wav", ("tuba",), dataset="other")], tmp_path / "table")
    guest = clip("p0/song.wav", ("cello",), dataset="guest")  # of another list of the same folder
    add(folder, [guest], tmp_path / "table")
    table = add(folder, clips[:5], tmp_path / "table", read_whole={"band": folder})
    assert sorted(table["path"]) == sorted(["a.wav", guest.path, *(one.path for one in clips[:5])])


def test_a_clip_that_broke_leaves_the_table(band, tmp_path):
    folder, clips = band
    add(folder, clips[:3], tmp_path / "table")
    (folder / clips[0].path).write_bytes(b"")
    table = add(folder, clips[:3], tmp_path / "table")
    assert sorted(table["path"]) == sorted(one.path for one in clips[1:3])
    assert read_problems(tmp_path / "table") == [Problem("band", clips[0].path, "empty")]
    assert read_table(tmp_path / "table")["path"].tolist() == table["path"].tolist()


def test_a_damaged_list_of_problems_is_one_sentence(band, tmp_path):
    folder, clips = band
    add(folder, clips[:1], tmp_path / "table")
    for content in ("", "dataset\nband\n", "\xff", 'a,"b\n'):
        (tmp_path / "table" / PROBLEMS_FILE).write_text(content, encoding="latin-1")
        with pytest.raises(TimbreError, match=r"problems\.csv is not the list"):
            add(folder, clips[:1], tmp_path / "table")


def test_problems_of_other_data_sets_are_kept(band, tmp_path):
    folder, _ = band
    add(folder, [clip("gone.wav", ("tuba",), dataset="first")], tmp_path / "table")
    add(folder, [clip("p0/cello.wav", ("cello",)), clip("gone.wav", ("tuba",))], tmp_path / "table")
    told = [Problem(name, "gone.wav", "missing") for name in ("band", "first")]
    assert read_problems(tmp_path / "table") == told
