"""Serving needs no part of the training install, neither on import nor while it tags a song."""

import json
import os
import subprocess
import sys
import tomllib
import wave
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "timbre"
SERVING_FOLDERS = ("audio", "app")
SERVING_FILES = ("cli/__init__.py", "cli/serve.py", "cli/tag.py", "models/tagger.py", "models/exports.py")
DURATION_S, RATE_HZ = 3, 32_000


def heavy_packages() -> list[str]:
    """What must stay away, from the contract that import-linter holds too."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(c["forbidden_modules"] for c in contracts if c["id"] == "light-serving")


def serving_modules() -> list[str]:
    files = [PACKAGE / name for name in SERVING_FILES]
    for folder in SERVING_FOLDERS:
        files += sorted((PACKAGE / folder).rglob("*.py"))
    names = [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def run_python(
    code: str, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_serving_modules_import_nothing_heavy():
    code = """if True:
        import importlib, json, sys
        for name in json.loads(sys.argv[1]):
            importlib.import_module(name)
        print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
    """
    done = run_python(code, json.dumps(serving_modules()))
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert {"timbre", "numpy", "onnxruntime", "flask"} <= loaded  # it did import what serves
    assert not loaded & set(heavy_packages())


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    samples = 0.3 * np.sin(2 * np.pi * 440 * np.arange(DURATION_S * RATE_HZ) / RATE_HZ)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return path


def test_a_song_is_tagged_where_the_training_install_is_missing(tone: Path):
    # None in sys.modules makes an import fail as if the package were not installed.
    code = """if True:
        import json, sys
        sys.modules.update(dict.fromkeys(json.loads(sys.argv[1])))
        from timbre.cli import main
        main(["tag", "--format", "json", sys.argv[2]])
    """
    done = run_python(code, json.dumps(heavy_packages()), str(tone))
    assert done.returncode == 0, done.stderr
    tagged = json.loads(done.stdout)
    assert tagged["duration_s"] == pytest.approx(DURATION_S)
    assert [s["start_s"] for s in tagged["segments"]] == [0, 1, 2]
    assert all(0 <= p <= 1 for s in tagged["segments"] for p in s["probabilities"].values())


@pytest.mark.parametrize("command", [["data", "metadata"], ["train"], ["evaluate", ".", "."]])
def test_what_needs_the_training_install_says_so(command: list[str]):
    code = """if True:
        import json, sys
        sys.modules.update(dict.fromkeys(json.loads(sys.argv[1])))
        from timbre.cli import main
        main(sys.argv[2:])
    """
    done = run_python(code, json.dumps(heavy_packages()), *command)
    assert done.returncode == 1
    assert f"`timbre {command[0]}` needs " in done.stderr
    assert "Install requirements.txt for training." in done.stderr
    assert "Traceback" not in done.stderr


def test_tagging_leaves_no_trace_of_its_user(tone: Path, tmp_path: Path):
    # Left to itself ONNX Runtime reports to its maker and keeps a device id in the home folder, though
    # not where it sees CI: hence a bare environment.
    home = tmp_path / "home"
    home.mkdir()
    code = "import sys; from timbre.cli import main; main(['tag', sys.argv[1]])"
    done = run_python(code, str(tone), environment={"PATH": os.environ["PATH"], "HOME": str(home)})
    assert done.returncode == 0, done.stderr
    assert not list(home.iterdir())
