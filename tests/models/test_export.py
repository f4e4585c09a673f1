import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from timbre.models.checkpoint import ONNX_FILE, SAFETENSORS_FILE
from timbre.models.export import PARITY_TOLERANCE, export_onnx, onnx_logits, parity_error
from timbre.models.network import SIZES, CompactCnn, NetworkConfig
from timbre.models.stored_weights import load_network, save_weights

# Wide enough at its end to have weights in 8 bits.
SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 1), (32, (2, 2), 0)), head_channels=256)
WINDOWS = np.random.default_rng(0).uniform(-100, 0, (7, 128, 300)).astype(np.float32)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A network that has seen data, stored and read again."""
    folder = tmp_path_factory.mktemp("export")
    torch.manual_seed(0)
    network = CompactCnn(5, SMALL)
    for _ in range(3):
        network(torch.rand(8, 128, 300) * 80 - 90)
    network.eval()
    save_weights(network, folder)
    loaded = load_network(folder, 5, SMALL)
    export_onnx(loaded, 3.0, folder)
    return folder, network, loaded


@pytest.mark.parametrize("batch", [1, 7])
def test_onnx_runtime_says_what_torch_says(stored, batch):
    folder, _, loaded = stored
    assert parity_error(loaded, folder, WINDOWS[:batch]) <= PARITY_TOLERANCE


def test_storage_changes_little(stored):
    _, network, loaded = stored
    windows = torch.rand(4, 128, 300) * 80 - 100
    with torch.no_grad():
        difference = torch.sigmoid(network(windows)) - torch.sigmoid(loaded(windows))
    assert 0 < difference.abs().max() < 5e-3


def test_the_weights_are_in_one_file_alone(stored):
    folder, network, _ = stored
    graph = onnx.load(folder / ONNX_FILE, load_external_data=False).graph
    places = {tensor.name: tensor.data_location for tensor in graph.initializer}
    assert places["mix.0.weight.int8"] == places["mix.0.weight.scale"] == onnx.TensorProto.EXTERNAL
    inside = {name for name, place in places.items() if place != onnx.TensorProto.EXTERNAL}
    assert not inside & network.state_dict().keys()
    assert not any(name.startswith("mix") for name in inside)


def test_it_is_an_onnx_file_like_any_other(stored):
    folder, _, _ = stored
    onnx.checker.check_model(folder / ONNX_FILE, full_check=True)
    session = onnxruntime.InferenceSession(folder / ONNX_FILE, providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"log_mel": WINDOWS})
    np.testing.assert_allclose(logits, onnx_logits(folder, WINDOWS), atol=1e-5)


def test_nothing_of_8_bits_and_batch_norm_is_left_to_do_for_a_song(stored, tmp_path):
    folder, _, _ = stored
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3  # it warns that what is written is for this processor
    onnxruntime.InferenceSession(folder / ONNX_FILE, options, providers=["CPUExecutionProvider"])
    graph = onnx.load(options.optimized_model_filepath, load_external_data=False).graph
    operations = Counter(node.op_type for node in graph.node)
    weights = {one.name for one in graph.initializer if one.data_type != onnx.TensorProto.INT64}
    # What is left computes how many seconds there are.
    assert not [n for n in graph.node if n.op_type in ("Cast", "Mul") and weights & set(n.input)]
    assert operations["BatchNormalization"] == 1  # that of the log-mel itself, before any convolution


def test_the_network_states_the_digest_of_its_weights(stored, tmp_path):
    folder, _, _ = stored
    other = load_network(folder, 5, SMALL)
    with torch.no_grad():
        other.mix[0].weight[3, 14] += 0.01
    save_weights(other, tmp_path)
    export_onnx(load_network(tmp_path, 5, SMALL), 3.0, tmp_path)
    ours, theirs = (tmp_path / ONNX_FILE).read_bytes(), (folder / ONNX_FILE).read_bytes()
    assert ours != theirs  # so the name of a checkpoint, made of this file's digest, tells them apart
    assert ours.replace(weights_digest(tmp_path), weights_digest(folder)) == theirs


def weights_digest(folder: Path) -> bytes:
    return hashlib.sha1((folder / SAFETENSORS_FILE).read_bytes()).hexdigest().encode()


def test_both_files_are_whole_and_alone(stored):
    folder, _, _ = stored
    assert sorted(path.name for path in folder.iterdir()) == [ONNX_FILE, SAFETENSORS_FILE]


def test_the_network_names_no_folder_of_this_machine(stored):
    folder, _, _ = stored
    content = (folder / ONNX_FILE).read_bytes()
    assert b".py" not in content
    assert str(Path(__file__).parents[2]).encode() not in content


@pytest.mark.parametrize(("size", "pooling"), [("small", "attention"), ("large", "linear_softmax")])
def test_every_size_and_pooling_is_exported_alike_and_small(tmp_path, size, pooling):
    torch.manual_seed(0)
    config = replace(SIZES[size], pooling=pooling)
    network = CompactCnn(58, config)
    network(torch.rand(4, 128, 300) * 80 - 90)  # batch norm measures something
    save_weights(network.eval(), tmp_path)
    stored = load_network(tmp_path, 58, config)
    export_onnx(stored, 3.0, tmp_path)
    assert parity_error(stored, tmp_path, WINDOWS) <= PARITY_TOLERANCE
    n_weights = sum(weights.numel() for weights in network.parameters())
    assert (tmp_path / ONNX_FILE).stat().st_size < 50_000  # the graph
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1.1 * n_weights + 50_000
