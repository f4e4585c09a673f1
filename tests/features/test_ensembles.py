from pathlib import Path

import pytest

from timbre.errors import TimbreError
from timbre.features.ensembles import WILDCARD, possible, read_ensembles
from timbre.taxonomy import BY_ID

NAMES = {"jazz", "classical", "rock", "blues", "folk", "electronic", "world", "pop", WILDCARD}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_nine_can_be_formed_of_all_instruments():
    ensembles = read_ensembles()
    assert {ensemble.name for ensemble in ensembles} == NAMES
    formed, skipped = possible(ensembles, list(BY_ID))
    assert formed == ensembles
    assert skipped == []


def test_the_wildcard_takes_anything_and_makes_half_of_the_draws():
    ensembles = {ensemble.name: ensemble for ensemble in read_ensembles()}
    wildcard = ensembles.pop(WILDCARD)
    assert (wildcard.variants[0].weights_of(list(BY_ID)) > 0).all()
    assert wildcard.share == sum(ensemble.share for ensemble in ensembles.values())


def test_what_has_too_few_instruments_is_skipped_with_a_word():
    formed, skipped = possible(read_ensembles(), ["cello", "violin", "sitar", "voice"])
    variants = {ensemble.name: [variant.name for variant in ensemble.variants] for ensemble in formed}
    assert variants == {
        "classical": ["strings", "early_music"],
        "folk": ["band"],
        "world": ["raga"],
        WILDCARD: ["anything"],
    }
    said = {line.split(": ")[1].split(";")[0] for line in skipped}
    assert {"jazz", "rock", "electronic", "latin, reeds_and_drums of world"} <= said


def test_a_file_of_ones_own_is_read(tmp_path):
    path = written(tmp_path, "[duo]\nshare = 2\n[duo.spare]\nviolin = 1\npiano = 0.5\n")
    (duo,) = read_ensembles(path)
    assert (duo.name, duo.share) == ("duo", 2.0)
    assert duo.variants[0].sources is None
    assert duo.variants[0].weights_of(["piano", "flute", "violin"]).tolist() == [0.5, 0.0, 1.0]


def test_a_line_up_may_say_how_many_play(tmp_path):
    (trio,) = read_ensembles(written(tmp_path, "[trio.it]\nsources = [2, 3]\nothers = 1\n"))
    assert trio.variants[0].sources == (2, 3)
    assert trio.variants[0].weights_of(["flute"]).tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[duo.spare]\nviolin = 1\nvuvuzela = 1\n", "vuvuzela"),
        ("[duo.spare]\nviolin = -1\n", "duo.spare.violin"),
        ("[duo.spare]\nviolin = 'loud'\n", "duo.spare.violin"),
        ("[duo.spare]\nviolin = 1\nsources = 2\n", "duo.spare.sources"),
        ("[duo.spare]\nviolin = 1\nsources = [3, 2]\n", "duo.spare.sources"),
        ("[duo]\nviolin = 1\n", "duo"),
        ("duo = 1\n", "duo"),
        ("[duo\n", "my.toml"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path, text, named):
    with pytest.raises(TimbreError, match=named) as raised:
        read_ensembles(written(tmp_path, text))
    assert raised.value.code == "bad_ensembles"
