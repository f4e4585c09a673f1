"""The tagger's network: a compact CNN over a log-mel window, with logits for its middle second."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timbre.audio.front_end import FRONT_END
from timbre.audio.segments import SEGMENT_S
from timbre.models.pooling import HEADS, Pooling


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the network; `stages` are (channels, stride in mel and time, residual blocks)."""

    stem_channels: int = 24
    # Ten milliseconds a frame: with both strides of 2 after it five steps are a second.
    stem_stride: tuple[int, int] = (4, 5)
    stages: tuple[tuple[int, tuple[int, int], int], ...] = (
        (40, (2, 2), 0),
        (80, (2, 2), 1),
        (128, (2, 1), 1),
        (192, (2, 1), 1),
    )
    head_channels: int = 256
    dropout: float = 0.2
    n_mels: int = 128
    segment_share: float = 1 / 3  # of the window: the middle second of three
    pooling: Pooling = "mean_max"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for `config.json`."""
        return {"kind": "compact_cnn", **asdict(self)}

    @property
    def frame_stride(self) -> int:
        """Frames of log-mel from one step of the features to the next."""
        return self.stem_stride[1] * math.prod(stride[1] for _, stride, _ in self.stages)

    @property
    def reach(self) -> int:
        """How many frames to either side a step of the features looks."""
        step, reach = self.stem_stride[1], _STEM_KERNEL // 2
        for _, stride, n_residual in self.stages:
            reach += step * (_KERNEL // 2)
            step *= stride[1]
            reach += step * (_KERNEL // 2) * n_residual
        return reach


_STEM_KERNEL, _KERNEL = 5, 3
# By name; each with both of its files is smaller than a checkpoint may be.
SIZES: dict[str, NetworkConfig] = {
    "small": NetworkConfig(
        stem_channels=16,
        stem_stride=(4, 5),
        stages=((32, (2, 2), 0), (64, (2, 2), 1), (96, (2, 1), 1), (128, (2, 1), 1)),
        head_channels=192,
    ),
    "base": NetworkConfig(),
    "large": NetworkConfig(
        stem_stride=(4, 5),
        stages=((48, (2, 2), 0), (96, (2, 2), 1), (160, (2, 1), 1), (256, (2, 1), 1)),
    ),
}


def network_config(values: dict[str, Any]) -> NetworkConfig:
    """The config that `as_dict` wrote, through JSON or not."""
    known = {key: value for key, value in values.items() if key in NetworkConfig.__dataclass_fields__}
    known["stem_stride"] = tuple(known["stem_stride"])
    known["stages"] = tuple((int(c), tuple(s), int(n)) for c, s, n in known["stages"])
    return NetworkConfig(**known)


class _Conv(nn.Conv2d):
    """A convolution as large out as in, but for its stride.

    Beyond the lowest and the highest band there is nothing. Beyond the first and the last frame the sound
    goes on, so it is reflected there; networks that take one window a second had nothing there either.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: tuple[int, int], *, reflects: bool):
        self._beyond = kernel // 2 if reflects else 0
        padding = (kernel // 2, 0 if reflects else kernel // 2)
        super().__init__(n_in, n_out, kernel, stride=stride, padding=padding, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if self._beyond:
            x = F.pad(x, (self._beyond, self._beyond, 0, 0), mode="reflect")
        return super().forward(x)


class _ConvBlock(nn.Sequential):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, n_in: int, n_out: int, stride: tuple[int, int] = (1, 1), *, reflects: bool):
        super().__init__(
            _Conv(n_in, n_out, _KERNEL, stride, reflects=reflects),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        )


class _Residual(nn.Module):
    """A convolution block added to its input."""

    def __init__(self, n_channels: int, *, reflects: bool):
        super().__init__()
        self.block = _ConvBlock(n_channels, n_channels, reflects=reflects)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class CompactCnn(nn.Module):
    """Log-mel `(batch, n_mels, n_frames)` in dB to logits `(batch, n_labels)`.

    A window is as long as the segment in its middle and what surrounds that. A longer one is answered
    segment by segment, `(batch * n_segments, n_labels)`: for each that has all of its surroundings there.

    A second input plane carries the height in mel, since a convolution alone cannot tell a low
    sound from a high one. The logits see the middle of the window, pooled over time, and the mean
    of all of it: they answer for the middle second and know what surrounds it.
    """

    def __init__(self, n_labels: int, config: NetworkConfig | None = None):
        super().__init__()
        self.config = config = config or NetworkConfig()
        self.level = nn.BatchNorm1d(config.n_mels)  # each band to zero mean and unit variance
        reflects = self.steps_of_segment > 0
        self.stem = nn.Sequential(
            _Conv(2, config.stem_channels, _STEM_KERNEL, config.stem_stride, reflects=reflects),
            nn.BatchNorm2d(config.stem_channels),
            nn.ReLU(inplace=True),
        )
        blocks: list[nn.Module] = []
        n_in = config.stem_channels
        for n_out, stride, n_residual in config.stages:
            blocks.append(_ConvBlock(n_in, n_out, stride, reflects=reflects))
            blocks += [_Residual(n_out, reflects=reflects) for _ in range(n_residual)]
            n_in = n_out
        self.trunk = nn.Sequential(*blocks)
        n_heights = config.n_mels // config.stem_stride[0]
        for _, stride, _ in config.stages:
            n_heights //= stride[0]
        self.mix = nn.Sequential(
            nn.Conv1d(n_in * n_heights, config.head_channels, 1, bias=False),
            nn.BatchNorm1d(config.head_channels),
            nn.ReLU(inplace=True),
        )
        self.head = HEADS[config.pooling](config.head_channels, n_labels, config.dropout)
        self.height: Tensor
        height = torch.linspace(-1.0, 1.0, config.n_mels).view(1, 1, config.n_mels, 1)
        self.register_buffer("height", height, persistent=False)

    def forward(self, log_mel: Tensor) -> Tensor:
        level = self.level(log_mel).unsqueeze(1)
        features = self.trunk(self.stem(torch.cat([level, self.height.expand_as(level)], dim=1)))
        frames = self.mix(features.flatten(1, 2))
        if n_steps := self.steps_of_segment:
            n_around = round(n_steps / self.config.segment_share)
            outside = (n_around - n_steps) // 2
            frames = frames.unfold(-1, n_around, n_steps).transpose(1, 2)
            frames = frames.reshape(-1, self.config.head_channels, n_around)
            middle = slice(outside, outside + n_steps)
        else:
            n_frames = frames.shape[-1]
            outside = int(n_frames * (1.0 - self.config.segment_share) / 2)
            middle = slice(outside, n_frames - outside)
        logits: Tensor = self.head(frames, middle)
        return logits

    @property
    def steps_of_segment(self) -> int:
        """Steps of the features in a segment; 0 where it is no whole number and there is one a window."""
        n_frames = SEGMENT_S * FRONT_END.frames_per_s
        return 0 if n_frames % self.config.frame_stride else n_frames // self.config.frame_stride

    @property
    def margin_s(self) -> int:
        """Whole seconds that a step of the features looks beyond a window; 0 if it takes windows alone."""
        return math.ceil(self.config.reach / FRONT_END.frames_per_s) if self.steps_of_segment else 0
