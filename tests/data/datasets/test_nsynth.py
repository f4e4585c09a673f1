import json

import pytest

from timbre.errors import TimbreError


def note(family: str, source: str, number: str) -> dict[str, str]:
    return {
        "instrument_family_str": family,
        "instrument_source_str": source,
        "instrument_str": f"{family}_{source}_{number}",
    }


def test_family_and_source_and_side(write, clips_of):
    notes = {
        "train": {
            "bass_synthetic_033-022-050": note("bass", "synthetic", "033"),
            "guitar_acoustic_015-024-127": note("guitar", "acoustic", "015"),
            "synth_lead_synthetic_000-060-100": note("synth_lead", "synthetic", "000"),
        },
        "test": {"organ_electronic_001-060-100": note("organ", "electronic", "001")},
    }
    for part, facts in notes.items():  # the valid part was not fetched
        write(f"nsynth-{part}/examples.json", json.dumps(facts))
    clips = clips_of("nsynth")
    bass = clips["bass_synthetic_033-022-050.wav"]
    assert (bass.truth.present, bass.truth.any_of) == (("synth_bass",), ())
    assert (bass.path, bass.part) == ("nsynth-train/audio/bass_synthetic_033-022-050.wav", "train")
    assert (bass.group, bass.kind) == ("nsynth/bass_synthetic_033", "note")
    guitar = clips["guitar_acoustic_015-024-127.wav"].truth
    assert (guitar.present, guitar.any_of) == ((), (("acoustic_guitar", "ukulele"),))
    assert "electric_guitar" in guitar.absent
    assert "ukulele" not in guitar.absent
    assert clips["synth_lead_synthetic_000-060-100.wav"].truth.present == ("synth_lead",)
    assert clips["organ_electronic_001-060-100.wav"].part == "test"


@pytest.mark.parametrize("content", ["[]", '{"a": {}}', '{"a": null}', "{"])
def test_a_list_of_another_form_is_told(write, clips_of, content):
    write("nsynth-train/examples.json", content)
    with pytest.raises(TimbreError, match=r"does not have the form of NSynth|is not JSON") as caught:
        clips_of("nsynth")
    assert caught.value.code == "bad_table"
