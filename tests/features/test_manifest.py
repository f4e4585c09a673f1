import pandas as pd
import pytest

from timbre.data.raw_folder import LOCK_FILE
from timbre.errors import TimbreError
from timbre.features.manifest import (
    CLIPS_FILE,
    PLANS_FILE,
    check_clips,
    manifest_digest,
    plan_starts,
    read_clips,
    read_plans,
    write_plans,
)
from timbre.features.mixer import Mixer

N_MIXES = 30


@pytest.fixture(scope="module")
def rows(index) -> pd.DataFrame:
    return index[index["split"] == "train"].reset_index(drop=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("mixes") / "train"
    write_plans(Mixer(rows), N_MIXES, "train", 0, folder)
    return folder


def test_plans_are_read_as_they_were_drawn_from_any_place(folder, rows):
    plans, starts = list(read_plans(folder)), plan_starts(folder)
    assert [plan.mix_id for plan in plans] == [f"train_{n:06d}" for n in range(N_MIXES)]
    assert len(starts) == N_MIXES
    assert list(read_plans(folder, starts[12], 5)) == plans[12:17]
    assert list(read_plans(folder, starts[28], 5)) == plans[28:]


def test_it_lists_the_clips_with_all_that_the_truth_depends_on(folder, rows):
    clips = read_clips(folder).set_index("clip_id")
    assert set(clips.index) == {clip for plan in read_plans(folder) for clip in plan.clips}
    now = rows.set_index("clip_id").loc[clips.index]
    for column in ("sha256", "present", "absent", "license", "dataset"):
        assert clips[column].tolist() == now[column].tolist()


def test_the_same_seed_is_the_same_manifest_and_another_is_not(folder, rows, tmp_path):
    digests = []
    for name, seed in (("again", 0), ("other", 1)):
        write_plans(Mixer(rows), N_MIXES, "train", seed, tmp_path / name)
        digests.append(manifest_digest(tmp_path / name))
    assert digests[0] == manifest_digest(folder) != digests[1]


def test_plans_never_stand_beside_the_clips_of_others(rows, tmp_path):
    write_plans(Mixer(rows), 5, "train", 0, tmp_path)
    (tmp_path / CLIPS_FILE).unlink()
    (tmp_path / CLIPS_FILE).mkdir()  # so that it cannot be written, as on a full disk
    with pytest.raises(OSError, match=CLIPS_FILE):
        write_plans(Mixer(rows), 5, "train", 1, tmp_path)
    assert not (tmp_path / PLANS_FILE).exists()


def test_each_split_draws_mixes_of_its_own(rows, tmp_path):
    for split in ("train", "test"):
        write_plans(Mixer(rows), 5, split, 0, tmp_path / split)
    seeds = [
        {source.seed for plan in read_plans(tmp_path / split) for source in plan.sources}
        for split in ("train", "test")
    ]
    assert seeds[0]
    assert not seeds[0] & seeds[1]


def spoiled(rows: pd.DataFrame, clip_id: str, how: str) -> pd.DataFrame:
    rows = rows.copy()
    at = rows.index[rows["clip_id"] == clip_id][0]
    if how == "gone":
        return rows.drop(index=at)
    rows.at[at, how] = "0" * 64 if how == "sha256" else ["tuba"]
    return rows


@pytest.mark.parametrize("how", ["gone", "sha256", "present"])
def test_a_clip_that_is_not_what_it_was_is_named(folder, rows, how):
    check_clips(folder, rows)
    clip_id = read_clips(folder)["clip_id"][3]
    with pytest.raises(TimbreError, match=clip_id) as raised:
        check_clips(folder, spoiled(rows, clip_id, how))
    assert raised.value.code == "bad_mixes"
    assert "1 of" in raised.value.message


def test_without_mixes_the_way_to_them_is_told(tmp_path):
    for read in (plan_starts, read_clips):
        with pytest.raises(TimbreError, match="timbre mix"):
            read(tmp_path)


def test_an_interrupted_drawing_leaves_the_old_mixes(rows, tmp_path, monkeypatch):
    mixer = Mixer(rows)
    write_plans(mixer, 4, "train", 0, tmp_path)
    before = manifest_digest(tmp_path)
    monkeypatch.setattr(mixer, "plan", lambda mix_id, seed: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_plans(mixer, 4, "train", 1, tmp_path)
    assert manifest_digest(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {PLANS_FILE, CLIPS_FILE, LOCK_FILE}
