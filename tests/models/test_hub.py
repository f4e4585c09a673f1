"""A checkpoint goes to a Hub on loopback and comes back from it, by the real client over real HTTP."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import TOKEN, Hub
from stored_beside import store_beside

from timbre.files import file_sha256
from timbre.models.checkpoint import CHECKPOINT_FILES

NOBODY = "http://127.0.0.1:9"
LOAD = """if True:
    import sys
    from timbre.errors import TimbreError
    from timbre.models.tagger import Tagger
    for model in sys.argv[1:]:
        name, _, revision = model.partition(" ")
        try:
            print(Tagger.from_pretrained(name, revision=revision or None).name)
        except TimbreError as error:
            print(error.code, error.message)
"""


FETCH = """if True:
    import sys
    from timbre.models.tagger import find_checkpoint
    print(*(path.name for path in find_checkpoint(sys.argv[1]).iterdir()))
"""


@pytest.fixture
def hub():
    with Hub() as running:
        yield running


@pytest.fixture
def checkpoint(tiny_model, tmp_path) -> Path:
    """The tiny model with all files that a published one has, and one that is nobody else's business."""
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    store_beside(folder)
    (folder / "metrics.json").write_text("{}")
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n# tiny\n")
    (folder / "notes.txt").write_text("not for others")
    return folder


def run(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def push(hub, tmp_path, *arguments, token: str | None = TOKEN, **environment):
    code = "from timbre.cli import main; import sys; main(sys.argv[1:])"
    return run(code, "push", *arguments, **{**hub.environment(tmp_path / "sender", token), **environment})


def load(hub, home, *models: str, token: str | None = None, **environment) -> list[str]:
    """What a fresh process says of each model: its name, or the error."""
    return run(LOAD, *models, **{**hub.environment(home, token), **environment}).stdout.splitlines()


def test_what_was_pushed_is_loaded_by_name_branch_and_commit(hub, checkpoint, tmp_path):
    done = push(hub, tmp_path, checkpoint, "band/tagger")
    assert done.returncode == 0, done.stderr
    address, hint = done.stdout.splitlines()
    commit = address.rpartition("/")[2]
    assert address == f"{hub.url}/band/tagger/tree/{commit}"
    assert f"--model band/tagger@{commit}" in hint
    sent = hub.repositories["band/tagger"].commits[commit]
    assert {*sent} == {".gitattributes", *CHECKPOINT_FILES}
    assert all(sent[name] == (checkpoint / name).read_bytes() for name in CHECKPOINT_FILES)
    assert {*hub.large} == {file_sha256(checkpoint / name) for name in ("model.onnx", "model.safetensors")}

    (checkpoint / "metrics.json").write_text('{"better": true}')
    again = push(hub, tmp_path, checkpoint, "band/tagger", "--revision", "v2", "--message", "second")
    assert again.returncode == 0, again.stderr
    assert hub.repositories["band/tagger"].branches["main"] == commit  # the branch alone has moved

    home = tmp_path / "receiver"
    names = load(hub, home, "band/tagger", "band/tagger v2", f"band/tagger@{commit}")
    assert len(names) == 3
    assert all(name.startswith("tiny@") for name in names)
    received = (home / "hub").rglob("snapshots/*/metrics.json")
    assert {path.read_text() for path in received} == {"{}", '{"better": true}'}


def test_a_tagger_publishes_the_checkpoint_that_it_has_loaded(hub, checkpoint, tmp_path):
    code = """if True:
        import sys
        from timbre.models.tagger import Tagger
        print(Tagger.from_pretrained(sys.argv[1]).push_to_hub("band/tagger", revision="v3"))
    """
    done = run(code, checkpoint, **hub.environment(tmp_path / "sender", TOKEN))
    assert done.returncode == 0, done.stderr
    assert hub.repositories["band/tagger"].branches["v3"] == done.stdout.strip()
    assert load(hub, tmp_path / "receiver", "band/tagger v3")[0].startswith("tiny@")


def test_a_folder_has_no_revisions(hub, checkpoint, tmp_path):
    assert "has no revisions" in load(hub, tmp_path / "receiver", f"{checkpoint} v2")[0]


def test_the_cache_serves_without_a_network(hub, checkpoint, tmp_path):
    push(hub, tmp_path, checkpoint, "band/tagger")
    home = tmp_path / "receiver"
    online = load(hub, home, "band/tagger")
    assert online[0].startswith("tiny@")
    n_asked = len(hub.asked)
    assert load(hub, home, "band/tagger", "band/other", HF_HUB_OFFLINE="1") == [
        *online,
        "bad_checkpoint There is no folder band/other, and the model band/other cannot be fetched "
        "from the Hub.",
    ]
    assert load(hub, home, "band/tagger", HF_ENDPOINT=NOBODY) == online  # the cable is out
    assert len(hub.asked) == n_asked


def test_all_of_a_checkpoint_is_fetched_and_nothing_else(hub, checkpoint, tmp_path):
    push(hub, tmp_path, checkpoint, "band/tagger")
    repository = hub.repositories["band/tagger"]
    repository.commit("main", {"pytorch_model.bin": b"pickled"})
    fetched = run(FETCH, "band/tagger", **hub.environment(tmp_path / "receiver")).stdout
    assert {*fetched.split()} == {*CHECKPOINT_FILES}


def test_a_private_model_needs_the_token(hub, checkpoint, tmp_path):
    push(hub, tmp_path, checkpoint, "band/secret", "--private")
    assert load(hub, tmp_path / "a", "band/secret")[0].startswith("bad_checkpoint")
    assert load(hub, tmp_path / "b", "band/secret", token=TOKEN)[0].startswith("tiny@")


@pytest.mark.parametrize(
    ("token", "sentence"),
    [(None, "Set HF_TOKEN"), ("someone-else", "band/tagger cannot be uploaded")],
)
def test_without_a_valid_token_nothing_is_sent(hub, checkpoint, tmp_path, token, sentence):
    done = push(hub, tmp_path, checkpoint, "band/tagger", token=token)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not hub.repositories


def test_a_hub_that_does_not_answer_is_one_sentence(hub, checkpoint, tmp_path):
    done = push(hub, tmp_path, checkpoint, "band/tagger", HF_ENDPOINT=NOBODY)
    assert done.returncode == 1
    assert "band/tagger cannot be uploaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_checkpoint_that_is_not_whole_or_does_not_load_stays_here(hub, checkpoint, tmp_path):
    (checkpoint / "model.onnx").write_bytes(b"something else")
    done = push(hub, tmp_path, checkpoint, "band/tagger")
    assert "sha256" in done.stderr
    (checkpoint / "README.md").unlink()
    done = push(hub, tmp_path, checkpoint, "band/tagger")
    assert "lacks README.md" in done.stderr
    assert not hub.asked
