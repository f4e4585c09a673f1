"""`model.safetensors`: a network's weights, the large tensors in 8 bits.

Those are stored as int8 under their own names, with one float32 for each output channel (the first axis)
under `<name>.scale`; all others as they are. Earlier checkpoints hold float16, and are read too.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from timbre.files import atomic
from timbre.models.checkpoint import SAFETENSORS_FILE
from timbre.models.network import CompactCnn, NetworkConfig

_GREATEST_LEVEL = 127  # of int8, on both sides of zero
# In smaller tensors there is little to save; the first convolutions, whose rounding counts most, are such.
_LEAST_WEIGHTS_IN_8_BITS = 16_384

Tensors = dict[str, NDArray[Any]]


def save_weights(network: CompactCnn, folder: Path) -> None:
    """Write `model.safetensors`."""
    stored: Tensors = {}
    for name, value in network.state_dict().items():
        stored |= _stored(name, value.cpu().contiguous().numpy())  # training lays them out otherwise
    with atomic(folder / SAFETENSORS_FILE) as temporary:
        save_file(stored, temporary)


def load_network(folder: Path, n_labels: int, config: NetworkConfig) -> CompactCnn:
    """The network with the weights of `model.safetensors`, computing in float32, ready to predict."""
    network = CompactCnn(n_labels, config)
    weights = load_weights(folder / SAFETENSORS_FILE)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network.eval()


def load_weights(path: Path) -> Tensors:
    """The tensors by their names in the network, in float32; counts as they are."""
    stored = load_file(path)
    scales = {scale_name(name) for name, value in stored.items() if value.dtype == np.int8}
    return {name: _computed(name, stored) for name in stored if name not in scales}


def scale_name(name: str) -> str:
    """Of a tensor in 8 bits, the name of the tensor that holds its scales."""
    return f"{name}.scale"


def quantized(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Of each weight the nearest of 255 levels, of each output channel the step between them `(n_out,)`.

    Zero is a level, and so is the greatest weight of a channel.
    """
    greatest = np.abs(weights).max(axis=tuple(range(1, weights.ndim)))
    scales = (greatest / _GREATEST_LEVEL).astype(np.float32)
    levels = np.rint(weights / _along(np.where(scales > 0, scales, 1), weights))
    return levels.clip(-_GREATEST_LEVEL, _GREATEST_LEVEL).astype(np.int8), scales


def dequantized(levels: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights that the network computes with."""
    return levels.astype(np.float32) * _along(scales, levels)


def _along(scales: NDArray[np.float32], weights: NDArray[Any]) -> NDArray[np.float32]:
    """Scales in a shape that multiplies each output channel by its own."""
    return scales.reshape(len(weights), *[1] * (weights.ndim - 1))


def _stored(name: str, value: NDArray[Any]) -> Tensors:
    if value.ndim < 2 or value.size < _LEAST_WEIGHTS_IN_8_BITS:
        return {name: value}
    levels, scales = quantized(value)
    return {name: levels, scale_name(name): scales}


def _computed(name: str, stored: Tensors) -> NDArray[Any]:
    value = stored[name]
    if value.dtype == np.int8:
        return dequantized(value, stored[scale_name(name)])
    return value.astype(np.float32) if np.issubdtype(value.dtype, np.floating) else value
