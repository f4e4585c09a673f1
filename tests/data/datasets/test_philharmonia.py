import pytest

from timbre.errors import TimbreError


def test_the_name_is_the_instrument(write, clips_of):
    write("all-samples/cor anglais/english-horn_A3_05_mezzo-forte_normal.mp3")
    write("all-samples/contrabassoon/contrabassoon_As1_1_forte_normal.mp3")
    write("all-samples/percussion/Thai gong/Thai-gong__long_forte_damped.mp3")
    write("all-samples/percussion/tenor drum/tenor-drum__phrase_forte_damped.mp3")
    clips = clips_of("philharmonia")
    horn = clips["english-horn_A3_05_mezzo-forte_normal.mp3"]
    assert (horn.truth.present, horn.kind, horn.group) == (
        ("cor_anglais",), "note", "philharmonia/english-horn",
    )  # fmt: skip
    assert clips["contrabassoon_As1_1_forte_normal.mp3"].truth.present == ("bassoon",)
    gong = clips["Thai-gong__long_forte_damped.mp3"]
    assert (gong.truth.present, gong.kind) == (("gong",), "one-shot")
    drum = clips["tenor-drum__phrase_forte_damped.mp3"]
    assert (drum.truth.present, drum.kind) == ((), "phrase")
    assert "tom" not in drum.truth.absent


def test_an_unknown_instrument_is_named(write, clips_of):
    write("all-samples/ophicleide/ophicleide_A3_1_forte_normal.mp3")
    with pytest.raises(TimbreError, match="ophicleide"):
        clips_of("philharmonia")
