from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from timbre.audio.decode import Decoder
from timbre.audio.segments import Segmenter
from timbre.models import stored_weights
from timbre.models.checkpoint import SAFETENSORS_FILE, load_config
from timbre.models.network import SIZES, CompactCnn, network_config
from timbre.models.stored_weights import dequantized, load_network, quantized, save_weights
from timbre.paths import DEFAULT_MODEL_DIR

EXAMPLE_SONG = Path(__file__).parents[2] / "static" / "example" / "song.mp3"


@pytest.fixture
def weights() -> np.ndarray:
    """Channels of very different sizes, one of zeros, one of the smallest numbers there are."""
    rng = np.random.default_rng(0)
    channels = rng.normal(0, 1, (8, 5, 3, 3)) * 10.0 ** np.arange(-6, 2)[:, None, None, None]
    channels[2] = 0
    channels[3] = np.arange(45).reshape(5, 3, 3) * 1.4e-45
    return channels.astype(np.float32)


def test_no_weight_moves_by_more_than_half_a_step(weights):
    levels, scales = quantized(weights)
    assert (levels.dtype, scales.dtype, scales.shape) == (np.int8, np.float32, (8,))
    moved = np.abs(dequantized(levels, scales).astype(np.float64) - weights).max(axis=(1, 2, 3))
    ordinary = scales > 1e-30
    assert (moved[ordinary] <= scales[ordinary] / 2 * (1 + 1e-5)).all()
    assert (moved[~ordinary] < 1e-40).all()
    assert (np.abs(levels[ordinary]).max(axis=(1, 2, 3)) == 127).all()


def test_torch_quantizes_alike(weights):
    weights = weights[4:]
    levels, scales = quantized(weights)
    zeros = torch.zeros(len(scales), dtype=torch.int32)
    theirs = torch.fake_quantize_per_channel_affine(
        torch.from_numpy(weights), torch.from_numpy(scales), zeros, 0, -127, 127
    )
    np.testing.assert_allclose(dequantized(levels, scales), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize(("size", "megabytes"), [("small", 0.6), ("base", 1.1), ("large", 1.75)])
def test_a_weight_takes_a_byte(tmp_path, size, megabytes):
    save_weights(CompactCnn(58, SIZES[size]), tmp_path)
    assert (tmp_path / SAFETENSORS_FILE).stat().st_size < megabytes * 1e6


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_what_is_large_is_in_8_bits_and_all_else_as_it_is(tmp_path, layout):
    config = replace(SIZES["small"], pooling="attention")
    network = CompactCnn(58, config).to(memory_format=layout)
    network(torch.rand(4, 128, 300) * 80 - 90)  # batch norm measures something
    save_weights(network, tmp_path)
    stored, loaded = load_file(tmp_path / SAFETENSORS_FILE), load_network(tmp_path, 58, config).state_dict()
    in_8_bits = {name for name, value in stored.items() if value.dtype == np.int8}
    assert {"trunk.1.0.weight", "mix.0.weight", "head.label.weight", "head.attention.weight"} <= in_8_bits
    for name, value in network.state_dict().items():
        if name in in_8_bits:
            assert stored[f"{name}.scale"].shape == (len(value),)
            assert (loaded[name] - value).abs().max() <= stored[f"{name}.scale"].max() / 2 * (1 + 1e-5)
        else:
            assert torch.equal(loaded[name], value), name
    assert not in_8_bits & {"stem.0.weight", "trunk.0.0.weight"}


def test_weights_of_an_earlier_checkpoint_are_read(tmp_path):
    network = CompactCnn(5, SIZES["small"])
    state = {n: v.half() if v.ndim > 1 else v for n, v in network.state_dict().items()}
    save_file(state, tmp_path / SAFETENSORS_FILE)
    loaded = load_network(tmp_path, 5, SIZES["small"]).state_dict()
    for name, value in state.items():
        expected = value.float() if value.is_floating_point() else value
        torch.testing.assert_close(loaded[name], expected, rtol=0, atol=0)


def unround(network: CompactCnn) -> None:
    """Weights anywhere between the levels, as they are before they are stored."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in network.parameters():
            if weights.ndim > 1:
                steps = weights.abs().amax(dim=tuple(range(1, weights.ndim)), keepdim=True) / 127
                weights += steps * (torch.rand(weights.shape, generator=generator) - 0.5)


def test_the_default_model_says_the_same_in_8_bits(tmp_path, monkeypatch):
    config = load_config(DEFAULT_MODEL_DIR)
    network = load_network(DEFAULT_MODEL_DIR, len(config.labels), network_config(config.network))
    unround(network)
    segmenter = Segmenter(config.context_s)
    windows = [segment.window for some in Decoder(EXAMPLE_SONG) for segment in segmenter.push(some)]
    log_mel = torch.from_numpy(np.stack(windows[::5]))
    scale, bias = (torch.tensor([*config.calibration[name].values()]) for name in ("scale", "bias"))

    def moved() -> torch.Tensor:
        save_weights(network, tmp_path)
        again = load_network(tmp_path, len(config.labels), network.config)
        with torch.no_grad():
            before, after = (torch.sigmoid(scale * n(log_mel) + bias) for n in (network, again))
        return (after - before).abs()

    as_stored = moved()
    monkeypatch.setattr(stored_weights, "_LEAST_WEIGHTS_IN_8_BITS", 0)
    # How much depends on the weights; small tensors as they are halve it, and a page shows whole percents.
    assert as_stored.mean() < 0.75 * moved().mean()
    assert as_stored.mean() < 0.002
    assert as_stored.max() < 0.05
