"""What all the data sets have in common: names, order, and labels that mean something."""

import ast
import inspect
from pathlib import Path

import pytest

from timbre.data.datasets import DATA_SETS, DEFAULT, MODULES
from timbre.data.label_maps import LEAVES
from timbre.taxonomy import BY_ID, OPENMIC

NAMES = ("TITLE", "HOME", "REMOTES", "LICENSE", "CITATION", "N_CLIPS", "CLASSES", "read")
FSDKAGGLE_INSTRUMENTS = (
    "Acoustic_guitar", "Bass_drum", "Cello", "Chime", "Clarinet", "Cowbell", "Double_bass", "Electric_piano",
    "Flute", "Glockenspiel", "Gong", "Harmonica", "Hi-hat", "Oboe", "Saxophone", "Snare_drum", "Tambourine",
    "Trumpet", "Violin_or_fiddle",
)  # fmt: skip


def public_names(module) -> tuple[str, ...]:
    """What a module defines for others, in the order of its text."""
    names = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.AnnAssign):
            names.append(node.target.id)
        elif isinstance(node, ast.Assign):
            names.append(node.targets[0].id)
    return tuple(name for name in names if not name.startswith("_"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_module_says_the_same_things_in_the_same_order(module):
    assert public_names(module) == NAMES
    for word in ("licence:", "- truth:", "split", "group"):
        assert word in module.__doc__.lower()
    assert Path(module.__file__).stem in DATA_SETS


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=lambda data_set: data_set.name)
def test_every_label_means_leaves_that_exist(data_set):
    assert data_set.classes
    for label, meaning in data_set.classes.items():
        named = (*meaning.present, *meaning.any_of, *meaning.open)
        assert set(named) <= set(BY_ID), label
        assert len(meaning.any_of) != 1, label  # one of one is that one


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=lambda data_set: data_set.name)
def test_what_can_be_fetched_is_addressed_and_licensed(data_set):
    assert data_set.license
    assert data_set.citation
    assert data_set.home.startswith("https://")
    for remote in data_set.remotes:
        assert remote.address.startswith(("zenodo:", "kaggle:", "https://"))
        assert remote.size_bytes > 0
    assert bool(data_set.remotes) == (data_set.name != "freesound")


def test_the_published_labels_are_all_there():
    assert set(DEFAULT) <= set(DATA_SETS)
    fsdkaggle = DATA_SETS["fsdkaggle2018"].classes
    assert len(fsdkaggle) == 41
    assert {label for label, meaning in fsdkaggle.items() if meaning.present} == set(FSDKAGGLE_INSTRUMENTS)
    assert tuple(DATA_SETS["openmic2018"].classes) == OPENMIC
    assert len(DATA_SETS["irmas"].classes) == 11
    families = {label.rpartition("_")[0] for label in DATA_SETS["nsynth"].classes}
    assert families == {
        "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead",
        "vocal",
    }  # fmt: skip


def test_a_label_means_the_same_in_every_data_set():
    # By the names that two sources share; where one has only groups, its leaf must be in the group.
    for data_set in DATA_SETS.values():
        for label, meaning in data_set.classes.items():
            leaf = LEAVES.get(label.lower().replace("-", "_"))
            if leaf and label not in ("guitar", "bass", "synthesizer", "drums"):
                assert leaf in (*meaning.present, *meaning.any_of), (data_set.name, label)


def test_openmic_groups_agree_with_the_ontology():
    for label, meaning in DATA_SETS["openmic2018"].classes.items():
        for leaf in (*meaning.present, *meaning.any_of):
            assert BY_ID[leaf].openmic == label or (label, leaf) == ("synthesizer", "synth_bass")
