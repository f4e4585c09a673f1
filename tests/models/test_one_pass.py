"""A network that answers for many seconds of a song at once."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from timbre.audio.decode import Decoder, RawFormat
from timbre.audio.log_mel import log_mel
from timbre.audio.segments import reflected
from timbre.errors import TimbreError
from timbre.files import file_sha256
from timbre.models.export import export_onnx
from timbre.models.network import SIZES, CompactCnn, NetworkConfig
from timbre.models.stored_weights import load_network, save_weights
from timbre.models.tagger import BATCH_SIZE, Tagger

OLD = NetworkConfig(stem_stride=(4, 4), stages=((16, (2, 2), 0), (24, (2, 2), 0)), head_channels=32)


def network(n_labels: int = 6) -> CompactCnn:
    """With a trained network's spread of activations; its weights by chance."""
    torch.manual_seed(0)
    out = CompactCnn(n_labels, SIZES["small"])
    with torch.no_grad():
        out.train()
        for _ in range(20):
            out(torch.randn(8, 128, 300) * 15 - 40)
        out.head.weight *= 4
    return out.eval()


@pytest.fixture(scope="module")
def model(tiny_model, tmp_path_factory) -> Path:
    """A checkpoint of such a network."""
    folder = shutil.copytree(tiny_model, tmp_path_factory.mktemp("one_pass") / "small")
    save_weights(network(), folder)
    export_onnx(load_network(folder, 6, SIZES["small"]), 3.0, folder)
    config = json.loads((folder / "config.json").read_text()) | {
        "margin_s": network().margin_s,
        "sha256": {name: file_sha256(folder / name) for name in ("model.onnx", "model.safetensors")},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def probabilities(segments) -> np.ndarray:
    return np.stack([segment.probabilities for segment in segments])


@pytest.mark.parametrize("size", SIZES)
def test_every_size_answers_for_each_second_with_its_surroundings(size):
    small = CompactCnn(4, SIZES[size]).eval()
    assert small.steps_of_segment == 5
    assert small.margin_s == 2
    with torch.no_grad():
        assert small(torch.zeros(3, 128, 300)).shape == (3, 4)
        assert small(torch.zeros(1, 128, 1_000)).shape == (8, 4)
        assert small(torch.zeros(2, 128, 400)).shape == (4, 4)


def test_a_song_is_the_same_to_the_last_bit_however_fast_it_comes(model, monkeypatch):
    rng = np.random.default_rng(0)
    waveform = (0.1 * rng.standard_normal(45 * 32_000)).astype(np.float32)
    expected = probabilities(Tagger(model).tag_waveform([waveform]))
    assert len(expected) == 45
    for patience_s, n_samples in ((60.0, 8_192), (60.0, 300_000), (-1.0, 8_192), (-1.0, 100_000)):
        monkeypatch.setattr("timbre.models.tagger.PATIENCE_S", patience_s)
        pieces = (waveform[start : start + n_samples] for start in range(0, len(waveform), n_samples))
        assert np.array_equal(probabilities(Tagger(model).tag_waveform(pieces)), expected)


def test_what_lies_beyond_the_reach_does_not_matter():
    torch.manual_seed(0)
    small = network()
    reach = small.config.reach
    assert 100 < reach <= 100 * small.margin_s
    sound = torch.randn(1, 128, 1_100) * 15 - 40
    with torch.no_grad():
        answer = small(sound)[4]  # for the window of frames 400 to 700
        for changed, matters in (
            (slice(0, 400 - reach), False),
            (slice(700 + reach, 1_100), False),
            (slice(400 - reach, 400), True),
            (slice(500, 520), True),
        ):
            other = sound.clone()
            other[:, :, changed] += 30.0
            assert torch.allclose(small(other)[4], answer, atol=1e-5) != matters


def test_a_network_whose_steps_do_not_divide_a_second_takes_windows():
    old = CompactCnn(4, OLD).eval()
    assert old.steps_of_segment == 0
    assert old.margin_s == 0
    with torch.no_grad():
        assert old(torch.zeros(3, 128, 300)).shape == (3, 4)


@pytest.mark.parametrize("piece", [3_000, 40_000, 400_000])
def test_it_does_not_matter_how_a_song_arrives(model, wav, piece):
    tagger, data = Tagger(model), wav.read_bytes()
    expected = probabilities(tagger.tag(wav))
    streamed = tagger.tag(data[i : i + piece] for i in range(0, len(data), piece))
    np.testing.assert_allclose(probabilities(streamed), expected, atol=1e-5)


def test_a_song_is_told_as_the_network_hears_all_of_it(model, wav):
    segments = list(Tagger(model).tag(wav))
    whole = log_mel(np.concatenate(list(Decoder(wav))))
    n = len(segments)
    sound = whole[:, reflected(-300, 100 * (n - 1) + 700, whole.shape[1])]
    with torch.no_grad():
        logits = load_network(model, 6, SIZES["small"])(torch.from_numpy(sound[np.newaxis]))[2:-2]
    np.testing.assert_allclose(probabilities(segments), torch.sigmoid(logits).numpy(), atol=1e-4)
    assert np.ptp(probabilities(segments), axis=0).max() > 0.01


def test_more_seconds_than_fit_into_one_call(model, tmp_path):
    rng = np.random.default_rng(0)
    loud = np.repeat(rng.uniform(0.01, 0.5, 3 * BATCH_SIZE), 32_000)
    sf.write(tmp_path / "long.wav", rng.normal(0, 0.3, len(loud)) * loud, 32_000)
    tagger = Tagger(model)
    at_once = probabilities(tagger.tag(tmp_path / "long.wav"))
    live = probabilities(tagger.tag(tmp_path / "long.wav", is_live=True))
    assert at_once.shape == (3 * BATCH_SIZE, 6)
    # Of single windows the network hears no more than their edges, so it answers a little otherwise.
    assert 0 < np.abs(at_once - live).max() < 0.2


def test_live_sound_does_not_wait_for_the_margin(model):
    answered = threading.Event()

    def pieces():
        yield np.zeros(int(3.5 * 32_000), "<f4").tobytes()
        in_time.append(answered.wait(30))

    in_time: list[bool] = []
    decoder = Decoder(pieces(), raw=RawFormat(32_000))
    segments = Tagger(model).tag(decoder, is_live=True)
    assert next(segments).index == 0
    answered.set()
    assert len(list(segments)) == 3
    assert in_time == [True]


def test_a_slow_upload_is_not_waited_for(model, monkeypatch):
    clock_s = 0.0
    monkeypatch.setattr("timbre.models.tagger.time.monotonic", lambda: clock_s)
    rng = np.random.default_rng(0)
    known_at_s: dict[int, float] = {}

    def pieces():
        nonlocal clock_s
        for _ in range(40):
            clock_s += 1.0
            yield rng.normal(0, 0.1, 32_000).astype(np.float32)

    for segment in Tagger(model).tag_waveform(pieces()):
        known_at_s[segment.index] = clock_s
    # Its window ends a second later, the margin after two more; the last frame comes with the next piece.
    assert all(at_s <= index + 5 for index, at_s in known_at_s.items())
    assert len(known_at_s) == 40


def test_what_is_there_at_once_is_answered_in_few_passes(model, monkeypatch):
    monkeypatch.setattr("timbre.models.tagger.time.monotonic", lambda: 0.0)
    tagger, lengths = Tagger(model), []
    network = tagger.logits

    def counted(windows):
        lengths.append(windows.shape[2])
        return network(windows)

    monkeypatch.setattr(tagger, "logits", counted)
    pieces = [np.zeros(16_000, np.float32)] * 80
    assert len(list(tagger.tag_waveform(pieces))) == 40
    assert lengths == [2_200] * 4  # the first second, sixteen, sixteen, seven


@pytest.mark.parametrize("margin_s", [-1, 1.5, 11, "2", True, None])
def test_a_margin_that_is_none_is_refused(model, tmp_path, margin_s):
    folder = shutil.copytree(model, tmp_path / "wrong")
    config = json.loads((folder / "config.json").read_text()) | {"margin_s": margin_s}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TimbreError, match="margin_s"):
        Tagger(folder)


def test_a_network_that_takes_windows_alone_is_refused_with_a_margin(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "wrong")
    config = json.loads((folder / "config.json").read_text()) | {"margin_s": 2}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TimbreError) as refused:
        Tagger(folder)
    assert refused.value.code == "bad_checkpoint"
