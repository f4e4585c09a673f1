"""Sounds that the tests make themselves, and a small model of which the right answer is known."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save

from timbre.audio.ffmpeg import ffmpeg_path
from timbre.audio.front_end import FRONT_END
from timbre.files import file_sha256

pytest_plugins = ["live_server", "postgres_server", "training_miniature"]

# Two processes that fill one cache of librosa's compiler at once crash (numba's issue 10128).
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
_CACHE = Path(__file__).parent.parent / ".pytest_cache"
os.environ.setdefault("NUMBA_CACHE_DIR", str(_CACHE / f"numba_{_WORKER}"))

RATE_HZ = 44_100
TINY_LABELS = ("voice", "violin", "double_bass", "piano", "flute", "drum_kit")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """A checkpoint whose label i answers to the loudness of the i-th sixth of the mel bands."""
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    folder.mkdir()
    n = len(TINY_LABELS)
    weights = np.zeros((FRONT_END.n_mels, n), np.float32)
    for band in range(FRONT_END.n_mels):
        weights[band, band * n // FRONT_END.n_mels] = 0.02
    nodes = [
        helper.make_node("ReduceMean", ["log_mel", "axes"], ["mean"], keepdims=0),
        helper.make_node("Gemm", ["mean", "weights", "bias"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([2]), "axes"),
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.full(n, 10.0, np.float32), "bias"),
    ]
    shape_in, shape_out = ["batch", FRONT_END.n_mels, "frames"], ["batch", n]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("log_mel", TensorProto.FLOAT, shape_in)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape_out)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    save(model, folder / "model.onnx")
    config = {
        "schema_version": 1,
        "name": "tiny",
        "labels": list(TINY_LABELS),
        "front_end": FRONT_END.as_dict(),
        "context_s": 3.0,
        "thresholds": dict.fromkeys(TINY_LABELS, 0.5),
        "calibration": {
            "method": "platt",
            "scale": dict.fromkeys(TINY_LABELS, 1.0),
            "bias": dict.fromkeys(TINY_LABELS, 0.0),
        },
        "sha256": {"model.onnx": file_sha256(folder / "model.onnx")},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture
def gate(tmp_path) -> tuple[Path, Path]:
    """A decoder that begins only once there is a certain file, and that file.

    Until then it gives a sample of silence now and then: one that gives nothing would in the end be stuck.
    """
    decoder, opened = tmp_path / "ffmpeg", tmp_path / "open"
    wait = rf"while [ ! -e {opened} ]; do printf '\0\0\0\0'; sleep 0.05; done"
    decoder.write_text(f'#!/bin/sh\n{wait}\nexec {ffmpeg_path()} "$@"\n')
    decoder.chmod(0o755)
    return decoder, opened


@pytest.fixture(scope="session")
def wav(tmp_path_factory) -> Path:
    """7.25 s of stereo: a tone that climbs every second, in quiet noise. Not a whole number of frames."""
    path = tmp_path_factory.mktemp("sound") / "song.wav"
    time_s = np.arange(int(7.25 * RATE_HZ)) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * (220 + 110 * np.floor(time_s)) * time_s)
    noise = np.random.default_rng(0).normal(0, 0.003, (len(time_s), 2))
    _write_wav(path, tone[:, None] + noise)
    return path


def _write_wav(path: Path, samples: np.ndarray) -> None:
    import soundfile

    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")


@pytest.fixture(scope="session")
def encode(tmp_path_factory) -> Callable[..., Path]:
    """`encode(source, "song.mp3", "-b:a 128k")`: the same sound in another format, by ffmpeg."""
    folder = tmp_path_factory.mktemp("encoded")

    def run(source: Path, name: str, options: str = "") -> Path:
        target = folder / f"{source.stem}-{len(list(folder.iterdir()))}-{name}"
        command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(source), *options.split(), str(target)]
        subprocess.run(command, check=True)
        return target

    return run


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory, wav, encode) -> dict[str, Path]:
    """Files that are not songs, by what is wrong with them."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("bad")
    files = {name: folder / f"{name}.mp3" for name in ("empty", "text", "image", "playlist", "random")}
    files["empty"].write_bytes(b"")
    files["text"].write_text("This is a letter, and not a song.\n" * 2_000)
    Image.new("RGB", (64, 64), "red").save(files["image"], "PNG")
    secret = encode(wav, "secret.mp3")
    files["playlist"].write_text(f"#EXTM3U\n#EXTINF:7,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    files["random"].write_bytes(np.random.default_rng(5).bytes(100_000))
    files["no_sound"] = folder / "no_sound.mp4"
    video = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=duration=1:size=64x64", "-c:v", "mpeg4"]
    subprocess.run([ffmpeg_path(), *video, str(files["no_sound"])], check=True)
    files["blip"] = folder / "blip.wav"
    _write_wav(files["blip"], np.zeros((2_000, 1)))
    return files
