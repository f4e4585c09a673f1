import json

import pytest

from timbre.features.provenance import PROVENANCE_FILE, write_provenance


def steps(folder) -> dict:
    return json.loads((folder / PROVENANCE_FILE).read_text())


def test_each_step_has_its_last_record(tmp_path):
    write_provenance(tmp_path, "mix", {"seed": 0})
    write_provenance(tmp_path, "render", {})
    write_provenance(tmp_path, "mix", {"seed": 1})
    assert list(steps(tmp_path)) == ["mix", "render"]
    assert steps(tmp_path)["mix"]["seed"] == 1


@pytest.mark.parametrize("content", [b"", b'{"mix": ', b"[1]", b"\xff"])
def test_a_damaged_file_is_kept_aside(tmp_path, content):
    (tmp_path / PROVENANCE_FILE).write_bytes(content)
    write_provenance(tmp_path, "mix", {"seed": 0})
    assert list(steps(tmp_path)) == ["mix"]
    assert (tmp_path / f"{PROVENANCE_FILE}.damaged").read_bytes() == content
