import pickle
import zipfile

import numpy as np
import pytest

from timbre.data.npz_strings import read_strings
from timbre.errors import TimbreError

KEYS = ["000046_3840", "a", "é"]


@pytest.mark.parametrize("dtype", [object, str])
def test_strings_however_numpy_stored_them(tmp_path, dtype):
    path = tmp_path / "a.npz"
    np.savez(path, keys=np.array(KEYS, dtype=dtype), numbers=np.arange(3))
    assert read_strings(path, "keys") == KEYS
    for name in ("numbers", "none"):
        with pytest.raises(TimbreError, match=f"no array of strings named {name}"):
            read_strings(path, name)


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_code_in_an_array_is_not_run(tmp_path):
    path, sprung = tmp_path / "a.npz", tmp_path / "sprung"
    np.savez(path, keys=np.array([Trap(sprung)], dtype=object))
    with pytest.raises(TimbreError):
        read_strings(path, "keys")
    assert not sprung.exists()
    np.load(path, allow_pickle=True)["keys"]  # the trap works
    assert sprung.exists()


def test_a_broken_array_is_told(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("keys.npy", b"\x93NUMPY\x01\x00" + pickle.dumps("no header"))
    with pytest.raises(TimbreError, match=r"a\.npz has no array"):
        read_strings(path, "keys")
    path.write_bytes(b"no zip")
    with pytest.raises(TimbreError, match=r"a\.npz has no array"):
        read_strings(path, "keys")
