"""A checkpoint's network on ONNX Runtime."""

from pathlib import Path
from typing import Any

import onnxruntime

from timbre.models.checkpoint import ONNX_FILE, SAFETENSORS_FILE


def open_session(folder: Path, n_threads: int) -> Any:
    """The network of `model.onnx`, with those weights that it leaves to `model.safetensors`.

    They are handed over as bytes. So ONNX Runtime refuses a graph that names another file (a graph within a
    graph: one outside the folder), and works on when this one is replaced.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Waiting threads must not spin: the sockets of the same process need the processor.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    path = folder / SAFETENSORS_FILE
    weights = path.read_bytes() if path.is_file() else b""
    options.add_external_initializers_from_files_in_memory([SAFETENSORS_FILE], [weights], [len(weights)])
    return onnxruntime.InferenceSession(folder / ONNX_FILE, options, providers=["CPUExecutionProvider"])
