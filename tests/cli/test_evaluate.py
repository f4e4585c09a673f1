"""`timbre evaluate` as a person types it, on a few sounds with a row of the table each."""

import csv
import json
import shutil
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from sklearn import metrics as reference

from timbre.cli import main
from timbre.cli.evaluate import POOLINGS, PROTOCOL_NAMES
from timbre.cli.tag import tag_file
from timbre.data.clips import Truth
from timbre.data.datasets import irmas, openmic2018
from timbre.data.label_maps import partial_truth
from timbre.data.table import COLUMNS, read_table, write_table
from timbre.files import file_sha256
from timbre.models.clip_probabilities import Pooling
from timbre.models.protocols import PROTOCOLS
from timbre.models.tagger import Tagger
from timbre.taxonomy import BY_ID, OPENMIC

RATE_HZ = 32_000
N_CLIPS = 6
LEAVES = ("voice", "piano")


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def row(path: Path, dataset: str, truth: Truth, group: str) -> dict:
    return dict.fromkeys(COLUMNS, "") | {
        "clip_id": f"{dataset}:{path.name}", "path": path.name, "dataset": dataset, "group": group,
        "present": list(truth.present), "absent": list(truth.absent),
        "any_of": ["|".join(group) for group in truth.any_of], "split": "test", "license": "CC0",
        "duration_s": 2.0, "sha256": file_sha256(path), "root": str(path.parent), "kind": "mix",
        "shippable": True, "key": -1,
    }  # fmt: skip


