import pytest

from timbre.errors import TimbreError

HEAD = "path,label,license,username,url,id"
TERMS = "https://creativecommons.org/licenses/by/4.0/"


def test_the_query_says_what_sounds_and_nothing_else_is_known(write, clips_of):
    write("clips.csv", HEAD, f"40001.mp3,Closed Hi-Hat,{TERMS},ann,https://x,40001")
    clip = clips_of("freesound")["40001.mp3"]
    assert clip.truth.present == ("closed_hi_hat", "hi_hat")
    assert clip.truth.absent == ()
    assert (clip.group, clip.license) == ("freesound/ann", "CC BY 4.0")
    assert clip.recording == "freesound:40001"


def test_a_clip_that_two_queries_found_has_both_labels(write, clips_of):
    write("clips.csv", HEAD, f"1.mp3,banjo;voice,{TERMS},ann,https://x,1")
    assert clips_of("freesound")["1.mp3"].truth.present == ("voice", "banjo")


def test_an_unknown_label_is_named(write, clips_of):
    write("clips.csv", HEAD, f"1.mp3,vuvuzela,{TERMS},ann,https://x,1")
    with pytest.raises(TimbreError, match=r"vuvuzela.*clips\.csv"):
        clips_of("freesound")
