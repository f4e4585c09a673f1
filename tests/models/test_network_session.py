"""A network takes its weights from the file beside it, and from no other."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from stored_beside import state_digests, store_beside

from timbre.errors import TimbreError
from timbre.models.tagger import Tagger

WINDOWS = np.random.default_rng(0).normal(-30, 10, (3, 128, 300)).astype(np.float32)


@pytest.fixture
def folder(tiny_model, tmp_path) -> Path:
    """The tiny model, two folders deep."""
    return shutil.copytree(tiny_model, tmp_path / "models" / "tiny")


@pytest.mark.parametrize("nested", [False, True], ids=["graph", "nested graph"])
def test_the_weights_are_those_of_the_file_beside_it(tiny_model, folder, nested):
    store_beside(folder, nested=nested)
    np.testing.assert_array_equal(Tagger(folder).logits(WINDOWS), Tagger(tiny_model).logits(WINDOWS))


def test_without_that_file_it_is_refused_with_what_to_do(folder):
    store_beside(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(TimbreError) as refused:
        Tagger(folder)
    assert refused.value.as_dict() == {
        "code": "bad_checkpoint",
        "message": "The folder tiny holds no model.safetensors, where the model's weights are.",
        "hint": "Put it beside model.onnx.",
    }


@pytest.mark.parametrize("nested", [False, True], ids=["graph", "nested graph"])
@pytest.mark.parametrize(
    "location", ["../other", "../../other", "sub/../../other", "{root}/other", "link", "sub/link"]
)
def test_no_file_outside_the_folder_is_opened(folder, tmp_path, location, nested):
    store_beside(folder, location.format(root=tmp_path), nested=nested)
    (folder / "sub").mkdir()
    for parent in (tmp_path, folder.parent):  # what is refused would be there and would do
        shutil.copy(folder / "model.safetensors", parent / "other")
    for link in (folder / "link", folder / "sub" / "link"):
        link.symlink_to(tmp_path / "other")
    with pytest.raises(TimbreError, match="network cannot be read"):
        Tagger(folder)


def test_another_file_of_the_folder_will_not_do(folder):
    store_beside(folder, "other")
    shutil.copy(folder / "model.safetensors", folder / "other")
    with pytest.raises(TimbreError, match="network cannot be read"):
        Tagger(folder)


def test_weights_shorter_than_the_network_says_are_refused(folder):
    store_beside(folder)
    stored = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(stored[:-4])
    state_digests(folder)
    with pytest.raises(TimbreError, match="network cannot be read"):
        Tagger(folder)


def test_a_network_that_works_does_not_notice_that_its_files_are_replaced_or_emptied(folder):
    store_beside(folder)
    tagger = Tagger(folder)
    before = tagger.logits(WINDOWS)
    for name in ("model.onnx", "model.safetensors"):
        (folder / name).write_bytes(b"")
    np.testing.assert_array_equal(tagger.logits(WINDOWS), before)
    shutil.rmtree(folder)
    np.testing.assert_array_equal(tagger.logits(WINDOWS), before)
