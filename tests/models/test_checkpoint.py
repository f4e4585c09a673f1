import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.files import file_sha256
from timbre.models.checkpoint import CheckpointConfig, load_config, save_config

LABELS = ("violin", "piano")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"network")
    save_file({"weights": np.zeros(3, np.float32)}, tmp_path / "model.safetensors")
    save_config(config_of(tmp_path), tmp_path)
    return tmp_path


def config_of(folder: Path) -> CheckpointConfig:
    return CheckpointConfig(
        name="small",
        labels=LABELS,
        front_end=FRONT_END.as_dict(),
        context_s=3.0,
        thresholds=dict.fromkeys(LABELS, 0.4),
        calibration={
            "method": "platt",
            "scale": dict.fromkeys(LABELS, 1.1),
            "bias": dict.fromkeys(LABELS, -0.2),
        },
        experimental=("piano",),
        trained_on=({"source": "mine", "minutes": 3.0},),
        sha256={name: file_sha256(folder / name) for name in ("model.onnx", "model.safetensors")},
    )


def test_what_was_saved_is_loaded(folder):
    assert load_config(folder) == config_of(folder)


def test_the_name_tells_apart_what_answers_otherwise(folder):
    plain = config_of(folder)
    assert plain.full_name == f"small@{plain.sha256['model.onnx'][:8]}"
    others = [replace(plain, **change).full_name for change in ({"margin_s": 2}, {"neighbour_share": 0.25})]
    assert len({plain.full_name, *others}) == 3
    assert all(len(name) == len(plain.full_name) for name in others)


def test_a_network_that_holds_its_weights_serves_alone(folder):
    (folder / "model.safetensors").unlink()
    assert load_config(folder).labels == LABELS
    (folder / "model.onnx").unlink()
    with pytest.raises(TimbreError, match=r"model\.onnx"):
        load_config(folder)


def test_a_network_that_refers_to_its_weights_does_not(folder):
    (folder / "model.onnx").write_bytes(b"network of model.safetensors")
    save_config(config_of(folder), folder)
    assert load_config(folder).labels == LABELS
    (folder / "model.safetensors").unlink()
    with pytest.raises(TimbreError, match=r"holds no model\.safetensors, where the model's weights are"):
        load_config(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema_version": 2}, "schema version 2"),
        ({"labels": ["violin", "vuvuzela"]}, "vuvuzela"),
        ({"labels": ["violin", "violin"]}, "twice"),
        ({"labels": "violin"}, "labels"),
        ({"front_end": FRONT_END.as_dict() | {"hop_length": 512}}, "hop_length"),
        ({"front_end": None}, "front end"),
        ({"thresholds": {"violin": 0.5}}, "thresholds"),
        ({"calibration": {"method": "magic"}}, "calibration"),
        ({"context_s": 0}, "context_s"),
        ({"context_s": float("nan")}, "context_s"),
        ({"neighbour_share": 0.4}, "neighbour_share"),
        ({"neighbour_share": -0.1}, "neighbour_share"),
        ({"neighbour_share": "much"}, "neighbour_share"),
        ({"context_s": 10**400}, "context_s"),
        ({"context_s": float("inf")}, "context_s"),
        ({"thresholds": dict.fromkeys(LABELS, float("nan"))}, "thresholds"),
        ({"trained_on": 7}, "trained_on is not a list"),
        ({"experimental": "piano"}, "experimental is not a list"),
        ({"sha256": {"model.onnx": "0" * 64}}, "sha256"),
        ({"sha256": {}}, "sha256"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(folder, change, sentence):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(TimbreError, match=sentence) as caught:
        load_config(folder)
    assert caught.value.code == "bad_checkpoint"


def test_a_config_that_is_none_is_refused(folder):
    for text in ("not json", "[]", "[" * 100_000):
        (folder / "config.json").write_text(text)
        with pytest.raises(TimbreError, match=r"config\.json"):
            load_config(folder)
    (folder / "config.json").unlink()
    with pytest.raises(TimbreError, match=r"config\.json"):
        load_config(folder)


def test_a_damaged_network_is_refused(folder):
    (folder / "model.onnx").write_bytes(b"netwprk")
    with pytest.raises(TimbreError, match=r"model\.onnx is damaged"):
        load_config(folder)


def test_damaged_weights_are_refused(folder):
    save_file({"weights": np.ones(3, np.float32)}, folder / "model.safetensors")
    with pytest.raises(TimbreError, match=r"model\.safetensors is damaged"):
        load_config(folder)


@pytest.mark.parametrize(
    "content",
    [pickle.dumps({"weights": [0.0] * 100}), b"PK\x03\x04" + bytes(100), b"", (50).to_bytes(8, "little")],
    ids=["pickle", "torch archive", "empty", "header cut off"],
)
def test_another_kind_of_file_in_the_place_of_the_weights_is_refused(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    save_config(config_of(folder), folder)  # the digest is that of the very file
    with pytest.raises(TimbreError, match="does not hold safetensors") as caught:
        load_config(folder)
    assert caught.value.code == "bad_checkpoint"


def test_config_stays_readable(folder):
    values = json.loads((folder / "config.json").read_text())
    assert next(iter(values)) == "schema_version"
    assert values["labels"] == list(LABELS)
    assert replace(config_of(folder), name="other").as_dict()["name"] == "other"
