"""The network as files: safetensors for training on, ONNX for serving, with the same numbers in both."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxscript.ir
import onnxscript.optimizer
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from timbre.audio.front_end import FRONT_END
from timbre.files import atomic
from timbre.models.checkpoint import ONNX_FILE, SAFETENSORS_FILE
from timbre.models.network import CompactCnn, NetworkConfig

OPSET = 18
PARITY_TOLERANCE = 1e-4  # on probabilities


def save_weights(network: CompactCnn, folder: Path) -> None:
    """Write `model.safetensors`: weights as float16, what batch norm measured as float32."""
    state = network.state_dict()
    stored = {name: _as_stored(value).contiguous() for name, value in state.items()}
    with atomic(folder / SAFETENSORS_FILE) as temporary:
        save_file(stored, temporary)


def _as_stored(value: torch.Tensor) -> torch.Tensor:
    return value.half() if value.is_floating_point() and value.ndim > 1 else value


def load_network(folder: Path, n_labels: int, config: NetworkConfig) -> CompactCnn:
    """The network with the weights of `model.safetensors`, computing in float32, ready to predict."""
    network = CompactCnn(n_labels, config)
    state = load_file(folder / SAFETENSORS_FILE)
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return network.eval()


def export_onnx(network: CompactCnn, context_s: float, folder: Path) -> None:
    """Write `model.onnx`: input `log_mel` (batch, n_mels, n_frames) in dB, output `logits`."""
    example = torch.full((2, FRONT_END.n_mels, round(context_s * FRONT_END.frames_per_s)), -50.0)
    with atomic(folder / ONNX_FILE) as temporary:
        torch.onnx.export(
            network,
            (example,),
            temporary,
            input_names=["log_mel"],
            output_names=["logits"],
            dynamic_shapes={"log_mel": {0: torch.export.Dim("batch")}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
            optimize=False,  # it would fold batch norm into weights that float16 no longer holds exactly
        )
        _shrink(temporary)


def _shrink(path: Path) -> None:
    """Store weights that float16 holds exactly as float16, and remove the traces of this machine.

    ONNX Runtime makes them float32 again, and folds batch norm into them, when it loads the model.
    """
    model = _folded(onnx.load(path))
    casts = [cast for weights in model.graph.initializer if (cast := _halved(weights))]
    for number, cast in enumerate(casts):
        model.graph.node.insert(number, cast)
    _strip_traces(model)
    onnx.save(model, path)


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without nodes whose results are known, such as the biases of zeros that torch adds."""
    folded = onnxscript.ir.from_proto(model)
    onnxscript.optimizer.fold_constants(folded)
    onnxscript.optimizer.remove_unused_nodes(folded)
    return onnxscript.ir.to_proto(folded)


def _halved(weights: onnx.TensorProto) -> onnx.NodeProto | None:
    """Halve a float32 tensor in its place if that loses nothing; the node that undoes it."""
    values = onnx.numpy_helper.to_array(weights)
    if values.dtype != np.float32 or values.ndim < 2:
        return None
    half = values.astype(np.float16)
    if not np.array_equal(half.astype(np.float32), values):
        return None
    name = weights.name
    weights.CopyFrom(onnx.numpy_helper.from_array(half, f"{name}.float16"))
    return onnx.helper.make_node("Cast", [f"{name}.float16"], [name], to=onnx.TensorProto.FLOAT)


def _strip_traces(model: onnx.ModelProto) -> None:
    """Remove where in the source each node came from: it names folders of the machine."""
    parts = [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer]
    for part in [model, *parts, *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        del part.metadata_props[:]


def onnx_logits(folder: Path, log_mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits of ONNX Runtime for windows `(batch, n_mels, n_frames)`."""
    session = onnxruntime.InferenceSession(folder / ONNX_FILE, providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"log_mel": log_mel})
    return np.asarray(logits)


def parity_error(network: CompactCnn, folder: Path, log_mel: NDArray[np.float32]) -> float:
    """Greatest difference of probability between torch and ONNX Runtime on these windows."""
    with torch.no_grad():
        ours = torch.sigmoid(network(torch.from_numpy(log_mel))).numpy()
    theirs = 1.0 / (1.0 + np.exp(-onnx_logits(folder, log_mel)))
    return float(np.abs(ours - theirs).max())
