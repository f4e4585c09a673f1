import json
from pathlib import Path

import numpy as np
import pytest

from timbre.errors import TimbreError
from timbre.taxonomy import OPENMIC

KEYS = ("000046_3840", "000135_483840", "000139_119040")
HEAD = "track_id,artist_id,license_url,sample_key"
TERMS = "http://creativecommons.org/licenses/by-nc-nd/3.0/"


@pytest.fixture
def openmic(tmp_path, write):
    """Writes a collection of three clips in which these shares of the annotators heard these labels."""

    def make(*heard: dict[str, float]) -> None:
        shares = np.full((len(KEYS), len(OPENMIC)), 0.5)
        mask = np.zeros(shares.shape, bool)
        for row, labels in enumerate(heard):
            for label, share in labels.items():
                shares[row, OPENMIC.index(label)] = share
                mask[row, OPENMIC.index(label)] = True
        root = Path("openmic-2018")
        (tmp_path / root).mkdir()
        keys = np.array(KEYS, dtype=object)  # as the published file has them
        np.savez(tmp_path / root / "openmic-2018.npz", Y_true=shares, Y_mask=mask, sample_key=keys)
        write(root / "class-map.json", json.dumps({label: n for n, label in enumerate(OPENMIC)}))
        write(root / "partitions/split01_test.csv", KEYS[2])
        rows = [f"{n},{n // 2},{TERMS},{key}" for n, key in enumerate(KEYS)]
        write(root / "openmic-2018-metadata.csv", HEAD, *rows)

    return make


def test_heard_not_heard_and_not_asked(openmic, clips_of):
    openmic({"violin": 0.5, "guitar": 0.9, "cymbals": 0.49}, {}, {"voice": 0.1})
    clips = clips_of("openmic2018")
    first = clips["000046_3840.ogg"].truth
    assert first.present == ("violin",)
    assert first.any_of == (("acoustic_guitar", "electric_guitar"),)
    assert set(first.absent) == {"closed_hi_hat", "open_hi_hat", "hi_hat", "cymbal"}
    second = clips["000135_483840.ogg"].truth
    assert (second.present, second.absent, second.any_of) == ((), (), ())
    assert set(clips["000139_119040.ogg"].truth.absent) == {"voice", "choir"}


def test_what_is_denied_narrows_what_is_heard(openmic, clips_of):
    openmic({"synthesizer": 1.0, "bass": 0.0}, {"bass": 1.0, "synthesizer": 0.0})
    clips = clips_of("openmic2018")
    assert clips["000046_3840.ogg"].truth.any_of == (("synth_lead", "synth_pad"),)
    assert clips["000135_483840.ogg"].truth.any_of == (("double_bass", "electric_bass"),)


def test_side_artist_and_licence(openmic, clips_of):
    openmic({})
    clips = clips_of("openmic2018")
    assert [clip.part for clip in clips.values()] == ["development", "development", "test"]
    assert [clip.group for clip in clips.values()] == ["openmic2018/0", "openmic2018/0", "openmic2018/1"]
    assert {clip.license for clip in clips.values()} == {"CC BY-NC-ND 3.0"}
    assert clips["000046_3840.ogg"].path == "openmic-2018/audio/000/000046_3840.ogg"


def test_a_track_without_facts_and_an_unknown_label_are_named(openmic, clips_of, write):
    openmic({"violin": 1.0})
    write("openmic-2018/openmic-2018-metadata.csv", HEAD, f"1,2,{TERMS},{KEYS[0]}")
    with pytest.raises(TimbreError, match=f"no row for {KEYS[1]}"):
        clips_of("openmic2018")
    write("openmic-2018/class-map.json", json.dumps({"kazoo": 0}))
    with pytest.raises(TimbreError, match=r"'kazoo' in .*class-map\.json"):
        clips_of("openmic2018")


def test_a_file_that_is_missing_is_named(clips_of, tmp_path):
    (tmp_path / "openmic-2018").mkdir()
    with pytest.raises(TimbreError, match=r"class-map\.json is missing"):
        clips_of("openmic2018")


@pytest.mark.parametrize("keep_bytes", [0, 10, 200])
def test_arrays_that_are_cut_off_are_told(openmic, clips_of, tmp_path, keep_bytes):
    openmic({"violin": 1.0})
    (path,) = tmp_path.rglob("openmic-2018.npz")
    path.write_bytes(path.read_bytes()[:keep_bytes])
    with pytest.raises(TimbreError, match=r"does not have the form of OpenMIC-2018"):
        clips_of("openmic2018")
