import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.data.lock import LOCK_FILE, locked
from timbre.errors import TimbreError
from timbre.features import material as module
from timbre.features.material import (
    LEFT_OUT_FILE,
    Material,
    active_rms,
    decode_clip,
    decode_table,
    trimmed,
    with_facts,
)
from timbre.files import file_sha256

RATE_HZ = 32_000
SHARD = (".i16", ".parquet")


def test_a_clip_is_trimmed_resampled_and_brought_to_one_peak(tmp_path):
    time_s = np.arange(44_100) / 44_100
    sound = np.concatenate([np.zeros(22_050), 0.02 * np.sin(2 * np.pi * 1_000 * time_s), np.zeros(44_100)])
    sf.write(tmp_path / "quiet.wav", np.stack([sound, sound], axis=1), 44_100)
    samples = decode_clip(tmp_path / "quiet.wav")
    assert len(samples) / RATE_HZ == pytest.approx(1.0, abs=0.03)
    assert np.abs(samples).max() / 32_768 == pytest.approx(0.9, abs=0.001)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()] == pytest.approx(1_000, abs=2)


def test_silence_leaves_nothing(tmp_path):
    sf.write(tmp_path / "silent.wav", np.zeros(1_000), RATE_HZ)
    assert len(decode_clip(tmp_path / "silent.wav")) == 0
    assert len(trimmed(np.zeros(0, np.float32))) == 0


