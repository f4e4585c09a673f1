import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from stored_beside import state_digests

from timbre.errors import TimbreError
from timbre.features.windows import Windows
from timbre.models.checkpoint import load_config
from timbre.models.initial_weights import InitialWeights, read_initial
from timbre.models.network import SIZES, CompactCnn, NetworkConfig
from timbre.models.pooling import HEADS
from timbre.models.tagger import Tagger

pytestmark = pytest.mark.timeout(400)  # a training
TINY = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 0),), head_channels=8)
LABELS = ("flute", "kick_drum", "cello", "tuba")  # another order, and one that nobody taught


@pytest.fixture(scope="module")
def model(trained) -> Path:
    return trained[0] / "model"


@pytest.fixture
def copy(model, tmp_path) -> Path:
    return shutil.copytree(model, tmp_path / "copy")


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_before_any_training_it_says_what_the_checkpoint_says(model, trained):
    initial, tagger = read_initial(model), Tagger(model)
    network = CompactCnn(len(LABELS), SIZES["small"]).eval()
    initial.put_into(network, LABELS)
    windows = Windows(trained[0] / "windows" / "clips" / "test")
    log_mel = windows.batch(np.arange(8)).astype(np.float32)
    with torch.no_grad():
        said = torch.sigmoid(network(torch.from_numpy(log_mel))).numpy()
    served = 1 / (1 + np.exp(-tagger.logits(log_mel)))
    for label in tagger.labels:
        ours, theirs = said[:, LABELS.index(label)], served[:, tagger.labels.index(label)]
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert initial.new_labels(LABELS) == ["kick_drum"]


@pytest.mark.parametrize("pooling", HEADS)
def test_rows_of_labels_follow_their_names_and_new_ones_stay_fresh(tiny_model, pooling):
    config = replace(load_config(tiny_model), labels=("cello", "flute", "tuba"))
    torch.manual_seed(0)
    first = CompactCnn(3, replace(TINY, pooling=pooling)).eval()
    network = CompactCnn(4, replace(TINY, pooling=pooling)).eval()
    fresh = {name: weights.clone() for name, weights in network.state_dict().items()}
    InitialWeights(config, first).put_into(network, LABELS)
    log_mel = torch.randn(5, 128, 300) * 10 - 60
    with torch.no_grad():
        torch.testing.assert_close(network(log_mel)[:, [2, 0, 3]], first(log_mel))
    for name, weights in network.state_dict().items():
        if name.startswith("head."):
            assert torch.equal(weights[1], fresh[name][1]), name


def test_another_network_is_refused(model):
    initial = read_initial(model)
    initial.check_network(SIZES["small"])
    with pytest.raises(TimbreError, match=r"is another network: stem_channels, .* differ"):
        initial.check_network(SIZES["base"])
    with pytest.raises(TimbreError, match="is another network: pooling differ"):
        initial.check_network(replace(SIZES["small"], pooling="attention"))


def test_another_step_in_time_will_do(model):
    initial = read_initial(model)
    mel, frames = SIZES["small"].stem_stride
    hastier = replace(SIZES["small"], stem_stride=(mel, frames + 1))
    initial.check_network(hastier)
    network = CompactCnn(len(LABELS), hastier)
    initial.put_into(network, LABELS)
    torch.testing.assert_close(network.stem.state_dict(), initial.network.stem.state_dict())
    with pytest.raises(TimbreError, match="is another network: stem_stride differ"):
        initial.check_network(replace(SIZES["small"], stem_stride=(mel * 2, frames)))


def test_labels_of_which_it_knows_none_are_refused(model):
    with pytest.raises(TimbreError, match=r"knows none of these labels\. Train without --init"):
        read_initial(model).new_labels(("piano", "organ"))


def test_another_front_end_is_refused(copy):
    front_end = {**load_config(copy).front_end, "hop_length": 512}
    edit_config(copy, front_end=front_end)
    with pytest.raises(TimbreError, match="another audio front end: hop_length differ"):
        read_initial(copy)


def test_another_context_is_refused(copy):
    edit_config(copy, context_s=2.0)
    with pytest.raises(TimbreError, match="hears 2 s at a time, not 3"):
        read_initial(copy)


def test_weights_that_are_not_those_of_the_stated_network_are_refused(copy):
    edit_config(copy, network=SIZES["base"].as_dict())
    with pytest.raises(TimbreError, match="are not those of its network"):
        read_initial(copy)


def test_the_weights_of_an_earlier_checkpoint_will_do(copy):
    weights = read_initial(copy).network.state_dict()
    halved = {name: value.half() if value.ndim > 1 else value for name, value in weights.items()}
    save_file(halved, copy / "model.safetensors")
    state_digests(copy)
    for name, value in read_initial(copy).network.state_dict().items():
        torch.testing.assert_close(value, weights[name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("what", ["no scales", "no tensors"])
def test_weights_that_are_none_are_refused(copy, what):
    path = copy / "model.safetensors"
    if what == "no scales":
        save_file({name: value for name, value in load_file(path).items() if "scale" not in name}, path)
    else:
        path.write_bytes((2).to_bytes(8, "little") + b"{}" + bytes(100))
    state_digests(copy)
    with pytest.raises(TimbreError, match="are not those of its network"):
        read_initial(copy)


def test_a_checkpoint_to_serve_alone_cannot_be_learned_on_from(tiny_model):
    with pytest.raises(TimbreError, match=r"has no model\.safetensors"):
        read_initial(tiny_model)
