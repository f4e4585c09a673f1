import csv

import numpy as np
import pytest
import soundfile as sf

from timbre.models.listening_test import compare_with_reference, report_lines
from timbre.taxonomy import OPENMIC

RATE_HZ = 32_000


@pytest.fixture
def folder(tmp_path):
    """Three files; the reference is right about all of them."""
    truths = {"song_a.wav": ("Cello", "others"), "song_b.wav": ("piano", "others"), "rain.wav": ("", "all")}
    noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE_HZ)
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "present", "absent", "kind"])
        for name, (present, absent) in truths.items():
            sf.write(tmp_path / name, noise, RATE_HZ)
            writer.writerow([f"eval/{name}", present, absent, "solo"])
    with (tmp_path / "reference.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "start_s", "end_s", *OPENMIC])
        for name, (present, _) in truths.items():
            row = [0.9 if label == present.lower() else 0.1 for label in OPENMIC]
            writer.writerow([f"eval/{name}", 0.0, 2.0, *row])
    return tmp_path


def test_the_model_stands_beside_the_reference(folder, tiny_model):
    result = compare_with_reference(folder, tiny_model)
    assert result["files"] == 3
    assert (
        result["reference"]["solo_top1"] == result["reference"]["map"] == result["reference"]["lrap"] == 1.0
    )
    assert result["model"]["solo_files"] == 2
    # Three files of one sound: the tiny model must name the same label for both solos.
    answers = {answer["model"] for answer in result["solo"]}
    assert len(answers) == 1
    right = sum(answer["model"] == answer["truth"] for answer in result["solo"])
    assert result["model"]["solo_top1"] == right / 2
    assert any("reference" in line for line in report_lines(result))
