import numpy as np
from PIL import Image, ImageColor

from timbre.visualization.report_confusion import OTHERS, confusion_counts, draw_confusion
from timbre.visualization.report_style import DARK, LIGHT, Drawing

SOLO = {
    "piano": {"clips": 10, "top1": 0.6, "taken_for": {"organ": 3}},
    "violin": {"clips": 3, "top1": 0.6667, "taken_for": {"viola": 1}},
    "flute": {"clips": 2, "top1": 0.0, "taken_for": {"violin": 2}},
}


def test_every_clip_is_counted_once_where_it_was_named():
    counts = confusion_counts(SOLO)
    assert [*counts.index] == ["piano", "violin", "flute"]
    assert [*counts.columns] == ["violin", "viola", "piano", "organ", "flute", OTHERS]  # the taxonomy's order
    assert counts.sum(axis=1).to_dict() == {"piano": 10, "violin": 3, "flute": 2}
    assert counts.loc["piano"].to_dict() == {
        "violin": 0, "viola": 0, "piano": 6, "organ": 3, "flute": 0, OTHERS: 1,
    }  # fmt: skip
    assert counts.loc["violin", "violin"] == 2


def test_metrics_that_name_all_have_no_others():
    whole = {"piano": {"clips": 4, "top1": 0.5, "taken_for": {"organ": 2}}}
    assert OTHERS not in confusion_counts(whole).columns


def test_a_row_that_is_all_right_is_the_full_colour(tmp_path):
    counts = confusion_counts({"piano": {"clips": 4, "top1": 1.0, "taken_for": {}}})
    picture = Drawing("confusion", "", lambda theme: draw_confusion(counts, theme)).rendered()
    for theme, png in ((LIGHT, picture.light), (DARK, picture.dark)):
        (tmp_path / "figure.png").write_bytes(png)
        pixels = np.asarray(Image.open(tmp_path / "figure.png").convert("RGB")).astype(int)
        for colour in (theme.first, theme.paper):
            assert (np.abs(pixels - ImageColor.getrgb(colour)) < 3).all(axis=-1).sum() > 100
