"""From features of every frame to one logit a label: three ways to pool over time."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pooling = Literal["mean_max", "attention", "linear_softmax"]


class MeanMaxHead(nn.Linear):
    """Logits of the middle's mean and maximum, and of the mean of the whole window."""

    def __init__(self, n_channels: int, n_labels: int, dropout: float):
        super().__init__(3 * n_channels, n_labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, frames: Tensor, middle: slice) -> Tensor:  # type: ignore[override]
        segment = frames[:, :, middle]
        pooled = torch.cat([segment.mean(-1), segment.amax(-1), frames.mean(-1)], dim=1)
        return super().forward(self.dropout(pooled))


class _FrameHead(nn.Module):
    """Logits of every frame of the middle, which know the mean of the whole window besides."""

    def __init__(self, n_channels: int, n_labels: int, dropout: float):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.label = nn.Conv1d(2 * n_channels, n_labels, 1)

    def _segment(self, frames: Tensor, middle: slice) -> Tensor:
        """`(batch, 2 * n_channels, n_middle)`."""
        context = frames.mean(-1, keepdim=True).expand_as(frames)
        return self.dropout(torch.cat([frames, context], dim=1)[:, :, middle])


class AttentionHead(_FrameHead):
    """Every label weighs the frames for itself.

    As in Kong et al., "PANNs", 2020, but the mean is of logits, which need no clamping.
    """

    def __init__(self, n_channels: int, n_labels: int, dropout: float):
        super().__init__(n_channels, n_labels, dropout)
        self.attention = nn.Conv1d(2 * n_channels, n_labels, 1)

    def forward(self, frames: Tensor, middle: slice) -> Tensor:
        segment = self._segment(frames, middle)
        weights = torch.softmax(self.attention(segment), dim=-1)
        return (weights * self.label(segment)).sum(-1)


class LinearSoftmaxHead(_FrameHead):
    """Each frame weighs as much as it is probable (Wang, Li and Metze, 2019)."""

    def forward(self, frames: Tensor, middle: slice) -> Tensor:
        return linear_softmax(self.label(self._segment(frames, middle)))


def linear_softmax(logits: Tensor) -> Tensor:
    """Logit of `sum(p * p) / sum(p)` over the last axis, `p` being the sigmoid of `logits`.

    Its odds are `sum(p * p) / sum(p * (1 - p))`; as a difference of logarithms neither end overflows.
    """
    yes, no = F.logsigmoid(logits), F.logsigmoid(-logits)
    return torch.logsumexp(2 * yes, dim=-1) - torch.logsumexp(yes + no, dim=-1)


HEADS: dict[Pooling, type[MeanMaxHead] | type[AttentionHead] | type[LinearSoftmaxHead]] = {
    "mean_max": MeanMaxHead,
    "attention": AttentionHead,
    "linear_softmax": LinearSoftmaxHead,
}
