import numpy as np
import pytest
import torch

from timbre.models.pooling import HEADS, linear_softmax

MIDDLE = slice(4, 8)


def test_linear_softmax_is_its_definition():
    logits = torch.randn(3, 5, 7, dtype=torch.float64) * 4
    p = torch.sigmoid(logits)
    expected = (p * p).sum(-1) / p.sum(-1)
    np.testing.assert_allclose(torch.sigmoid(linear_softmax(logits)).numpy(), expected.numpy(), rtol=1e-9)


@pytest.mark.parametrize("level", [-200.0, 200.0])
def test_linear_softmax_has_a_number_and_a_slope_at_either_end(level):
    logits = torch.full((1, 1, 6), level, requires_grad=True)
    pooled = linear_softmax(logits)
    pooled.sum().backward()
    assert pooled.item() == pytest.approx(level)
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("pooling", ["attention", "linear_softmax"])
def test_a_sound_of_one_frame_counts_for_more_than_its_share(pooling):
    """The probability lies above that of the mean of the frames' logits, weighed alike."""
    torch.manual_seed(0)
    head = HEADS[pooling](1, 1, 0.0)
    with torch.no_grad():
        head.label.weight[:] = torch.tensor([[[1.0], [0.0]]])  # the frame itself, not the context
        head.label.bias[:] = 0.0
        if pooling == "attention":
            head.attention.weight[:] = torch.tensor([[[1.0], [0.0]]])
            head.attention.bias[:] = 0.0
        frames = torch.full((1, 1, 12), -3.0)
        frames[0, 0, 5] = 3.0
        assert head(frames, MIDDLE).item() > frames[0, 0, MIDDLE].mean().item() + 1.0


@pytest.mark.parametrize("pooling", list(HEADS))
def test_every_head_knows_the_context(pooling):
    torch.manual_seed(0)
    head = HEADS[pooling](3, 2, 0.0).eval()
    frames = torch.randn(1, 3, 12)
    other = frames.clone()
    other[:, :, :4] += 1.0  # outside the middle
    with torch.no_grad():
        assert (head(frames, MIDDLE) - head(other, MIDDLE)).abs().max() > 1e-3
