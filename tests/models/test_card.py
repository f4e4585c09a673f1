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
    text = model_card(config, of_clips)
    assert "Clips of these sources as they are" in text
    assert "mixed by a program" not in text
    assert "none scored" in text  # no clip was without an instrument
