"""Cut into slices that are put together in another order: the same sounds in another sequence."""

import numpy as np

from timbre.features.effects.effect import Waveform

FADE = 64  # samples, 2 ms: at either side of a joint, so that it does not click


def slice_bounds(n_samples: int, n_slices: int) -> list[tuple[int, int]]:
    """First and last sample (exclusive) of slices of equal length, but for a sample."""
    edges = np.linspace(0, n_samples, n_slices + 1).astype(int)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def reassembled(waveform: Waveform, order: tuple[int, ...], fade: int = FADE) -> Waveform:
    """The slices of `waveform` one after another in `order`; nothing overlaps, the length stays.

    Parameters
    ----------
    order
        A permutation of `0 ... n_slices - 1`.
    """
    bounds = slice_bounds(len(waveform), len(order))
    ramp = np.linspace(0.0, 1.0, fade + 2, dtype=np.float32)[1:-1]
    pieces = []
    for number in order:
        first, last = bounds[number]
        piece = waveform[first:last].copy()
        n = min(fade, len(piece) // 2)
        piece[:n] *= ramp[:n]
        piece[len(piece) - n :] *= ramp[:n][::-1]
        pieces.append(piece)
    return np.concatenate(pieces)
