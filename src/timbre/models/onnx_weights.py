"""Weights that an ONNX graph does not hold itself: it takes them from `model.safetensors`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from timbre.models.checkpoint import SAFETENSORS_FILE
from timbre.models.safetensors_header import read_header
from timbre.models.stored_weights import load_weights, scale_name

_ONNX_TYPES = {"I8": onnx.TensorProto.INT8, "F32": onnx.TensorProto.FLOAT}  # by what safetensors calls them


def refer_to_stored(model: onnx.ModelProto, path: Path) -> None:
    """Put references in the place of the weights that `model.safetensors` holds.

    Of those in 8 bits the graph makes float32 by `Cast` and `Mul`: ONNX Runtime works these out when it
    loads the model, and then folds batch norm into the result. `DequantizeLinear` it would leave standing,
    and every batch norm behind it. What is not exactly as it is stored remains in the graph.
    """
    file, computed = _File.read(path), load_weights(path)
    nodes: list[onnx.NodeProto] = []
    for weights in list(model.graph.initializer):
        name, values = weights.name, onnx.numpy_helper.to_array(weights)
        if name not in computed or not np.array_equal(values, computed[name]):
            continue
        scales = scale_name(name)
        if scales in file.header:
            one_a_channel = (len(values), *[1] * (values.ndim - 1))
            model.graph.initializer.append(file.reference(scales, scales, one_a_channel))
            weights.CopyFrom(file.reference(name, f"{name}.int8", values.shape))
            nodes += _computation(name, scales)
        else:
            weights.CopyFrom(file.reference(name, name, values.shape))
    for number, node in enumerate(nodes):
        model.graph.node.insert(number, node)


def _computation(name: str, scales: str) -> list[onnx.NodeProto]:
    """What makes float32 of a tensor in 8 bits."""
    levels = f"{name}.levels"
    return [
        onnx.helper.make_node("Cast", [f"{name}.int8"], [levels], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("Mul", [levels, scales], [name]),
    ]


@dataclass(frozen=True)
class _File:
    """A safetensors file as ONNX refers to it: where each tensor lies, and the digest that ONNX asks for."""

    header: Mapping[str, Any]
    start_bytes: int
    sha1: str

    @classmethod
    def read(cls, path: Path) -> "_File":
        sha1 = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
        return cls(*read_header(path), sha1)

    def reference(self, stored_name: str, name: str, shape: tuple[int, ...]) -> onnx.TensorProto:
        """A tensor of the graph whose values are those of a tensor of the file."""
        found = self.header[stored_name]
        first, end = found["data_offsets"]
        place = {
            "location": SAFETENSORS_FILE,
            "offset": self.start_bytes + first,
            "length": end - first,
            "checksum": self.sha1,
        }
        return onnx.TensorProto(
            name=name,
            data_type=_ONNX_TYPES[found["dtype"]],
            dims=shape,
            data_location=onnx.TensorProto.EXTERNAL,
            external_data=[onnx.StringStringEntryProto(key=key, value=str(v)) for key, v in place.items()],
        )
