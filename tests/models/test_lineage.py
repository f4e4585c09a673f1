import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from timbre.audio.front_end import FRONT_END
from timbre.data.table import TABLE_FILE
from timbre.features.soundfonts import KIND as RENDERED
from timbre.models.checkpoint import CheckpointConfig, load_config
from timbre.models.lineage import (
    FILES_OF_GROUP,
    data_digests,
    held_out_but_learned,
    inherited,
    learned_by_label,
    learned_files,
    trained_on,
)
from timbre.models.weights_license import weights_license


def test_minutes_are_of_what_was_decoded(tiny_model):
    rows = [("train", "a", 30.0, "CC0"), ("train", "a", 15.0, "CC BY 4.0"), ("train", "b", 60.0, "CC0")]
    index = pd.DataFrame([*rows, ("test", "c", 90.0, "CC0")], columns=["split", "dataset", "s", "license"])
    index["length"] = (index["s"] * FRONT_END.sample_rate_hz).astype(int)
    index["duration_s"] = 3_000.0  # of files that were cut
    first, second = trained_on(index)
    assert (first["source"], first["minutes"], second["minutes"], second["clips"]) == ("b", 1.0, 0.8, 2)
    assert second["licenses"] == {"CC0": 1, "CC BY 4.0": 1}


def test_a_label_counts_every_training_clip_that_holds_it():
    columns = ["split", "kind", "dataset", "group", "s", "present"]
    rows = [
        ("train", "note", "a", "a/violin", 30.0, ["violin"]),
        ("train", "phrase", "a", "a/duo", 15.0, ["violin", "cello"]),
        ("train", "phrase", "b", "b/violin", 60.0, np.array(["violin"])),
        ("train", "rendered", "font", "font/cello_42", 6.0, ["cello"]),
        ("train", "noise", "c", "c/rain", 90.0, []),
        ("validation", "phrase", "d", "d/cello", 90.0, ["cello"]),
    ]
    index = pd.DataFrame(rows, columns=columns)
    index["length"] = (index["s"] * FRONT_END.sample_rate_hz).astype(int)
    told = learned_by_label(index, ("violin", "cello", "tuba"))
    nothing = {"sources": 0, "groups": 0, "clips": 0, "minutes": 0.0}
    assert told == {
        "violin": {
            "recordings": {"sources": 2, "groups": 3, "clips": 3, "minutes": 1.75},
            "renderings": nothing,
        },
        "cello": {
            "recordings": {"sources": 1, "groups": 1, "clips": 1, "minutes": 0.25},
            "renderings": {"sources": 1, "groups": 1, "clips": 1, "minutes": 0.1},
        },
        "tuba": {"recordings": nothing, "renderings": nothing},
    }


def rows_of(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """(split, group, number of files), whose digests begin with the group's first letter."""
    return pd.DataFrame(
        [
            (split, group, group.partition("/")[0], "note", f"{group[0]}{n:04d}" + "0" * 59)
            for split, group, files in rows
            for n in range(files)
        ],
        columns=["split", "group", "dataset", "kind", "sha256"],
    )


def test_groups_are_known_again_by_some_of_their_files(tiny_model):
    first = rows_of(("train", "ann/violin", 20), ("test", "bob/tuba", 1))
    begun = replace(load_config(tiny_model), learned_files=learned_files(first))
    assert begun.learned_files == tuple(f"a{n:04d}0000000" for n in range(FILES_OF_GROUP))
    assert not held_out_but_learned(first, begun).any()
    then = rows_of(("train", "bob/tuba", 1), ("test", "ann's violin", 20), ("test", "cy/horn", 2))
    assert held_out_but_learned(then, begun).tolist() == [False] + [True] * 20 + [False] * 2
    assert learned_files(then, begun) == (*begun.learned_files, "b00000000000")


def test_another_ones_group_of_the_same_name_is_another(tiny_model):
    begun = replace(load_config(tiny_model), learned_files=learned_files(rows_of(("train", "mine", 3))))
    theirs = rows_of(("test", "mine", 3))
    theirs["sha256"] = "f" + theirs["sha256"].str[1:]
    assert not held_out_but_learned(theirs, begun).any()


def test_a_soundfont_that_taught_the_beginning_is_not_held_out(tiny_model):
    rows = rows_of(("train", "font/violin_40", 2), ("test", "other/violin_40", 1)).assign(kind=RENDERED)
    font = {"source": "font", "minutes": 1.0, "clips": 2, "license": "CC0"}
    begun = replace(load_config(tiny_model), learned_files=learned_files(rows), trained_on=(font,))
    assert begun.learned_files == ()  # a rendering is known by its soundfont
    assert held_out_but_learned(rows.assign(split="test"), begun).tolist() == [True, True, False]


def test_what_nobody_wrote_down_stays_unknown(tiny_model):
    unknown = replace(load_config(tiny_model), learned_files=None)
    rows = rows_of(("train", "a", 1), ("test", "b", 1))
    assert learned_files(rows, unknown) is None
    assert not held_out_but_learned(rows, unknown).any()


def learned(tiny_model, name: str, *sources: dict) -> CheckpointConfig:
    return replace(load_config(tiny_model), name=name, trained_on=sources)


def test_sources_and_licences_are_inherited_over_generations(tiny_model):
    own = {"source": "mine", "minutes": 1.0, "clips": 2, "license": "CC0"}
    strict = {"source": "irmas", "minutes": 9.0, "clips": 3, "license": "CC BY-NC-SA 3.0"}
    first = learned(tiny_model, "first", strict)
    second = learned(tiny_model, "second", own, *inherited(first))
    sources = (own, *inherited(second))
    names = [(source["source"], source.get("through")) for source in sources]
    assert names == [("mine", None), ("mine", second.full_name), ("irmas", first.full_name)]
    assert weights_license(sources).name == "non-commercial"


def test_a_checkpoint_that_does_not_say_what_it_learned_from_makes_the_licence_unknown(tiny_model):
    first = learned(tiny_model, "first")
    (unknown,) = inherited(first)
    assert weights_license([{"source": "mine", "license": "CC0"}, unknown]).name == "not-stated"


def test_a_digest_is_that_of_the_tables_file_and_says_what_is_missing(tmp_path):
    (tmp_path / TABLE_FILE).write_bytes(b"a table")
    digests = data_digests(tmp_path, tmp_path / "windows")
    assert digests["table"] == hashlib.sha256(b"a table").hexdigest()
    assert digests["windows"] == {"train": None, "validation": None, "test": None}
    assert data_digests(tmp_path / "nowhere", tmp_path)["table"] is None
