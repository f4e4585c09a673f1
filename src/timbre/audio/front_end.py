"""The numbers of the audio front end, written once; a checkpoint carries its own copy of them."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FrontEnd:
    """How a waveform becomes a log-mel. Training, CLI, REST and socket all use the same one.

    The reference level is fixed (a full-scale sine is the same number in every song): a
    normalization per clip would destroy loudness.
    """

    sample_rate_hz: int = 32_000
    n_fft: int = 1_024  # samples in a frame: 32 ms
    hop_length: int = 320  # samples from frame to frame: 10 ms, so 100 frames in a second
    n_mels: int = 128
    f_min_hz: float = 0.0
    f_max_hz: float = 16_000.0
    window: str = "hann"
    mel_scale: str = "slaney"
    power_floor: float = 1e-10  # -100 dB

    @property
    def frames_per_s(self) -> int:
        """Frames in a second of waveform."""
        return self.sample_rate_hz // self.hop_length

    @property
    def n_freqs(self) -> int:
        """Bins of the one-sided spectrum."""
        return self.n_fft // 2 + 1

    def as_dict(self) -> dict[str, Any]:
        """Plain values for `config.json`."""
        return asdict(self)


FRONT_END = FrontEnd()
