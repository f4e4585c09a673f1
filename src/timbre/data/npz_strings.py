"""An array of strings out of an `.npz` of numpy's, without running what a stranger may have put there.

Numpy stores an array of Python strings as a pickle. This one is read by an unpickler that knows
numpy's array and nothing else, so that no other code can be named in it.
"""

import pickle
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from timbre.errors import TimbreError

_ARRAY = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ARRAY:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an array of strings")


def read_strings(path: Path, name: str) -> list[str]:
    """The strings of the array `name`.

    Raises
    ------
    TimbreError
        When there is no such array, or it holds anything but strings.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            strings = _read_array(file).tolist()
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, pickle.UnpicklingError):
        strings = [None]
    if not all(isinstance(string, str) for string in strings):
        raise TimbreError("bad_table", f"{path} has no array of strings named {name}.")
    return strings


def _read_array(file: IO[bytes]) -> Any:
    version = np.lib.format.read_magic(file)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, dtype = read_header[version](file)
    if dtype.hasobject:
        return _ArrayUnpickler(file).load()
    return np.frombuffer(file.read(), dtype).reshape(shape)
