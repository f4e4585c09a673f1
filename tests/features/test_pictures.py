import numpy as np
import pandas as pd
from PIL import Image

from timbre.audio.picture import to_pixels
from timbre.features.manifest import read_plans, write_plans
from timbre.features.mixer import Mixer
from timbre.features.pictures import PICTURES_DIR, write_pictures
from timbre.features.windows import Windows, render_windows

LABELS = ("cello", "flute", "snare_drum")


def test_pictures_show_chosen_windows_and_their_labels(index, decoded, tmp_path):
    write_plans(Mixer(index[index["split"] == "train"]), 10, "train", 0, tmp_path)
    render_windows(tmp_path, decoded, LABELS)
    assert write_pictures(tmp_path, 20) == 10
    assert write_pictures(tmp_path, 4) == 4
    rows = pd.read_csv(tmp_path / PICTURES_DIR / "pictures.csv", keep_default_na=False)
    assert sorted(path.name for path in (tmp_path / PICTURES_DIR).glob("*.png")) == rows["picture"].tolist()
    assert rows["picture"].tolist() == [f"train_{n:06d}.png" for n in (0, 3, 6, 9)]

    windows, plans = Windows(tmp_path), list(read_plans(tmp_path))
    for number, row in zip((0, 3, 6, 9), rows.itertuples(), strict=True):
        with Image.open(tmp_path / PICTURES_DIR / row.picture) as picture:
            pixels = np.asarray(picture)
        np.testing.assert_array_equal(pixels, to_pixels(windows.log_mel(number).astype(np.float32)))
        said = {label for label in row.present.split(";") if label}
        assert said == {label for label, t in zip(LABELS, windows.targets[number], strict=True) if t}
        assert row.clips == ";".join(plans[number].clips)
