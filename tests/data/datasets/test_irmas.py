import pytest

from timbre.data.label_maps import DRUM_KIT_PIECES
from timbre.errors import TimbreError
from timbre.taxonomy import IRMAS, level_of


def test_training_knows_the_predominant_instrument_and_perhaps_the_drums(write, clips_of):
    folder = "IRMAS-TrainingData"
    write(f"{folder}/cel/[cel][cla]0001__1.wav")
    write(f"{folder}/gel/008__[gel][dru][pop_roc]0829__2.wav")
    write(f"{folder}/cla/[cla][nod][cla]0150__3.wav")
    clips = clips_of("irmas")
    plain = clips["[cel][cla]0001__1.wav"]
    assert (plain.truth.present, plain.truth.absent, plain.truth.any_of) == (("cello",), (), ())
    with_drums = clips["008__[gel][dru][pop_roc]0829__2.wav"].truth
    assert with_drums.present == ("electric_guitar",)
    assert [set(group) for group in with_drums.any_of] == [set(DRUM_KIT_PIECES)]
    assert with_drums.absent == ()
    without = clips["[cla][nod][cla]0150__3.wav"].truth
    assert without.present == ("clarinet",)
    assert set(without.absent) == set(DRUM_KIT_PIECES)
    assert {clip.part for clip in clips.values()} == {"development"}
    assert {clip.kind for clip in clips.values()} == {"mix"}


def test_excerpts_of_one_recording_are_one_group(write, clips_of):
    write("IRMAS-TrainingData/cel/[cel][cla]0001__1.wav")
    write("IRMAS-TrainingData/vio/[vio][cla]0001__2.wav")
    for number in (1, 12):
        write(f"IRMAS-TestingData-Part1/Part1/04 - Take 5-{number}.wav")
        write(f"IRMAS-TestingData-Part1/Part1/04 - Take 5-{number}.txt", "sax")
    groups = {clip.group for clip in clips_of("irmas").values()}
    assert groups == {"irmas/training/0001", "irmas/testing/04 - Take 5"}


def test_testing_knows_all_eleven(write, clips_of):
    write("IRMAS-TestingData-Part2/IRTestingData-Part2/song-1.wav")
    write("IRMAS-TestingData-Part2/IRTestingData-Part2/song-1.txt", "voi\t", "gac\t", "")
    clip = clips_of("irmas")["song-1.wav"]
    assert clip.part == "test"
    assert clip.truth.present == ("voice", "acoustic_guitar")
    absent = {level_of(leaf, "irmas") for leaf in clip.truth.absent} - {None}
    assert absent == set(IRMAS) - {"voi", "gac"}
    assert "choir" not in clip.truth.absent  # a choir may be the voice
    assert "banjo" not in clip.truth.absent  # nobody listened for it


def test_an_unknown_code_is_named_with_its_file(write, clips_of):
    write("IRMAS-TrainingData/kaz/[kaz][cla]0001__1.wav")
    with pytest.raises(TimbreError, match=r"'kaz' in .*0001__1\.wav"):
        clips_of("irmas")


def test_an_excerpt_of_which_nothing_is_told_leaves_the_others_as_they_are(write, clips_of):
    folder = "IRMAS-TestingData-Part1/Part1"
    write(f"{folder}/lost-1.wav")
    write(f"{folder}/empty-1.wav")
    write(f"{folder}/empty-1.txt")
    write(f"{folder}/song-1.wav")
    write(f"{folder}/song-1.txt", "sax")
    untold = "neither its name nor a .txt beside it says what is heard"
    problems = {name: clip.problem for name, clip in clips_of("irmas").items()}
    assert problems == {"lost-1.wav": untold, "empty-1.wav": untold, "song-1.wav": ""}
