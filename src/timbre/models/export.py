"""The network as ONNX, for serving: the graph alone, its weights are those of `model.safetensors`."""

from pathlib import Path

import numpy as np
import onnx
import onnxscript.ir
import onnxscript.optimizer
import torch
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.files import atomic
from timbre.models.checkpoint import ONNX_FILE, SAFETENSORS_FILE
from timbre.models.network import CompactCnn
from timbre.models.network_session import open_session
from timbre.models.onnx_weights import refer_to_stored

OPSET = 18
PARITY_TOLERANCE = 1e-4  # on probabilities


def export_onnx(network: CompactCnn, context_s: float, folder: Path) -> None:
    """Write `model.onnx`: input `log_mel` (batch, n_mels, n_frames) in dB, output `logits`.

    Parameters
    ----------
    network
        As `load_network` reads it from `model.safetensors`.
    folder
        Where that file lies, to which the graph refers.
    """
    n_frames = round((context_s + 2 * network.margin_s) * FRONT_END.frames_per_s)
    example = torch.full((2, FRONT_END.n_mels, n_frames), -50.0)
    lengths = {2: torch.export.Dim("n_frames")} if network.margin_s else {}
    with atomic(folder / ONNX_FILE) as temporary:
        torch.onnx.export(
            network,
            (example,),
            temporary,
            input_names=["log_mel"],
            output_names=["logits"],
            dynamic_shapes={"log_mel": {0: torch.export.Dim("batch"), **lengths}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
            optimize=False,  # it would fold batch norm into weights that are then no longer the stored ones
        )
        _tidy(temporary, folder / SAFETENSORS_FILE)


def _tidy(path: Path, stored: Path) -> None:
    """Take out of the graph what is stored beside it, what nobody needs and the traces of this machine."""
    model = _folded(onnx.load(path))
    refer_to_stored(model, stored)
    _strip_traces(model)
    onnx.save(model, path)


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without nodes whose results are known, such as the biases of zeros that torch adds."""
    folded = onnxscript.ir.from_proto(model)
    onnxscript.optimizer.fold_constants(folded)
    onnxscript.optimizer.remove_unused_nodes(folded)
    return onnxscript.ir.to_proto(folded)


def _strip_traces(model: onnx.ModelProto) -> None:
    """Remove where in the source each node came from: it names folders of the machine."""
    parts = [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer]
    for part in [model, *parts, *model.graph.input, *model.graph.output]:
        part.doc_string = ""
        del part.metadata_props[:]


def onnx_logits(folder: Path, log_mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits of ONNX Runtime for windows `(batch, n_mels, n_frames)`."""
    (logits,) = open_session(folder, n_threads=1).run(None, {"log_mel": log_mel})
    return np.asarray(logits)


def parity_error(network: CompactCnn, folder: Path, log_mel: NDArray[np.float32]) -> float:
    """Greatest difference of probability between torch and ONNX Runtime on these windows."""
    with torch.no_grad():
        ours = torch.sigmoid(network(torch.from_numpy(log_mel))).numpy()
    theirs = 1.0 / (1.0 + np.exp(-onnx_logits(folder, log_mel)))
    return float(np.abs(ours - theirs).max())
