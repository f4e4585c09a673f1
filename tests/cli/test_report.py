"""`timbre report` and `timbre compare-runs` as a person types them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from report_miniature import make_run

from timbre.cli import main
from timbre.models.trainer import RUN_FILE
from timbre.visualization import report_run
from timbre.visualization.report import Places


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def places(tmp_path_factory, tiny_model) -> Places:
    return make_run(tmp_path_factory.mktemp("run"), tiny_model)


@pytest.fixture
def other(places, tmp_path) -> Path:
    """A checkpoint that is better at two labels by 0.1 each, worse at one by 0.02, and else as good."""
    model = shutil.copytree(places.model, tmp_path / "other")
    metrics = json.loads((model / "metrics.json").read_text())
    labels = metrics["test_mixes"]["labels"]
    for name, gain in {"voice": 0.1, "violin": 0.1, "flute": -0.02}.items():
        labels[name]["average_precision"] += gain
    metrics["test_mixes"]["map"] += 0.03
    (model / "metrics.json").write_text(json.dumps(metrics))
    return model


def edit_metrics(model: Path, change) -> None:
    metrics = json.loads((model / "metrics.json").read_text())
    change(metrics)
    (model / "metrics.json").write_text(json.dumps(metrics))


def test_a_page_that_may_be_published_and_its_figures(places, tmp_path):
    done = timbre(
        "report", "--model", places.model, "--run", places.run_dir, "--windows", places.windows_dir,
        "--table", places.table_dir, "--decoded", places.decoded_dir,
        "--out", tmp_path / "new" / "page.html", "--figures", tmp_path / "figures", "--no-audio",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Left out" not in done.stderr
    page = (tmp_path / "new" / "page.html").read_text()
    assert "The surest mistakes" in page
    assert "<audio" not in page
    assert ".wav" not in page  # nor the names of the recordings
    assert len(list((tmp_path / "figures").iterdir())) == 5


def test_what_is_missing_is_said_at_once(places, tmp_path):
    nothing = tmp_path / "nothing"
    out = ("--out", tmp_path / "page.html", "--figures", tmp_path / "figures")
    done = timbre("report", "--model", places.model, "--run", nothing, "--windows", nothing, *out)
    assert done.exit_code == 0, done.output
    assert "Left out: " in done.stderr
    assert "holds no windows" in done.stderr
    assert (tmp_path / "page.html").exists()


def test_checkpoints_of_the_same_windows_are_paired_by_label(places, other, tmp_path):
    done = timbre("compare-runs", places.model, other, "--json", tmp_path / "runs.json")
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "runs.json").read_text())
    (pair,) = result["pairs"]
    paired = pair["by_label"]["test"]
    assert paired["labels"] == 6
    assert paired["better"] == 2
    assert paired["difference"] == pytest.approx(np.mean([0.1, 0.1, -0.02, 0, 0, 0]), abs=1e-4)
    low, high = paired["interval"]
    assert -0.02 <= low < paired["difference"] < high <= 0.1
    assert pair["differences"]["test map"] == pytest.approx(0.03)
    assert pair["differences"]["validation map"] == 0
    assert pair["unlike"] == []
    assert "(+0.030)" in done.output
    assert "Warning" not in done.output


@pytest.mark.parametrize(
    "change",
    [
        lambda metrics: metrics["test_mixes"].update(windows=9),
        lambda metrics: metrics["test_mixes"]["labels"]["voice"].update(positives=3),
    ],
)
def test_scores_of_other_windows_are_not_paired(places, other, change):
    edit_metrics(other, change)
    done = timbre("compare-runs", places.model, other)
    assert done.exit_code == 0, done.output
    assert "test: not paired" in done.output
    assert "validation: average precision +0.000" in done.output
    assert "Warning: of different sound or labels: test_mixes." in done.output


def test_other_labels_are_paired_where_both_have_them(places, other):
    edit_metrics(other, lambda metrics: metrics["test_mixes"]["labels"].pop("piano"))
    done = timbre("compare-runs", places.model, other)
    assert "of 5 labels; paired by label" in done.output
    assert "Warning: of different sound or labels: test_mixes." in done.output


def test_a_run_stands_beside_a_checkpoint(places, tmp_path):
    done = timbre("compare-runs", places.model, places.run_dir, "--json", tmp_path / "runs.json")
    assert done.exit_code == 0, done.output
    _, run = json.loads((tmp_path / "runs.json").read_text())["contenders"]
    assert run["scores"] == {"validation map": 0.7, "validation lrap": 0.75}  # of the best epoch
    assert (run["facts"]["seed"], run["facts"]["epochs_done"]) == (7, 3)
    assert "not paired" in done.output


@pytest.mark.parametrize(
    ("names", "sentence", "status"),
    [
        (["model"], "at least two folders", 2),
        (["model", "nowhere"], "does not exist", 2),
        (["model", "table"], "holds neither a checkpoint nor a run", 1),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(places, names, sentence, status):
    done = timbre("compare-runs", *(places.model.parent / name for name in names))
    assert done.exit_code == status
    assert sentence in " ".join(done.output.split())


def test_the_file_of_a_run_has_one_name():
    assert report_run.RUN_FILE == RUN_FILE
