import pytest

from timbre.errors import TimbreError
from timbre.taxonomy import BY_ID

META = "FSDKaggle2018.meta"
TRAIN, TEST = f"{META}/train_post_competition.csv", f"{META}/test_post_competition_scoring_clips.csv"
TRAIN_HEAD = "fname,label,manually_verified,freesound_id,license"
TEST_HEAD = "fname,label,usage,freesound_id,license"


def test_labels_sides_and_licences(write, clips_of):
    write(
        TRAIN,
        TRAIN_HEAD,
        "a.wav,Hi-hat,1,11,Attribution",
        "b.wav,Bark,0,12,Creative Commons 0",
        "c.wav,Applause,1,13,Attribution",
    )
    write(TEST, TEST_HEAD, "d.wav,Oboe,Private,14,Creative Commons 0")
    clips = clips_of("fsdkaggle2018")
    assert clips["a.wav"].truth.present == ("hi_hat",)
    assert clips["a.wav"].path == "FSDKaggle2018.audio_train/a.wav"
    assert clips["d.wav"].path == "FSDKaggle2018.audio_test/d.wav"
    assert [clips[f"{name}.wav"].part for name in "abcd"] == ["development", "train", "development", "test"]
    assert [clips[f"{name}.wav"].license for name in "abcd"] == ["CC BY", "CC0", "CC BY", "CC0"]
    assert clips["b.wav"].truth.absent == tuple(BY_ID)
    assert set(BY_ID) - set(clips["c.wav"].truth.absent) == {"clap"}
    assert (clips["a.wav"].group, clips["a.wav"].recording) == ("fsdkaggle2018/11", "freesound:11")


def test_an_unknown_label_is_named_with_its_table(write, clips_of):
    write(TRAIN, TRAIN_HEAD, "a.wav,Vuvuzela,1,11,Attribution")
    with pytest.raises(TimbreError, match=r"Vuvuzela.*train_post_competition\.csv"):
        clips_of("fsdkaggle2018")


def test_a_table_without_a_column_is_named(write, clips_of):
    write(TRAIN, "fname,label,license,freesound_id")
    with pytest.raises(TimbreError, match=r"train_post_competition\.csv has no column manually_verified"):
        clips_of("fsdkaggle2018")
