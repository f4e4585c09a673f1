from pathlib import Path

import pytest

from timbre.audio.container import FORMATS
from timbre.data.own_folder import (
    NO_LABEL,
    Columns,
    holding_none_of,
    list_csv,
    list_folder,
    never_validating,
    own_clip,
    read_own_map,
)
from timbre.errors import TimbreError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("flute/a.wav", "flute/deep/b.FLAC", "snare_drum/c.m4a", "notes.txt", "stray.wav"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_a_folder_is_labelled_by_its_folders(folder):
    clips = {clip.path: clip for clip in list_folder(folder, "mine") if not clip.problem}
    assert sorted(clips) == ["flute/a.wav", "flute/deep/b.FLAC", "snare_drum/c.m4a"]
    assert clips["flute/deep/b.FLAC"].truth.present == ("flute",)
    assert clips["snare_drum/c.m4a"].group == "mine/snare_drum"
    assert {clip.dataset for clip in clips.values()} == {"mine"}


def test_a_recording_beside_the_folders_is_a_problem_under_any_own_names(folder):
    for own_map in (None, {"": "tom", "stray": "tom"}):
        told = {clip.path: clip.problem for clip in list_folder(folder, "mine", own_map) if clip.problem}
        assert told == {"stray.wav": NO_LABEL}


@pytest.mark.parametrize("suffix", sorted({*FORMATS, "aif", "AAC"} - {"mp4", "mka"}))  # these are films too
def test_what_the_page_takes_may_lie_in_a_folder(tmp_path, suffix):
    (tmp_path / "flute").mkdir()
    (tmp_path / f"flute/a.{suffix}").touch()
    assert [clip.path for clip in list_folder(tmp_path, "mine")] == [f"flute/a.{suffix}"]


def write_csv(folder: Path, *lines: str) -> Path:
    path = folder / "clips.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_csv_says_source_licence_group_and_what_may_be_published(folder):
    rows = ("flute/a.wav,flute;Hi_hat,ann,CC0,1,monday,phrase", "c.wav,,bob,GPL,nc,,noise")
    csv = write_csv(folder, "file,what,who,lic,ok,day,kind", *rows)
    columns = Columns("file", "what", "who", "lic", "kind", "ok", "day")
    first, second = list_csv(csv, "mine", columns, "1")
    assert (first.truth.present, second.truth.present) == (("flute", "hi_hat"), ())
    assert (first.dataset, second.dataset) == ("ann", "bob")
    assert (first.license, second.license) == ("CC0", "GPL")
    assert (first.shippable, second.shippable) == (True, False)
    assert all(clip.shippable for clip in list_csv(csv, "mine", columns, "1,nc"))
    assert (first.kind, second.kind) == ("phrase", "noise")
    assert first.group == "ann/monday"
    assert second.group == "bob/no_instrument/c"  # without a group of its own


def test_empty_cells_are_what_they_are_without_a_column(folder):
    csv = write_csv(folder, "path,label,who,terms", "./flute/a.wav,flute,,")
    (clip,) = list_csv(csv, "mine", Columns(source="who", license="terms"), "1")
    assert (clip.path, clip.dataset, clip.license) == ("flute/a.wav", "mine", "not stated")


def test_with_a_column_of_what_is_absent_the_rest_is_unknown(folder):
    rows = ("flute/a.wav,flute,violin;Voice", "b.wav,,piano", "c.wav,kick_drum,", "d.wav,,")
    csv = write_csv(folder, "path,label,not", *rows)
    clips = list(list_csv(csv, "mine", Columns(absent="not"), "1"))
    assert [clip.truth.present for clip in clips] == [("flute",), (), ("kick_drum",), ()]
    # Where no voice is, there is no choir either.
    assert [clip.truth.absent for clip in clips] == [("voice", "choir", "violin"), ("piano",), (), ()]
    assert {clip.truth.any_of for clip in clips} == {()}
    with pytest.raises(TimbreError, match="no column lacking"):
        list(list_csv(csv, "mine", Columns(absent="lacking"), "1"))


def test_a_folder_without_recordings_is_told(tmp_path):
    (tmp_path / "stray.wav").touch()
    with pytest.raises(TimbreError, match=r"no recording \(wav, mp3, .*webm\) in a folder of"):
        list_folder(tmp_path, "mine")


def test_a_missing_column_and_an_unknown_kind_are_named(folder):
    csv = write_csv(folder, "path,label,kind", "flute/a.wav,flute,tune")
    with pytest.raises(TimbreError, match=r"clips\.csv has no column who, licence"):
        list(list_csv(csv, "mine", Columns(license="licence", source="who"), "1"))
    with pytest.raises(TimbreError, match="'tune'"):
        list(list_csv(csv, "mine", Columns(kind="kind"), "1"))


def test_an_unmapped_label_and_its_file_are_named(folder):
    csv = write_csv(folder, "path,label", "flute/a.wav,vuvuzela")
    with pytest.raises(TimbreError, match=r"vuvuzela.*clips\.csv"):
        list(list_csv(csv, "mine", Columns(), "1"))
    (folder / "vuvuzela").mkdir()
    (folder / "vuvuzela" / "d.wav").touch()
    with pytest.raises(TimbreError, match=r"vuvuzela.*d\.wav"):
        list_folder(folder, "mine")


def test_ones_own_names_come_first_and_must_name_leaves(folder):
    good, bad, headless = (folder / f"{name}.csv" for name in ("good", "bad", "headless"))
    good.write_text("name,leaf\nBig Drum,kick_drum\nsnare_drum,tom\n")
    bad.write_text("name,leaf\nBig Drum,bigdrum\n")
    headless.write_text("Big Drum,kick_drum\n")
    own_map = read_own_map(good)
    assert own_map == {"big_drum": "kick_drum", "snare_drum": "tom"}
    clips = list_folder(folder, "mine", own_map)
    assert [clip.truth.present for clip in clips if "snare" in clip.path] == [("tom",)]
    with pytest.raises(TimbreError, match="bigdrum") as raised:
        read_own_map(bad)
    assert "kick_drum, " in raised.value.hint
    with pytest.raises(TimbreError, match=r"headless\.csv has no column name, leaf"):
        read_own_map(headless)


@pytest.mark.parametrize(
    ("path", "labels", "source", "group"),
    [
        ("cello/x.opus", ("cello",), "philharmonia", "philharmonia/cello"),
        ("Cello/ab12.opus", ("Cello",), "fsdkaggle2018", "fsdkaggle2018/Cello/ab12"),
        ("green/x.opus", ("electric_guitar",), "karoryfer_guitars", "karoryfer_guitars/green"),
        ("clap/TR-808_clap.opus", ("clap",), "drum_machines", "drum_machines/TR-808"),
        ("noise/balloon2.opus", ("",), "berklee", "berklee/no_instrument/balloon"),
    ],
)
def test_what_shares_a_session_shares_a_group(path, labels, source, group, tmp_path):
    assert own_clip(path, labels, source, file=tmp_path).group == group


def test_what_is_said_to_be_held_by_none_is_absent_where_it_was_open(tmp_path):
    clips = [
        own_clip("a.wav", (label,), source, file=tmp_path)
        for source, label in (("ann", "voice"), ("bob", "voice"), ("ann", "choir"), ("bob", "kick"))
    ]
    assert not any("choir" in clip.truth.absent for clip in clips[:2])
    told = list(holding_none_of(clips, ["ann:choir", "tr808_kick_drum"]))
    assert ["choir" in clip.truth.absent for clip in told] == [True, False, False, True]
    assert [clip.truth.present for clip in told] == [clip.truth.present for clip in clips]
    assert all("tr808_kick_drum" in clip.truth.absent for clip in told)


def test_one_source_of_many_may_be_kept_from_validating(tmp_path):
    clips = [own_clip("a.wav", ("voice",), source, file=tmp_path) for source in ("ann", "bob")]
    assert [clip.part for clip in never_validating(clips, ["ann"])] == ["train_or_test", ""]
    with pytest.raises(TimbreError, match=r"There is no clip of anne\.") as raised:
        never_validating(clips, ["anne"])
    assert "--name or the --source-column" in raised.value.hint


def test_what_is_held_by_none_must_be_a_leaf(tmp_path):
    with pytest.raises(TimbreError, match="vuvuzela") as raised:
        list(holding_none_of([], ["ann:vuvuzela"]))
    assert "singers:choir" in raised.value.hint
