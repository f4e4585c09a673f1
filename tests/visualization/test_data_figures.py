import numpy as np
import pandas as pd
from PIL import Image

from timbre.taxonomy import BY_ID
from timbre.visualization.data_figures import draw_table


def table_of(leaves: list[str]) -> pd.DataFrame:
    rows = [
        {"clip_id": f"{leaf}{n}", "dataset": f"d{n}", "present": [leaf] if leaf else [], "absent": [],
         "any_of": [], "split": split, "duration_s": 10.0 ** n, "license": "CC0", "group": leaf}
        for leaf in leaves
        for n, split in enumerate(("train", "validation", "test"))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def pixels_like(path, colour: str) -> int:
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(picture - wanted).max(axis=-1) < 8).sum())


def test_families_have_their_colours_and_more_instruments_more_room(tmp_path):
    few, many = tmp_path / "few.png", tmp_path / "many.png"
    draw_table(table_of(["violin", ""]), few)
    draw_table(table_of(list(BY_ID)), many)
    assert pixels_like(few, BY_ID["violin"].colour) > 50
    assert pixels_like(few, BY_ID["piano"].colour) == 0
    assert pixels_like(many, BY_ID["piano"].colour) > 50
    assert Image.open(many).height > Image.open(few).height * 2
