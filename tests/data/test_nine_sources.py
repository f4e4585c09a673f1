"""All nine sources from their hosts into one table, every row against the truth about its clip."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import soundfile as sf
from loopback_hosts import Hosts
from miniatures import SOURCES, build, freesound, nsynth, own_folders
from miniatures.clip import Clip
from miniatures.leaves import silent, sounding, thinkable

from timbre.data.table import SPLITS, read_table
from timbre.files import file_sha256

# How the makers name their licences, and how the table does.
LICENSES = {
    "Creative Commons 0": "CC0",
    "Attribution": "CC BY",
    "Attribution 4.0 International": "CC BY 4.0",
    "Attribution-NonCommercial-NoDerivatives (aka Music Sharing) 3.0 International": "CC BY-NC-ND 3.0",
    "CC0 1.0 Universal": "CC0",
    "http://creativecommons.org/publicdomain/zero/1.0/": "CC0",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
}
BANJO = ("--query", "banjo", "--label", "banjo", "--license", "cc0", "--license", "cc-by", "--max-s", 10)
COLUMNS = (
    "--path-column", "file", "--label-column", "what", "--group-column", "who", "--license-column", "terms",
)  # fmt: skip


class Collected:
    """The truth and the table, both by name."""

    def __init__(self, folder: Path, clips: list[Clip]):
        self.folder = folder
        self.table = read_table(folder / "table")
        self.truth = {(clip.data_set, clip.path): clip for clip in clips if is_wanted(clip)}
        self.rows = {name_of(row): row for row in self.table.itertuples()}

    def pairs(self) -> Iterator[tuple[Clip, pd.Series]]:
        """The truth about a clip and its row, for every row of the table."""
        return ((self.truth[name], row) for name, row in self.rows.items())


def name_of(row: pd.Series) -> tuple[str, str]:
    """Data set, and path or number on Freesound."""
    if row.dataset == "freesound":
        return row.dataset, row.recording.removeprefix("freesound:")
    return row.dataset, row.path


def is_wanted(clip: Clip) -> bool:
    """Freesound gives what the query is for; a note to validate with shares no instrument with the test."""
    if clip.data_set == "freesound":
        name, _, _, terms, duration_s = freesound.SOUNDS[int(clip.path) % 1_000]
        return "banjo" in name.lower() and terms != "Attribution NonCommercial" and duration_s <= 10
    return not (clip.split == "validation" and clip.group in nsynth.ALSO_IN_TEST)


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Collected:
    folder = tmp_path_factory.mktemp("nine")
    clips = build(folder / "places")
    raw, table = ("--raw", folder / "raw"), ("--table", folder / "table")
    own, clip_list, names = (folder / "places" / place for place in own_folders.PLACES)
    listed = ("--csv", clip_list, "--labels", names, *COLUMNS)
    with Hosts(folder / "places") as hosts:
        for step in (
            ("download", "all", *raw),
            ("freesound", *BANJO, "--out", folder / "raw" / "freesound"),
            ("metadata", *raw, *table),
            ("add-folder", own, "--name", "own", *listed, *table),
        ):
            done = hosts.timbre("data", *step)
            assert done.returncode == 0, f"{step[0]}: {done.stdout}{done.stderr}"
    return Collected(folder, clips)


def test_the_truth_is_told_without_the_package():
    ask = "import sys, miniatures.leaves, loopback_hosts; sys.exit('timbre' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([sys.executable, "-c", ask], env=environment, check=True)


def test_every_clip_is_a_row_and_nothing_else_is(collected):
    assert sorted(collected.rows) == sorted(collected.truth)
    assert set(collected.table["dataset"]) == set(SOURCES)


def test_what_sounds_is_what_the_makers_say(collected):
    for clip, row in collected.pairs():
        groups = [set(group.split("|")) for group in row.any_of]
        for leaves in sounding(clip):
            heard = set(row.present) & set(leaves) or any(group <= set(leaves) for group in groups)
            assert heard, (clip, row.present, row.any_of)
        assert set(row.present).union(*groups) <= thinkable(clip), (clip, row.present, row.any_of)


def test_what_is_absent_is_not_contradicted(collected):
    for clip, row in collected.pairs():
        assert silent(clip) <= set(row.absent), clip
        assert not set(row.absent) & set(row.present), clip
        if not sounding(clip):  # the sounds without any instrument teach what is none
            assert len(row.absent) > 40, clip


def test_there_are_as_many_clips_of_each_instrument(collected):
    """Where a name leaves no choice, exactly those; where it leaves some, no more than it allows."""
    clips = collected.truth.values()
    least = Counter(leaves[0] for clip in clips for leaves in sounding(clip) if len(leaves) == 1)
    most = Counter(leaf for clip in clips for leaf in thinkable(clip))
    told = Counter(leaf for present in collected.table["present"] for leaf in present)
    assert len(least) > 35
    assert all(least[leaf] <= told[leaf] <= most[leaf] for leaf in most), told
    assert {leaf for leaf in most if least[leaf] == most[leaf]} >= {"banjo", "gong", "mandolin", "organ"}


def test_official_sides_are_kept(collected):
    for clip, row in collected.pairs():
        if clip.split == "test" or clip.data_set == "nsynth":
            assert row.split == clip.split, clip
        elif clip.split == "train":
            assert row.split in ("train", "validation"), clip


def test_groups_are_those_of_players_and_recordings(collected):
    """The names are the project's own; who is together and who is not is as the makers say."""
    named = defaultdict(set)
    for clip, row in collected.pairs():
        if clip.group is not None:
            named[clip.data_set, clip.split == "test", clip.group].add(row.group)
    assert all(len(names) == 1 for names in named.values())
    apart = {name for name in named if name[0] != "nsynth"} | {n for n in named if n[0] == "nsynth" and n[1]}
    assert len({next(iter(named[name])) for name in apart}) == len(apart)


def test_licences_are_kept_clip_by_clip(collected):
    for clip, row in collected.pairs():
        if clip.license:
            assert row.license == LICENSES.get(clip.license, clip.license), clip


def test_no_group_stands_on_two_sides(collected):
    sides = collected.table.groupby("group")["split"].nunique()
    assert sides.max() == 1
    assert set(collected.table["split"]) == set(SPLITS)
    listed = {split: pd.read_csv(collected.folder / "table" / "splits" / f"{split}.csv") for split in SPLITS}
    for split, rows in listed.items():
        expected = collected.table.loc[collected.table["split"] == split, "clip_id"]
        assert sorted(rows["clip_id"]) == sorted(expected)
    groups = [set(rows["group"]) for rows in listed.values()]
    assert not any(one & other for one in groups for other in groups if one is not other)


def test_lengths_and_digests_are_those_of_the_files(collected):
    for row in collected.table.itertuples():
        file = Path(row.root) / row.path
        assert row.sha256 == file_sha256(file)
        if file.suffix != ".m4a":  # soundfile cannot read it
            assert row.duration_s == pytest.approx(sf.info(file).duration, abs=0.06), file


def test_freesound_is_attributed(collected):
    text = (collected.folder / "raw" / "freesound" / "ATTRIBUTION.md").read_text()
    sounds = [clip for clip in collected.truth.values() if clip.data_set == "freesound"]
    for clip in sounds:
        _, _, username, _, _ = freesound.SOUNDS[int(clip.path) % 1_000]
        assert username in text
        assert f"/sounds/{clip.path}/" in text
