import json
import subprocess

import pytest

from timbre.features import provenance
from timbre.features.provenance import PROVENANCE_FILE, write_provenance


def steps(folder) -> dict:
    return json.loads((folder / PROVENANCE_FILE).read_text())


def test_each_step_has_its_last_record(tmp_path):
    write_provenance(tmp_path, "mix", {"seed": 0})
    write_provenance(tmp_path, "render", {})
    write_provenance(tmp_path, "mix", {"seed": 1})
    assert list(steps(tmp_path)) == ["mix", "render"]
    assert steps(tmp_path)["mix"]["seed"] == 1


def test_the_commit_is_that_of_the_code_and_of_no_repository_around_it(tmp_path, monkeypatch):
    def git(folder, *arguments) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *who, "-C", folder, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "another project")
    monkeypatch.setattr(provenance, "_CODE", tmp_path / "src")
    (tmp_path / "src").mkdir()
    assert provenance.git_commit() is None
    monkeypatch.setattr(provenance, "_CODE", tmp_path)
    assert provenance.git_commit() == git(tmp_path, "rev-parse", "HEAD")


@pytest.mark.parametrize("content", [b"", b'{"mix": ', b"[1]", b"\xff"])
def test_a_damaged_file_is_kept_aside(tmp_path, content):
    (tmp_path / PROVENANCE_FILE).write_bytes(content)
    write_provenance(tmp_path, "mix", {"seed": 0})
    assert list(steps(tmp_path)) == ["mix"]
    assert (tmp_path / f"{PROVENANCE_FILE}.damaged").read_bytes() == content
