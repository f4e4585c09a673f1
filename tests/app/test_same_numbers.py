"""One song, one answer: by the pipeline's own reading, the command line, REST and the socket."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import log_mel
from timbre.audio.segments import reflected
from timbre.data.waveform import read_waveform
from timbre.models.tagger import Tagger


@pytest.fixture(scope="module")
def song(wav, encode) -> Path:
    """At the front end's rate, so that nobody resamples."""
    return encode(wav, "mono.wav", f"-ac 1 -ar {FRONT_END.sample_rate_hz}")


def by_pipeline(song: Path, model: Path) -> np.ndarray:
    """As windows are made for training: soundfile, the log-mel of the whole, cut, and the network."""
    waveform, rate_hz = read_waveform(song)
    assert rate_hz == FRONT_END.sample_rate_hz
    whole, tagger = log_mel(waveform), Tagger.from_pretrained(model)
    n, step = round(tagger.config.context_s * FRONT_END.frames_per_s), FRONT_END.frames_per_s
    starts = [index * step + (step - n) // 2 for index in range(math.ceil(len(waveform) / rate_hz))]
    return tagger.probabilities(np.stack([whole[:, reflected(at, n, whole.shape[1])] for at in starts]))


def by_command_line(song: Path, model: Path) -> np.ndarray:
    timbre = Path(sys.executable).with_name("timbre")
    command = [timbre, "tag", "--format", "json", "--model", model, song]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return np.array([list(segment["probabilities"].values()) for segment in answer["segments"]])


def test_four_ways_to_the_same_probabilities(server, song, tiny_model, listen):
    expected = by_pipeline(song, tiny_model)
    song_id = server.upload(song)
    listener = listen()
    listener.subscribe(song_id)
    ways = {
        "command line": by_command_line(song, tiny_model),
        "rest": [segment["probabilities"] for segment in server.wait(song_id)["segments"]],
        "socket": [segment["probabilities"] for segment in listener.wait_for_segments(len(expected))],
    }
    for way, found in ways.items():
        np.testing.assert_allclose(np.array(found), expected, rtol=0, atol=1e-5, err_msg=way)
