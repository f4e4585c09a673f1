from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from timbre.data.label_maps import truth_of
from timbre.data.own_folder import Clip, Columns, group_of, list_csv, list_folder, read_own_map, table_of
from timbre.errors import TimbreError
from timbre.files import file_sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("flute/a.wav", "flute/deep/b.flac", "snare_drum/c.wav", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("not a recording")
        else:
            sf.write(path, np.sin(np.arange(8_000) / 10), 16_000)
    return tmp_path


def test_a_folder_is_labelled_by_its_folders(folder):
    table = table_of(folder, list_folder(folder, "mine")).set_index("path")
    assert sorted(table.index) == ["flute/a.wav", "flute/deep/b.flac", "snare_drum/c.wav"]
    assert table.loc["flute/deep/b.flac", "present"] == ["flute"]
    assert table.loc["snare_drum/c.wav", "group"] == "mine/snare_drum"
    assert table.loc["flute/a.wav", "duration_s"] == pytest.approx(0.5)
    assert table.loc["flute/a.wav", "sha256"] == file_sha256(folder / "flute/a.wav")


def test_a_csv_says_source_licence_and_what_may_be_published(folder):
    csv = folder / "clips.csv"
    csv.write_text("file,what,who,lic,ok\nflute/a.wav,flute;Hi_hat,ann,CC0,1\nsnare_drum/c.wav,,bob,GPL,nc\n")
    columns = Columns("file", "what", source="who", license="lic", ship="ok")
    table = table_of(folder, list_csv(csv, "mine", columns, "1"))
    assert table["present"].tolist() == [["flute", "hi_hat"], []]
    assert table["dataset"].tolist() == ["ann", "bob"]
    assert table["license"].tolist() == ["CC0", "GPL"]
    assert table["shippable"].tolist() == [True, False]


def test_an_unmapped_label_and_its_clip_are_named(folder):
    clip = Clip("flute/a.wav", ("vuvuzela",), "mine")
    with pytest.raises(TimbreError, match=r"vuvuzela.*flute/a\.wav"):
        table_of(folder, [clip])


def test_a_missing_column_and_a_missing_file_are_named(folder):
    csv = folder / "clips.csv"
    csv.write_text("path,label\nflute/gone.wav,flute\n")
    with pytest.raises(TimbreError, match="licence"):
        list_csv(csv, "mine", Columns(license="licence"), "1")
    with pytest.raises(TimbreError, match=r"gone\.wav"):
        table_of(folder, list_csv(csv, "mine", Columns(), "1"))


def test_ones_own_map_must_name_leaves(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("name,leaf\nBig Drum,kick_drum\n")
    bad.write_text("name,leaf\nBig Drum,bigdrum\n")
    assert read_own_map(good) == {"big_drum": "kick_drum"}
    with pytest.raises(TimbreError, match="bigdrum"):
        read_own_map(bad)


@pytest.mark.parametrize(
    ("clip", "group"),
    [
        (Clip("cello/x.opus", ("cello",), "philharmonia"), "philharmonia/cello"),
        (Clip("Cello/ab12.opus", ("Cello",), "fsdkaggle2018"), "fsdkaggle2018/Cello/ab12"),
        (Clip("green/x.opus", ("electric_guitar",), "karoryfer_guitars"), "karoryfer_guitars/green"),
        (Clip("clap/TR-808_clap.opus", ("clap",), "drum_machines"), "drum_machines/TR-808"),
        (Clip("noise/balloon2.opus", ("",), "berklee"), "berklee/no_instrument/balloon"),
    ],
)
def test_what_shares_a_session_shares_a_group(clip, group):
    assert group_of(clip, truth_of(list(clip.labels))) == group
