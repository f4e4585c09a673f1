"""A note or one-shot of 0.1 to 5 s gets one name, from a model of few labels that learned from own sounds."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from onnx import TensorProto, helper, numpy_helper, save
from scipy.signal import butter, sosfilt
from sklearn.linear_model import LogisticRegression

from timbre.audio.front_end import FRONT_END
from timbre.audio.segments import Segmenter
from timbre.cli import main
from timbre.files import file_sha256

RATE_HZ = FRONT_END.sample_rate_hz
LABELS = ("tr808_kick_drum", "closed_hi_hat", "tuba")
DURATIONS_S = (0.1, 0.35, 1.0, 2.6, 5.0)


def sound(label: str, duration_s: float, rng: np.random.Generator) -> np.ndarray:
    """A falling sine, a burst of high noise, or a low tone with overtones."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    if label == "tr808_kick_drum":
        waveform = np.sin(2 * np.pi * np.cumsum(45 + 60 * np.exp(-time_s * 20)) / RATE_HZ) * np.exp(
            -time_s * 4
        )
    elif label == "closed_hi_hat":
        noise = rng.standard_normal(len(time_s)) * np.exp(-time_s * 30)
        waveform = sosfilt(butter(4, 7_000, "high", fs=RATE_HZ, output="sos"), noise)
    else:
        pitch_hz = rng.uniform(50, 90)
        waveform = sum(np.sin(2 * np.pi * pitch_hz * k * time_s) / k for k in range(1, 20))
    return rng.uniform(0.1, 0.9) * waveform / np.abs(waveform).max()


@pytest.fixture(scope="module")
def model(tiny_model, tmp_path_factory) -> Path:
    """A logistic regression on the mean log-mel of one's own sounds, in the form of a checkpoint."""
    rng, features, truths = np.random.default_rng(0), [], []
    for _ in range(12):
        for number, label in enumerate(LABELS):
            segmenter = Segmenter(3.0)
            waveform = sound(label, rng.uniform(0.1, 3.0), rng).astype(np.float32)
            for segment in [*segmenter.push(waveform), *segmenter.finish()]:
                features.append(segment.window.mean(axis=1))
                truths.append(number)
    fitted = LogisticRegression(C=0.01, max_iter=2_000).fit(np.stack(features), truths)

    folder = shutil.copytree(tiny_model, tmp_path_factory.mktemp("own") / "drums")
    nodes = [
        helper.make_node("ReduceMean", ["log_mel", "axes"], ["mean"], keepdims=0),
        helper.make_node("Gemm", ["mean", "weights", "bias"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([2]), "axes"),
        numpy_helper.from_array(fitted.coef_.T.astype(np.float32), "weights"),
        numpy_helper.from_array(fitted.intercept_.astype(np.float32), "bias"),
    ]
    inputs = helper.make_tensor_value_info("log_mel", TensorProto.FLOAT, ["n", FRONT_END.n_mels, "frames"])
    outputs = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(LABELS)])
    graph = helper.make_graph(nodes, "drums", [inputs], [outputs], constants)
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9),
        folder / "model.onnx",
    )
    config = json.loads((folder / "config.json").read_text())
    config |= {"name": "drums", "labels": LABELS, "thresholds": dict.fromkeys(LABELS, 0.5)}
    config["calibration"] |= {"scale": dict.fromkeys(LABELS, 1.0), "bias": dict.fromkeys(LABELS, 0.0)}
    config["sha256"] = {"model.onnx": file_sha256(folder / "model.onnx")}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def tag(model: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["tag", "--model", str(model), *map(str, arguments)])


@pytest.mark.parametrize(
    ("suffix", "durations_s"),
    [("wav", DURATIONS_S), ("mp3", (0.1, 1.0)), ("flac", (0.1, 5.0)), ("m4a", (0.35, 1.0))],
)
def test_short_sounds_of_every_format_get_their_name(model, encode, tmp_path, suffix, durations_s):
    rng = np.random.default_rng(1)
    paths, truths = [], []
    for label in LABELS:
        for duration_s in durations_s:
            path = tmp_path / f"{label}_{duration_s}.wav"
            sf.write(path, sound(label, duration_s, rng), RATE_HZ)
            paths.append(path if suffix == "wav" else encode(path, f"x.{suffix}"))
            truths.append(label)
    done = tag(model, *paths, "--single", "--format", "json")
    assert done.exit_code == 0, done.output
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["instrument"] for answer in answers] == truths
    for answer in answers:
        confidences = [*answer["confidences"].values()]
        assert {*answer["confidences"]} == {*LABELS}
        assert confidences == sorted(confidences, reverse=True)
        assert 0 <= confidences[-1] <= confidences[0] <= 1


def test_the_table_shows_the_confidence_of_each_as_a_bar(model, tmp_path):
    path = tmp_path / "kick.wav"
    sf.write(path, sound("tr808_kick_drum", 0.5, np.random.default_rng(2)), RATE_HZ)
    title, best, *others = tag(model, path, "--single").stdout.splitlines()
    assert title == f"{path}: tr808_kick_drum"
    assert best.split()[0] == "tr808_kick_drum"
    assert best.count("█") == round(float(best.split()[1].rstrip("%")) / 100 * 30)
    assert len(others) == 2


def test_a_file_as_a_whole_has_every_label_of_the_level(model, tmp_path):
    paths = [tmp_path / "000046_3840.wav", tmp_path / "000135_483840.wav"]
    for path, label in zip(paths, LABELS[:2], strict=True):
        sf.write(path, sound(label, 2.5, np.random.default_rng(3)), RATE_HZ)
    done = tag(model, *paths, "--clip", "--format", "csv", "--level", "openmic")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    assert [row["clip_id"] for row in rows] == [path.stem for path in paths]
    assert [*rows[0]][:3] == ["clip_id", "accordion", "banjo"]
    assert {len(row) for row in rows} == {21}
    assert float(rows[0]["drums"]) > float(rows[0]["cymbals"])
    assert float(rows[1]["cymbals"]) > float(rows[1]["drums"])
    assert float(rows[0]["violin"]) == 0  # which this model does not know
    answer = json.loads(tag(model, paths[0], "--clip", "--format", "json").stdout)
    seconds = json.loads(tag(model, paths[0], "--format", "json").stdout)["segments"]
    mean = np.mean([segment["probabilities"]["tuba"] for segment in seconds])
    assert answer["confidences"]["tuba"] == pytest.approx(mean, abs=1e-4)


def test_one_answer_has_the_formats_that_can_hold_it(model, tmp_path):
    for wrong in (["--single", "--format", "jams"], ["--clip"], ["--clip", "--single", "--format", "csv"]):
        assert tag(model, tmp_path / "any.wav", *wrong).exit_code == 2