def test_level_is_that_of_what_sounds():
    tone = np.sin(2 * np.pi * 500 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    with_rest = np.concatenate([tone, np.zeros(3 * RATE_HZ, np.float32)])
    assert active_rms(with_rest) == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_every_clip_is_found_again(index, decoded, recordings):
    material = Material(index, decoded)
    for row in (0, len(index) // 2, len(index) - 1):
        expected = decode_clip(recordings / index["path"][row]).astype(np.float32) / 32_768
        np.testing.assert_array_equal(material.waveform(row), expected)
        np.testing.assert_array_equal(material.waveform(row, 100, 50), expected[100:150])
        np.testing.assert_array_equal(material.waveform(row, 100), expected[100:])


def shards(folder: Path) -> dict[str, int]:
    return {path.name: os.stat(path).st_mtime_ns for path in folder.glob("clips_*")}


def test_decoding_again_reads_nothing(table, index, decoded):
    before = shards(decoded)
    part = decode_table(table[table["split"] == "train"], decoded)
    assert shards(decoded) == before
    both = index.set_index("clip_id").loc[part["clip_id"]]
    assert part["offset"].tolist() == both["offset"].tolist()


def test_new_clips_come_in_a_new_shard_beside_the_old_ones(table, tmp_path):
    first = decode_table(table.head(20), tmp_path)
    before = shards(tmp_path)
    everything = decode_table(table, tmp_path)
    after = shards(tmp_path)
    assert after.items() >= before.items()
    assert len(after) == len(before) + 2
    assert everything["clip_id"].tolist() == table["clip_id"].tolist()
    pd.testing.assert_frame_equal(everything.head(20), first)


def test_an_interrupted_run_decodes_only_what_is_missing(table, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHARD_S", 20.0)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    decode_table(table, tmp_path / "whole")
    decode_table(table, tmp_path / "cut")
    facts = sorted((tmp_path / "cut").glob("*.parquet"))
    assert len(facts) > 4
    for path in (facts[1], facts[3]):
        path.unlink()  # the samples are there, but nobody says what they are
    left = {path.with_suffix(suffix).name for path in [*facts[:1], facts[2], *facts[4:]] for suffix in SHARD}
    before = shards(tmp_path / "cut")
    again = Material(decode_table(table, tmp_path / "cut"), tmp_path / "cut")
    after = shards(tmp_path / "cut")
    assert {name: after[name] for name in left} == {name: before[name] for name in left}
    whole = Material(with_facts(table, tmp_path / "whole"), tmp_path / "whole")
    for row in range(len(table)):
        np.testing.assert_array_equal(again.waveform(row), whole.waveform(row))
    assert len([*(tmp_path / "cut").glob("*.i16")]) == len([*(tmp_path / "cut").glob("*.parquet")])


@pytest.fixture
def with_spoiled(table, recordings, tmp_path) -> pd.DataFrame:
    """Three good clips between a silent, a text, a missing and an exchanged file."""
    sf.write(tmp_path / "silent.wav", np.zeros(RATE_HZ), RATE_HZ)
    (tmp_path / "text.wav").write_text("no sound")
    sf.write(tmp_path / "other.wav", np.ones(RATE_HZ) * 0.1, RATE_HZ)
    names = ["silent.wav", "text.wav", "gone.wav", "other.wav"]
    digests = [file_sha256(tmp_path / name) for name in names[:2]] + ["0" * 64, "1" * 64]
    spoiled = table.head(4).assign(
        clip_id=names, path=names, root=str(tmp_path), sha256=digests, duration_s=1.0
    )
    return pd.concat([spoiled.head(2), table.tail(3), spoiled.tail(2)], ignore_index=True)


def test_what_cannot_be_used_is_left_out_and_listed(with_spoiled, tmp_path):
    folder = tmp_path / "decoded"
    index = decode_table(with_spoiled, folder)
    assert index["clip_id"].tolist() == with_spoiled["clip_id"][2:5].tolist()
    left_out = pd.read_csv(folder / LEFT_OUT_FILE).set_index("clip_id")["problem"].to_dict()
    assert left_out == {
        "silent.wav": "silent",
        "text.wav": "unreadable",
        "gone.wav": "unreadable",
        "other.wav": "changed since the table was made",
    }


def test_nothing_but_spoiled_clips_is_an_empty_index(with_spoiled, tmp_path):
    spoiled = with_spoiled[with_spoiled["clip_id"].isin(["text.wav", "gone.wav"])]
    for _ in range(2):
        assert decode_table(spoiled, tmp_path / "decoded").empty
    assert {path.name for path in (tmp_path / "decoded").iterdir()} == {LEFT_OUT_FILE, LOCK_FILE}


def test_a_clip_that_was_missing_is_tried_again(with_spoiled, recordings, tmp_path):
    folder = tmp_path / "decoded"
    decode_table(with_spoiled, folder)
    sf.write(tmp_path / "gone.wav", 0.1 * np.ones(RATE_HZ), RATE_HZ)
    rows = with_spoiled.copy()
    rows.loc[rows["clip_id"] == "gone.wav", "sha256"] = file_sha256(tmp_path / "gone.wav")
    assert "gone.wav" in decode_table(rows, folder)["clip_id"].tolist()


def test_samples_that_are_gone_or_cut_short_are_decoded_again(table, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHARD_S", 20.0)
    whole = decode_table(table, tmp_path)
    gone, cut, *_ = sorted(tmp_path.glob("*.i16"))
    gone.unlink()
    os.truncate(cut, 1_000)
    again = decode_table(table, tmp_path)
    assert again["clip_id"].tolist() == whole["clip_id"].tolist()
    material = Material(again, tmp_path)
    assert [len(material.waveform(row)) for row in range(len(again))] == again["length"].tolist()


def test_a_shard_of_before_pitches_were_known_is_decoded_again(table, tmp_path):
    decode_table(table.head(4), tmp_path)
    (path,) = tmp_path.glob("*.parquet")
    pd.read_parquet(path).drop(columns="pitch").to_parquet(path, index=False)
    assert decode_table(table.head(4), tmp_path)["pitch"].notna().any()


def test_two_processes_do_not_disturb_each_other(table, tmp_path):
    with locked(tmp_path), pytest.raises(TimbreError, match="Another process"):
        decode_table(table, tmp_path)
    assert not list(tmp_path.glob("*.i16"))
    assert len(decode_table(table.head(4), tmp_path)) == 4


def test_an_earlier_layout_is_left_alone(table, tmp_path):
    (tmp_path / "samples.i16").write_bytes(b"1234")
    (tmp_path / "index.parquet").write_bytes(b"no table")
    assert len(decode_table(table.head(4), tmp_path)) == 4
