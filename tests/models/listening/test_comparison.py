import csv

import numpy as np
import pytest
import soundfile as sf

from timbre.errors import TimbreError
from timbre.models.listening.comparison import compare_with_reference
from timbre.models.listening.lines import report_lines
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
    low, high = result["difference"]["solo_top1"][1:]
    assert low <= result["difference"]["solo_top1"][0] == right / 2 - 1.0 <= high
    assert result["false_alarms"].keys() == {"rain.wav"}
    text = "\n".join(report_lines(result))
    assert "reference" in text
    assert "rain.wav: no instrument" in text
    assert "passages" not in text  # there is no song with its score
    steady = {
        "passages": 7,
        "named_share": 0.5,
        "changes_a_minute": 12.0,
        "entries": 4,
        "met_entries_share": 0.75,
    }
    text = "\n".join(report_lines({**result, "steadiness": steady}))
    assert "7 passages of one label: named in 50% of their seconds, 12.0 changes a minute" in text
    assert "75% of 4 entries named within a second" in text


def test_without_a_reference_the_model_stands_alone(folder, tiny_model):
    (folder / "reference.csv").unlink()
    result = compare_with_reference(folder, tiny_model)
    assert "difference" not in result
    assert report_lines(result)


def listed(folder, *rows: str, columns: str = "path,present,absent,kind") -> None:
    (folder / "reference.csv").unlink(missing_ok=True)
    (folder / "manifest.csv").write_text("\n".join([columns, *rows]) + "\n")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["song_a.wav,kazoo,others,x"], "The label 'kazoo' in manifest.csv is not mapped"),
        (["song_a.wav,piano,kazoo,x"], "The label 'kazoo' in manifest.csv is not mapped"),
        (["gone.wav,piano,others,x"], "gone.wav: The file cannot be read"),
        (["manifest.csv,piano,others,x"], "manifest.csv: This file is not audio"),
        ([], "lists no file"),
    ],
)
def test_a_list_that_is_wrong_is_one_sentence(folder, tiny_model, rows, said):
    listed(folder, *rows)
    with pytest.raises(TimbreError, match=said):
        compare_with_reference(folder, tiny_model)
    listed(folder, "song_a.wav,piano", columns="path,present")
    with pytest.raises(TimbreError, match="no column absent"):
        compare_with_reference(folder, tiny_model)


def test_without_a_solo_the_other_scores_remain(folder, tiny_model):
    # An oboe has no label at this level, but the piano is not alone for that.
    listed(folder, "song_a.wav,piano;oboe,others,song", "song_b.wav,voice,oboe;piano,song")
    result = compare_with_reference(folder, tiny_model)
    assert (result["model"]["solo_files"], result["model"]["solo_top1"], result["solo"]) == (0, None, [])
    assert 0 < result["model"]["map"] <= 1
    assert "-" in report_lines(result)[1]


def test_files_of_one_name_in_two_folders_are_two(folder, tiny_model):
    (folder / "deep").mkdir()
    sf.write(folder / "deep" / "rain.wav", 0.5 * np.sin(np.arange(2 * RATE_HZ) * 0.02), RATE_HZ)
    listed(folder, "rain.wav,piano,others,solo", "deep/rain.wav,piano,others,solo")
    first, second = compare_with_reference(folder, tiny_model)["solo"]
    assert first["probability"] != second["probability"]
