"""`timbre compare` on a table of a few sounds, as a person types it."""

import json

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from click.testing import CliRunner, Result

from timbre.cli import main
from timbre.cli.compare import MODELS
from timbre.data.table import COLUMNS, write_table
from timbre.files import file_sha256
from timbre.models.baselines.contenders import CONTENDERS
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
FREQUENCY_HZ = {"kick_drum": 60, "snare_drum": 700, "cowbell": 3_000}


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def where(tmp_path_factory) -> list[object]:
    """Six machines with a stroke of each drum, and another data set of noise."""
    root = tmp_path_factory.mktemp("drums")
    rng, rows = np.random.default_rng(0), []
    for machine in range(6):
        for leaf, frequency_hz in FREQUENCY_HZ.items():
            path = root / f"{machine}_{leaf}.wav"
            time_s = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
            stroke = np.sin(2 * np.pi * frequency_hz * rng.uniform(0.9, 1.1) * time_s) * np.exp(-15 * time_s)
            sf.write(path, stroke + rng.normal(0, 0.003, len(stroke)), RATE_HZ)
            rows.append(
                dict.fromkeys(COLUMNS, "")
                | {
                    "clip_id": path.name, "path": path.name, "dataset": "machines", "present": [leaf],
                    "absent": sorted(set(BY_ID) - {leaf}), "any_of": [], "group": f"machines/{machine}",
                    "split": "test", "duration_s": 0.3, "sha256": file_sha256(path), "root": str(root),
                    "kind": "one-shot", "shippable": False, "key": -1,
                }
            )  # fmt: skip
    rows.append(rows[0] | {"clip_id": "other", "dataset": "other", "present": [], "group": "other"})
    lone = {"dataset": "lone", "present": ["tom"], "group": "lone/one"}
    rows += [rows[0] | lone | {"clip_id": f"lone{number}"} for number in range(2)]
    write_table(pd.DataFrame(rows), root / "table")
    return ["--table", root / "table", "--decoded", root / "decoded"]


def test_a_table_of_models_is_printed_and_written(where, tmp_path):
    options = ("--models", "random_forest,mlp", "--folds", 3, "--seeds", 2, "--out", tmp_path)
    done = timbre("compare", "machines", *options, *where)
    assert done.exit_code == 0, done.output
    assert "18 clips of 6 groups, 3 folds, 2 seeds" in done.output
    rows = pd.read_csv(tmp_path / "comparison.csv").set_index("model")
    assert list(rows.index) == ["random_forest", "mlp"]
    assert (rows["accuracy"] > 0.9).all()
    assert (rows["accuracy_low"] <= rows["accuracy"]).all()
    assert (rows["accuracy"] <= rows["accuracy_high"]).all()
    told = json.loads((tmp_path / "comparison.json").read_text())
    assert told["labels"] == {"cowbell": 6, "kick_drum": 6, "snare_drum": 6}
    assert len(told["models"][0]["each_seed"]) == 2


def test_only_the_named_labels_are_compared(where, tmp_path):
    chosen = ("--labels", "kick_drum,snare_drum", "--models", "random_forest", "--folds", 2)
    done = timbre("compare", *chosen, "--out", tmp_path, *where)
    assert done.exit_code == 0, done.output
    assert "12 clips of 6 groups" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere",), "has no nowhere. It has lone, machines, other."),
        (("--labels", "kick_drum,tuba"), "There are clips of several groups of 1 of these labels"),
        (("lone", "--labels", "tom"), "There are clips of several groups of 0 of these labels"),
        (("--folds", "9"), "6 groups cannot be divided into 9 folds"),
        (("--models", "oracle"), "no model oracle; choose of random_forest, mlp, cnn"),
        (("--folds", "1"), "Invalid value for '--folds'"),
        (("--seeds", "0"), "Invalid value for '--seeds'"),
        (("--threads", "0"), "Invalid value for '--threads'"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(where, tmp_path, arguments, sentence):
    done = timbre("compare", *arguments, "--out", tmp_path, *where)
    assert done.exit_code != 0
    assert sentence in " ".join(done.output.split())
    assert not list(tmp_path.iterdir())


def test_a_label_of_one_group_cannot_be_learned_and_tested(where, tmp_path):
    done = timbre("compare", "--models", "random_forest", "--folds", 2, "--out", tmp_path, *where)
    assert done.exit_code == 0, done.output
    assert "Left out, since all of its clips are of one group: tom." in done.stderr
    told = json.loads((tmp_path / "comparison.json").read_text())
    assert (told["left_out"], list(told["labels"])) == (["tom"], sorted(FREQUENCY_HZ))


def test_an_empty_table_is_one_sentence(tmp_path):
    done = timbre("compare", "--table", tmp_path, "--decoded", tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "There is no table of clips" in done.output


def test_choices_are_those_that_there_are():
    assert tuple(CONTENDERS) == MODELS
