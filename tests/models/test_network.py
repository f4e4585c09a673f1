import json

import pytest
import torch

from timbre.models.network import SIZES, CompactCnn, NetworkConfig, network_config

SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 1), (8, (2, 2), 0)), head_channels=16)


def test_the_default_has_about_a_million_parameters():
    network = CompactCnn(58)
    assert 0.8e6 < sum(p.numel() for p in network.parameters()) < 1.2e6
    assert network.eval()(torch.full((2, 128, 300), -60.0)).shape == (2, 58)


def test_the_config_survives_json():
    assert network_config(json.loads(json.dumps(SMALL.as_dict()))) == SMALL


def test_a_config_from_before_pooling_could_be_chosen_is_read():
    before = {name: value for name, value in SMALL.as_dict().items() if name != "pooling"}
    assert network_config(before) == SMALL
    names = set(CompactCnn(4, SMALL).state_dict())
    assert {"head.weight", "head.bias"} <= names  # as in every checkpoint so far


def test_sizes_are_ordered():
    parameters = [sum(p.numel() for p in CompactCnn(58, SIZES[name]).parameters()) for name in SIZES]
    assert parameters == sorted(parameters)
    assert list(SIZES) == ["small", "base", "large"]
    assert SIZES["base"] == NetworkConfig()


def test_it_hears_height_and_loudness():
    torch.manual_seed(0)
    network = CompactCnn(4, SMALL).eval()
    low = torch.full((1, 128, 300), -80.0)
    low[:, 20:24] = -20.0
    high, quiet = low.roll(40, dims=1), low - 30.0
    with torch.no_grad():
        logits = network(torch.cat([low, high, quiet]))
    assert (logits[0] - logits[1]).abs().max() > 1e-3
    assert (logits[0] - logits[2]).abs().max() > 1e-3


def test_the_answer_is_for_the_middle_second():
    torch.manual_seed(0)
    network = CompactCnn(4, SMALL).eval()
    silence = torch.full((1, 128, 300), -100.0)
    middle, edge = silence.clone(), silence.clone()
    middle[:, :, 130:170] = torch.rand(128, 40) * 60 - 80
    edge[:, :, 20:60] = middle[:, :, 130:170]
    with torch.no_grad():
        base, at_middle, at_edge = network(torch.cat([silence, middle, edge]))
    assert (at_middle - base).norm() > 1.5 * (at_edge - base).norm()


@pytest.mark.parametrize("batch", [1, 3])
def test_a_window_does_not_depend_on_its_company(batch):
    network = CompactCnn(4, SMALL).eval()
    windows = torch.rand(3, 128, 300) * 80 - 100
    with torch.no_grad():
        torch.testing.assert_close(network(windows)[:batch], network(windows[:batch]), atol=1e-5, rtol=0)