@pytest.fixture(scope="module")
def sounds(tmp_path_factory) -> list[Path]:
    """Noise of different colours, which the tiny model answers differently."""
    folder, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(0)
    paths = []
    for number in range(N_CLIPS):
        spectrum = np.fft.rfft(rng.standard_normal(int(2.5 * RATE_HZ)))
        spectrum *= np.exp(rng.normal(0, 2, 6)).repeat(-(-len(spectrum) // 6))[: len(spectrum)]
        noise = np.fft.irfft(spectrum)
        path = folder / f"clip{number}.wav"
        sf.write(path, 0.3 * noise / np.abs(noise).max(), RATE_HZ)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def tagged_table(sounds, tiny_model, tmp_path_factory) -> Path:
    """Three data sets of the same sounds: one's own, OpenMIC's and IRMAS's kind of truth."""
    folder, rows = tmp_path_factory.mktemp("table"), []
    for number, path in enumerate(sounds):
        leaf, group = LEAVES[number % 2], f"player{number // 2}"
        rows.append(row(path, "mine", Truth((leaf,), tuple(sorted({*BY_ID} - {leaf}))), group))
        heard, not_heard = (("guitar", "piano"), ("voice",)) if number % 2 else (("voice",), ("piano",))
        meanings = openmic2018.CLASSES
        truth = partial_truth([meanings[x] for x in heard], [meanings[x] for x in not_heard])
        rows.append(row(path, "openmic2018", truth, group))
        code = ("voi", "pia")[number % 2]
        others = [meaning for name, meaning in irmas.CLASSES.items() if name != code]
        rows.append(row(path, "irmas", partial_truth([irmas.CLASSES[code]], others), group))
    write_table(pd.DataFrame(rows), folder)
    assert evaluate(tiny_model, "mine", "--table", folder, "--level", "leaf").exit_code == 0
    return folder


@pytest.fixture
def table(tagged_table, tmp_path) -> Path:
    """A copy of the table and of what the model said of its clips."""
    return shutil.copytree(tagged_table, tmp_path / "table")


def expected_means(model: Path, sounds: list[Path], level: str) -> tuple[tuple[str, ...], np.ndarray]:
    songs = [tag_file(Tagger(model), path).at_level(level) for path in sounds]
    return songs[0].labels, np.stack([song.probabilities.mean(axis=0) for song in songs])


def test_a_data_set_is_scored_at_every_level(tiny_model, table, sounds, tmp_path):
    done = evaluate(tiny_model, "mine", "--table", table, "--json", tmp_path / "scores.json")
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "scores.json").read_text())
    assert [*result["levels"]] == ["leaf", "family", "openmic", "irmas", "nsynth"]
    assert (result["dataset"], result["split"], result["left_out"]) == ("mine", "test", [])
    for level, names in {"leaf": ("voice", "piano"), "family": ("voice", "keyboards")}.items():
        labels, means = expected_means(tiny_model, sounds, level)
        scores = result["levels"][level]
        assert (scores["clips"], scores["groups"], scores["labels_scored"]) == (N_CLIPS, N_CLIPS // 2, 2)
        for odd, name in enumerate(names):
            truth = np.arange(N_CLIPS) % 2 == odd
            values = means[:, labels.index(name)]
            own = scores["labels"][name]
            assert own["average_precision"] == pytest.approx(
                reference.average_precision_score(truth, values), abs=1e-4
            )
            assert own["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, values), abs=1e-4)
            assert own["f1"] == pytest.approx(
                reference.f1_score(truth, values >= 0.5, zero_division=0), abs=1e-4
            )
    assert "keyboards" not in done.output  # a line a level
    one = evaluate(tiny_model, "mine", "--table", table, "--level", "family")
    assert "keyboards" in one.output  # and the labels where there is one level


def test_the_greatest_second_may_count_in_the_place_of_the_mean(tiny_model, table, sounds, tmp_path):
    out = ("--level", "leaf", "--json", tmp_path / "scores.json")
    assert evaluate(tiny_model, "mine", "--table", table, "--pooling", "max", *out).exit_code == 0
    songs = [tag_file(Tagger(tiny_model), path) for path in sounds]
    values = np.array([song.probabilities[:, song.labels.index("piano")].max() for song in songs])
    scores = json.loads((tmp_path / "scores.json").read_text())["levels"]["leaf"]["labels"]["piano"]
    truth = np.arange(N_CLIPS) % 2 == 1
    assert scores["average_precision"] == pytest.approx(
        reference.average_precision_score(truth, values), abs=1e-4
    )
    assert scores["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, values), abs=1e-4)


def test_what_was_tagged_is_not_tagged_again(tiny_model, table):
    first = evaluate(tiny_model, "mine", "--table", table, "--level", "leaf")
    (log,) = (table / "tagged").iterdir()
    lines = log.read_text().splitlines()
    assert len(lines) == N_CLIPS + 1
    log.write_text("\n".join(lines[:4]) + "\n" + lines[4][:30])  # as an interruption leaves it
    again = evaluate(tiny_model, "mine", "--table", table, "--level", "leaf")
    assert again.stdout == first.stdout
    assert log.read_text().splitlines()[:4] == lines[:4]
    whole = {line for line in log.read_text().splitlines() if line.endswith("}")}
    assert whole == set(lines[1:])  # each clip once, though the cut line was written anew
    before = log.read_text()
    assert (
        evaluate(tiny_model, "all", "--table", table, "--level", "leaf").exit_code == 0
    )  # the same files by other names
    assert log.read_text() == before


def test_a_file_that_cannot_be_tagged_is_named_and_left_out(tiny_model, table, sounds, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("a letter")
    rows = read_table(table)
    mine = rows[rows["dataset"] == "mine"]
    spoiled = pd.concat([mine, pd.DataFrame([row(bad, "mine", Truth(("voice",), ()), "nobody")])])
    write_table(spoiled, table)
    done = evaluate(tiny_model, "mine", "--table", table, "--json", tmp_path / "scores.json")
    assert done.exit_code == 0, done.output
    assert "Left out: bad.wav: This file is not audio." in done.stderr
    assert json.loads((tmp_path / "scores.json").read_text())["levels"]["leaf"]["clips"] == N_CLIPS


def test_a_file_that_was_changed_since_the_table_was_made_is_left_out(tiny_model, table, sounds, tmp_path):
    changed = tmp_path / "changed.wav"
    sf.write(changed, np.zeros(RATE_HZ), RATE_HZ)
    old = row(changed, "mine", Truth(("voice",), ()), "nobody")
    changed.write_bytes(sounds[0].read_bytes())
    rows = read_table(table)
    write_table(pd.concat([rows[rows["dataset"] == "mine"], pd.DataFrame([old])]), table)
    done = evaluate(tiny_model, "mine", "--table", table)
    assert "Left out: changed.wav: It was changed since the table was made." in done.stderr


def test_the_openmic_protocol_stands_beside_what_was_published(tiny_model, table, sounds, tmp_path):
    protocol = ("openmic2018", "--protocol", "openmic", "--table", table, "--json", tmp_path / "scores.json")
    done = evaluate(tiny_model, *protocol)
    assert done.exit_code == 0, done.output
    assert "0.855" in done.output
    assert "0.784" in done.output
    assert "Not comparable: the published figures are of 5085 clips." in done.output
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert {*scores["labels"]} == {*OPENMIC}
    asked = {label: own["positives"] + own["negatives"] for label, own in scores["labels"].items()}
    assert {label for label, n in asked.items() if n} == {"guitar", "piano", "voice"}
    labels, means = expected_means(tiny_model, sounds, "openmic")
    odd = np.arange(N_CLIPS) % 2 == 1
    assert asked["voice"] == asked["piano"] == N_CLIPS
    precisions = [
        reference.average_precision_score(odd, means[:, labels.index("piano")]),
        reference.average_precision_score(~odd, means[:, labels.index("voice")]),
    ]  # not the guitar: asked only where it was heard, it is above nothing
    assert scores["map"] == pytest.approx(np.mean(precisions), abs=1e-4)


def test_the_irmas_protocol_stands_beside_what_was_published(tiny_model, table, sounds, tmp_path):
    done = evaluate(
        tiny_model, "irmas", "--protocol", "irmas", "--table", table, "--json", tmp_path / "scores.json"
    )
    assert done.exit_code == 0, done.output
    assert "Han et al. 2016" in done.output
    assert "relative to the greatest of each clip" in done.output
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    labels, means = expected_means(tiny_model, sounds, "irmas")
    truth = np.zeros_like(means, dtype=bool)
    truth[0::2, labels.index("voi")] = True
    truth[1::2, labels.index("pia")] = True
    expected = reference.f1_score(truth, means >= 0.5, average="micro", zero_division=0)
    assert scores["f1_micro"] == pytest.approx(expected, abs=1e-4)
    assert scores["clips"] == N_CLIPS


def test_rendered_windows_are_scored_too(tiny_model, tmp_path):
    folder, rng = tmp_path / "windows" / "test", np.random.default_rng(0)
    folder.mkdir(parents=True)
    labels = ["voice", "electric_piano", "piano"]
    log_mel = rng.normal(-40, 5, (20, 128, 300)).astype(np.float16)
    targets = (rng.random((20, 3)) < 0.4).astype(np.uint8)
    known = np.ones((20, 3), np.uint8)
    for kind, values in {"log_mel": log_mel, "targets": targets, "known": known}.items():
        np.save(folder / f"{kind}_00000.npy", values)
    (folder / "labels.json").write_text(json.dumps(labels))
    out = tmp_path / "scores.json"
    done = evaluate(tiny_model, "windows", "--windows", tmp_path / "windows", "--json", out)
    assert done.exit_code == 0, done.output
    probabilities = Tagger(tiny_model).probabilities(log_mel.astype(np.float32))
    levels = json.loads(out.read_text())["levels"]
    pianos = targets[:, 1:].any(axis=1)
    expected = reference.average_precision_score(pianos, probabilities[:, 3])
    assert levels["openmic"]["labels"]["piano"]["average_precision"] == pytest.approx(expected, abs=1e-4)
    assert levels["leaf"]["labels"]["violin"]["positives"] == 0
    assert levels["leaf"]["labels"]["violin"]["negatives"] == 0  # these windows know of no violin


def test_a_split_without_windows_is_one_sentence(tiny_model, tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "labels.json").write_text('["voice"]')
    done = evaluate(tiny_model, "windows", "--windows", tmp_path)
    assert done.exit_code == 1
    assert "holds no windows" in done.output


def test_a_folder_with_a_manifest_is_compared_with_another_tagger(tiny_model, sounds, tmp_path):
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "present", "absent", "kind"])
        for path in sounds[:2]:
            (tmp_path / path.name).write_bytes(path.read_bytes())
            writer.writerow([path.name, "piano", "others", "solo"])
    done = evaluate(tiny_model, tmp_path, "--json", tmp_path / "result.json")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "result.json").read_text())["files"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence", "status"),
    [
        (("nothing",), "The table has no data set nothing", 1),
        (("mine", "--split", "validation"), "mine has no clip in validation", 1),
        (("mine", "--protocol", "irmas"), "scores irmas, --split test", 2),
        (("./no/such/folder",), "holds no manifest.csv", 1),
        (("windows", "--windows", "/nowhere"), "holds no windows", 1),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(tiny_model, table, arguments, sentence, status):
    done = evaluate(tiny_model, *arguments, "--table", table)
    assert done.exit_code == status
    assert sentence in " ".join(done.output.split())


def test_the_choices_of_the_command_are_all_there_are():
    assert tuple(PROTOCOLS) == PROTOCOL_NAMES
    assert get_args(Pooling) == POOLINGS
