import json
from dataclasses import replace

import pytest

from timbre.models.card import model_card
from timbre.models.card_instruments import instrument_table
from timbre.models.checkpoint import CheckpointConfig, load_config
from timbre.paths import DEFAULT_MODEL_DIR
from timbre.taxonomy import INSTRUMENTS

NOTHING = {"sources": 0, "groups": 0, "clips": 0, "minutes": 0.0}
LEARNED = {
    "tuba": {"recordings": NOTHING, "renderings": NOTHING},
    "viola": {"recordings": NOTHING, "renderings": {"sources": 2, "groups": 8, "clips": 90, "minutes": 9.0}},
    "violin": {
        "recordings": {"sources": 3, "groups": 7, "clips": 40, "minutes": 12.25},
        "renderings": {"sources": 1, "groups": 4, "clips": 50, "minutes": 5.5},
    },
}
MIXES = {
    "tuba": {"average_precision": None, "average_precision_interval": [None, None], "f1": None},
    "viola": {"average_precision": 0.25, "average_precision_interval": [0.2, 0.31], "f1": 0.2},
    "violin": {"average_precision": 0.9, "average_precision_interval": [0.85, 0.94], "f1": 0.8},
}
VALIDATION = {
    "violin": {"clips": 3, "groups": 1, "top1": 0.6667, "taken_for": {"tuba": 1}},
}
TEST = {
    "violin": {"clips": 9, "groups": 2, "top1": 0.2222, "taken_for": {"viola": 4, "tuba": 2, "oboe": 1}},
}
FONT = {
    "viola": {"clips": 4, "groups": 4, "top1": 1.0, "taken_for": {}},
    "violin": {"clips": 8, "groups": 8, "top1": 0.0, "taken_for": {"oboe": 6, "viola": 1, "cello": 1}},
}
METRICS = {
    "learned_by_label": LEARNED,
    "validation_mixes": {"labels": MIXES},
    "test_mixes": {"labels": MIXES},
    "solo_validation_recordings": {"labels": VALIDATION},
    "solo_test_recordings": {"labels": TEST},
    "solo_held_out_soundfont": {"labels": FONT},
}


@pytest.fixture(scope="module")
def shipped() -> CheckpointConfig:
    return load_config(DEFAULT_MODEL_DIR)


@pytest.fixture
def config(shipped) -> CheckpointConfig:
    return replace(shipped, labels=("tuba", "viola", "violin"), experimental=("tuba",), init=None)


def rows(text: str) -> list[list[str]]:
    """Cells of the table's lines, the head first."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines]


def test_a_row_says_what_was_learned_how_well_and_what_it_is_taken_for(config):
    _, violin, viola, _ = rows(instrument_table(config, METRICS, "mixes"))
    precision = "0.900 (0.850 to 0.940)"
    mistakes = "Oboe 7, Viola 5, Tuba 3"  # over all three parts; a cello once is the fourth
    right = ["4 of 12 (3 groups)", "0 of 8 (8 groups)"]
    assert violin == ["Violin", "12.25 (3, 7)", "5.5 (1)", precision, precision, *right, mistakes]
    assert viola[1:3] == ["none", "9 (2)"]
    assert viola[-3:] == ["not tested", "4 of 4 (4 groups)", "none"]


def test_what_was_not_held_out_is_not_tested_rather_than_wrong(config):
    *_, tuba = rows(instrument_table(config, METRICS, "mixes"))
    assert tuba == ["Tuba (experimental)", "none", "none", *["not tested"] * 5]


def test_equal_mistakes_stand_in_the_order_of_the_instruments(config):
    taken = {"tuba": 2, "violin": 1, "piano": 2, "cello": 2, "flute": 2}
    font = {"viola": {"clips": 9, "groups": 1, "top1": 0.0, "taken_for": taken}}
    metrics = {**METRICS, "solo_held_out_soundfont": {"labels": font}}
    viola = rows(instrument_table(config, metrics, "mixes"))[2]
    assert viola[-2:] == ["0 of 9 (1 group)", "Cello 2, Piano 2, Flute 2"]


def test_what_the_first_model_had_learned_from_is_not_made_up(config):
    began = replace(config, init="first@12345678")
    text = " ".join(instrument_table(began, METRICS, "mixes").split())
    assert "What first@12345678 had learned from came before it and is not counted by instrument." in text
    assert "came before" not in instrument_table(config, METRICS, "mixes")


def test_a_model_of_clips_has_no_column_of_soundfonts(config):
    recorded = {label: {**one, "renderings": NOTHING} for label, one in LEARNED.items()}
    metrics = {
        "learned_by_label": recorded,
        "validation_mixes": {"labels": MIXES},
        "test_mixes": {"labels": MIXES},
    }
    text = instrument_table(config, metrics, "clips")
    head, violin, *_ = rows(text)
    assert head[1:] == ["minutes recorded (sources, groups)", "AP in test clips", "AP in validation clips"]
    assert len(violin) == len(head)
    assert "amed right" not in text


def test_the_card_of_an_earlier_version_leaves_out_what_its_metrics_lack(shipped):
    metrics = json.loads((DEFAULT_MODEL_DIR / "metrics.json").read_text())
    metrics.pop("learned_by_label", None)
    for name in ("validation_mixes", "test_mixes"):
        for one in metrics[name]["labels"].values():
            one.pop("average_precision_interval", None)
    for name in ("solo_validation_recordings", "solo_test_recordings", "solo_held_out_soundfont"):
        for one in metrics[name]["labels"].values():
            one.pop("groups", None)
    section = model_card(shipped, metrics).split("## Every instrument")[1].split("## Limits")[0]
    head, *instruments = rows(section)
    assert [row[0].removesuffix(" (experimental)") for row in instruments] == [
        one.name for one in INSTRUMENTS if one.id in shipped.labels
    ]
    assert all(len(row) == len(head) for row in instruments)
    voice, stated = instruments[0], metrics["test_mixes"]["labels"]["voice"]["average_precision"]
    assert voice[1] == f"{stated:.3f}"
    assert "Minutes are" not in section
    assert "group" not in voice[3]
