"""The tiny model with its weights in a file of their own, where its network says."""

import json
from pathlib import Path

import numpy as np
import onnx
from safetensors.numpy import save_file

from timbre.files import file_sha256
from timbre.models.safetensors_header import read_header

STATED = ("model.onnx", "model.safetensors")


def store_beside(folder: Path, location: str = "model.safetensors", *, nested: bool = False) -> None:
    """Move the weights of the tiny model in this folder into `model.safetensors`.

    Parameters
    ----------
    location
        Where the network says that they are.
    nested
        Whether it says so in a graph within its graph.
    """
    model = onnx.load(folder / "model.onnx")
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "weights")
    stored = folder / "model.safetensors"
    save_file({"weights": onnx.numpy_helper.to_array(weights)}, stored)
    _refer(weights, location, read_header(stored))
    if nested:
        _into_branches(model.graph, weights)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    state_digests(folder)


def state_digests(folder: Path) -> None:
    """Let `config.json` state the files as they are."""
    config = json.loads((folder / "config.json").read_text())
    config["sha256"] = {name: file_sha256(folder / name) for name in STATED}
    (folder / "config.json").write_text(json.dumps(config))


def _refer(weights: onnx.TensorProto, location: str, header: tuple[dict, int]) -> None:
    tensors, start_bytes = header
    first, end = tensors["weights"]["data_offsets"]
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": start_bytes + first, "length": end - first}.items():
        weights.external_data.add(key=key, value=str(value))


def _into_branches(graph: onnx.GraphProto, weights: onnx.TensorProto) -> None:
    """Make the weights the result of an `If`, whose branches hold them."""
    result = onnx.helper.make_tensor_value_info("held", onnx.TensorProto.FLOAT, list(weights.dims))
    held = onnx.TensorProto()
    held.CopyFrom(weights)
    branch = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["weights"], ["held"])], "branch", [], [result], [held]
    )
    graph.initializer.remove(weights)
    graph.initializer.append(onnx.numpy_helper.from_array(np.array(True), "yes"))
    graph.node.insert(
        0, onnx.helper.make_node("If", ["yes"], ["chosen"], then_branch=branch, else_branch=branch)
    )
    graph.node[-1].input[1] = "chosen"
