import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from timbre.models.safetensors_header import read_header


def test_every_tensor_lies_where_the_header_says(tmp_path):
    path = tmp_path / "model.safetensors"
    tensors = {
        "levels": np.arange(-7, 8, dtype=np.int8).reshape(3, 5),
        "levels.scale": np.array([0.5, 1.5, 2.5], np.float32),
        "count": np.array(12),
    }
    save_file(tensors, path, metadata={"format": "words"})
    header, start_bytes = read_header(path)
    content = path.read_bytes()
    assert header.keys() == tensors.keys()
    for name, value in load_file(path).items():
        first, end = header[name]["data_offsets"]
        assert content[start_bytes + first : start_bytes + end] == value.tobytes()
        assert header[name]["shape"] == [*value.shape]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        (50).to_bytes(8, "little"),
        (1 << 62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (9).to_bytes(8, "little") + b"not json!",
        (100_000).to_bytes(8, "little") + b"[" * 100_000,
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["empty", "cut off", "endless", "a list", "words", "deep", "an archive"],
)
def test_what_begins_otherwise_is_refused(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"no header|line 1"):
        read_header(path)


def test_a_header_without_tensors_is_one(tmp_path):
    path = tmp_path / "model.safetensors"
    text = json.dumps({"__metadata__": {"format": "words"}}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    assert read_header(path) == ({}, 8 + len(text))
