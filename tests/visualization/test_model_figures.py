import numpy as np
from PIL import Image

from timbre.visualization.model_figures import label_scores, learning_curve


def test_a_curve_over_the_parts_of_an_interrupted_run(tmp_path):
    for part, text in enumerate(("0,9,0.5,\n", "1,19,0.4,0.3\n")):
        folder = tmp_path / "log" / f"version_{part}"
        folder.mkdir(parents=True)
        (folder / "metrics.csv").write_text("epoch,step,train_loss,validation_map\n" + text)
    learning_curve(tmp_path, tmp_path / "curve.png")
    picture = np.asarray(Image.open(tmp_path / "curve.png").convert("RGB"))
    assert picture.std() > 5
    learning_curve(tmp_path / "nothing", tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_labels_without_a_score_leave_a_gap(tmp_path):
    labels = {"violin": {"average_precision": 0.8}, "tuba": {"average_precision": None}}
    metrics = {"validation_mixes": {"labels": labels}, "test_mixes": {"labels": labels}}
    label_scores(metrics, tmp_path / "scores.png")
    assert Image.open(tmp_path / "scores.png").size[0] > 300
