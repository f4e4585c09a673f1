import json
from dataclasses import replace

import pytest

from timbre.models.card import model_card
from timbre.models.checkpoint import CheckpointConfig, load_config
from timbre.paths import DEFAULT_MODEL_DIR


@pytest.fixture(scope="module")
def shipped() -> tuple[CheckpointConfig, dict]:
    return load_config(DEFAULT_MODEL_DIR), json.loads((DEFAULT_MODEL_DIR / "metrics.json").read_text())


def card(shipped, *sources: dict) -> str:
    config, metrics = shipped
    trained_on = [{"minutes": 1.0, "clips": 7, **source} for source in sources]
    return model_card(replace(config, trained_on=tuple(trained_on)), metrics)


def test_front_matter_and_text_state_one_licence(shipped):
    text = card(shipped, {"source": "irmas", "license": "CC BY-NC-SA 3.0"}, {"source": "b", "license": "CC0"})
    front = text.split("---")[1]
    assert "license: other\nlicense_name: non-commercial\n" in front
    assert "non-commercial use only, as recordings of irmas are" in text
    free = card(shipped, {"source": "a", "license": "CC BY-SA 3.0"}, {"source": "b", "license": "CC0"})
    assert "license: cc-by-sa-3.0\n" in free


def test_hundreds_of_licences_are_a_line(shipped):
    licenses = {f"own terms {n}": 200 - n for n in range(200)}
    text = card(shipped, {"source": "freesound", "licenses": licenses})
    (line,) = [line for line in text.splitlines() if line.startswith("| freesound")]
    assert line == (
        "| freesound | 1 | 7 | own terms 0 (200), own terms 1 (199), own terms 2 (198), own terms 3 (197) "
        "and 196 more |"
    )


def test_own_folders_of_unknown_licence_are_named(shipped):
    text = card(shipped, {"source": "my_samples", "license": "not stated"})
    assert "| my_samples | 1 | 7 | not stated |" in text
    assert "The licences of my_samples are not stated." in text


def test_a_model_of_clips_does_not_speak_of_mixes(shipped):
    config, metrics = shipped
    of_clips = {**metrics, "learned_from": "clips"}
    of_clips["test_mixes"] = {**metrics["test_mixes"], "quiet_without_instrument": None}
    text = model_card(config, without(without(of_clips, "solo_"), "learned_by_label"))
    assert "Clips of these sources as they are" in text
    assert "Windows of held-out clips:" in text
    assert "none scored" in text  # no clip was without an instrument
    for words in (
        "mixed by a program",
        "Mixes",
        "oundfonts",
        "One instrument at a time",
        "indexing a library",
    ):
        assert words not in text


def without(metrics: dict, prefix: str) -> dict:
    return {name: value for name, value in metrics.items() if not name.startswith(prefix)}


def test_only_a_model_that_heard_soundfonts_speaks_of_them(shipped):
    config, metrics = shipped
    assert "a held-out soundfont and held-out recordings" in model_card(config, metrics)
    text = model_card(config, without(metrics, "solo_held_out_soundfont"))
    assert "held-out soundfont" not in text
    assert "rendered by this project" not in text


def test_what_was_inherited_stands_beside_what_was_learned(shipped):
    config, metrics = shipped
    source = {"source": "irmas", "minutes": 2.0, "clips": 3, "license": "CC BY-NC-SA 3.0"}
    began = replace(config, init="first@12345678", trained_on=({**source, "through": "first@12345678"},))
    text = model_card(began, metrics)
    assert "| irmas, through first@12345678 | 2 | 3 |" in text
    assert "Training began with the weights of first@12345678" in text
    assert "non-commercial" in text


@pytest.mark.parametrize(
    ("n", "sentence"),
    [
        (None, "Nobody compared these groups with what first@12345678 had learned from"),
        (2, "first@12345678 had learned from 2 of these groups."),
        (0, "first@12345678 had learned from none of these groups either."),
    ],
)
def test_what_the_scores_owe_to_earlier_weights_is_said(shipped, n, sentence):
    config, metrics = shipped
    text = model_card(replace(config, init="first@12345678"), {**metrics, "groups_learned_before": n})
    assert sentence in " ".join(text.split())


def test_what_was_learned_from_again_and_again_is_listed_once(shipped):
    through = [
        {"source": name, "licenses": {"CC0": n, "CC BY 4.0": 1}, "through": f"first@{n}"}
        for name, n in (("a", 2), ("b", 3), ("b", 4))
    ]
    text = card(shipped, {"source": "a", "licenses": {"CC BY 4.0": 1, "CC0": 9}}, *through)
    rows = [line.split(" | ")[0] for line in text.splitlines() if " | 1 | 7 | CC" in line]
    assert rows == ["| a", "| b, through first@3"]


def test_groups_have_a_table_and_what_is_not_scored_no_number(shipped):
    config, metrics = shipped
    unscored = dict.fromkeys(("map", "lrap", "f1_macro", "f1_micro"))
    groups = {"flute|recorder": {"positives": 7, "average_precision": 0.25, "roc_auc": None}}
    told = {**metrics, "test_mixes": {**metrics["test_mixes"], **unscored}, "test_groups": groups}
    text = model_card(config, told)
    assert "| Flute or Recorder | 7 | 0.250 |" in text
    test = metrics["test_mixes"]
    error = test["calibration_error"]
    n_labels = sum(one["average_precision"] is not None for one in test["labels"].values())
    assert f"| test | {test['windows']} | {n_labels} | none | none | none | none | {error:.3f} |" in text
    assert "one of several sounds" not in model_card(config, metrics)


def test_few_recordings_that_validate_are_said(shipped):
    config, metrics = shipped
    assert "Of single recordings only those of Voice validated" in " ".join(
        model_card(config, metrics).split()
    )
    many = dict.fromkeys(config.labels[:20], metrics["solo_validation_recordings"]["labels"]["voice"])
    validated = {**metrics["solo_validation_recordings"], "labels": many}
    assert "validated:" not in model_card(config, {**metrics, "solo_validation_recordings": validated})


def test_one_group_has_no_interval(shipped):
    config, metrics = shipped
    alone = {**metrics["solo_test_recordings"], "groups": 1}
    text = model_card(config, {**metrics, "solo_test_recordings": alone})
    (line,) = [line for line in text.splitlines() if line.startswith("| test recordings")]
    assert line.count("(one group)") == 3
    assert " to " not in line
