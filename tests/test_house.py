"""The house: set-up, pins, image and documents agree with each other."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import timbre
from timbre.cli import COMMANDS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# What cannot live beside the torch that is pinned, or must not be taken from the index at all.
BANNED = {"torchaudio", "torchvision", "timm", "freesound-python"}
TRAINING_ONLY = {"torch", "lightning", "librosa", "pandas", "matplotlib", "scipy", "soundfile", "pydub"}


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(re.match(r"([a-z0-9.-]+)==([^ ]+)", line).groups() for line in lines if "==" in line[:60])


def setup_list(name: str) -> list[str]:
    """A list of requirements in setup.py, names only."""
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return [re.split(r"[\[<>=!~]", one)[0] for one in ast.literal_eval(node.value)]
    raise AssertionError(f"setup.py has no {name}")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def targets() -> set[str]:
    return set(re.findall(r"^  make (\S+)", run("make").stdout, re.MULTILINE))


def test_make_alone_lists_targets_that_exist():
    listed = targets()
    assert {"serve", "test", "check", "docker-build", "docker-run"} <= listed
    for target in listed:
        done = run("make", "--dry-run", target, "MATERIAL=somewhere")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_real_targets_commands_and_files(document: Path):
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|^|\$ )make ([a-z][a-z-]+)", text, re.MULTILINE)) <= targets()
    assert set(re.findall(r"(?:`|^|\$ )timbre ([a-z][a-z-]+)", text, re.MULTILINE)) <= set(COMMANDS)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


def test_every_served_package_is_pinned_with_a_hash():
    text = (ROOT / "requirements-prod.txt").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_two_lists_agree_and_only_one_trains():
    serving, everything = pins("requirements-prod.txt"), pins("requirements.txt")
    assert serving.items() <= everything.items()
    assert set(setup_list("SERVE")) <= serving.keys()
    assert set(setup_list("TRAIN") + setup_list("TRANSFER") + setup_list("DEV")) <= everything.keys()
    assert not TRAINING_ONLY & serving.keys()
    assert not BANNED & everything.keys()


def imported_packages() -> set[str]:
    """Names on the index of all that the package imports itself."""
    modules = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    owners = packages_distributions()
    modules -= {*sys.stdlib_module_names, "timbre"}
    return {owners[module][0].lower().replace("_", "-") for module in modules}


def test_what_is_imported_is_asked_for():
    assert imported_packages() <= {*setup_list("SERVE"), *setup_list("TRAIN"), *setup_list("TRANSFER")}


def test_the_build_is_pinned_like_the_rest():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["build-system"]["requires"] == [f"setuptools=={pins('requirements.txt')['setuptools']}"]


def test_one_version():
    assert f'version="{timbre.__version__}"' in (ROOT / "setup.py").read_text(encoding="utf-8")
    assert f"## {timbre.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")  # what the version check does on 3.10
    old.chmod(0o755)
    venv = tmp_path / "venv"
    done = run("scripts/make_venv.sh", str(venv), "requirements-prod.txt", PYTHON=str(old))
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or later" in done.stderr
    assert not venv.exists()


def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_copies_only_what_the_build_context_lets_through():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    let_through = {line[1:] for line in lines if line.startswith("!")}
    copied = set()
    for line in dockerfile():
        if line.startswith("COPY ") and "--from" not in line:
            copied.update(line.split()[1:-1])
    assert copied == let_through
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health():
    last_stage = dockerfile()[max(i for i, line in enumerate(dockerfile()) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("0", "root")
    assert any(line.startswith("HEALTHCHECK ") and "/healthz" in line for line in last_stage)
    assert not [line for line in last_stage if re.search(r"\b(pip|apt-get) ", line)]
