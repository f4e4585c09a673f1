from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from timbre.models.checkpoint import MAX_CHECKPOINT_BYTES, ONNX_FILE, SAFETENSORS_FILE
from timbre.models.export import PARITY_TOLERANCE, export_onnx, load_network, parity_error, save_weights
from timbre.models.network import SIZES, CompactCnn, NetworkConfig

SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 1), (8, (2, 2), 0)), head_channels=16)


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
    windows = np.random.default_rng(0).uniform(-100, 0, (batch, 128, 300)).astype(np.float32)
    assert parity_error(loaded, folder, windows) <= PARITY_TOLERANCE


def test_half_precision_storage_changes_little(stored):
    _, network, loaded = stored
    windows = torch.rand(4, 128, 300) * 80 - 100
    with torch.no_grad():
        difference = torch.sigmoid(network(windows)) - torch.sigmoid(loaded(windows))
    assert difference.abs().max() < 5e-3


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
    windows = np.random.default_rng(1).uniform(-100, 0, (5, 128, 300)).astype(np.float32)
    assert parity_error(stored, tmp_path, windows) <= PARITY_TOLERANCE
    sizes = [(tmp_path / name).stat().st_size for name in (ONNX_FILE, SAFETENSORS_FILE)]
    assert sizes[0] < 1.05 * sizes[1]  # both store float16
    room_for_words = 300_000  # config, scores, card
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < MAX_CHECKPOINT_BYTES - room_for_words
