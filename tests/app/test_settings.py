"""Settings with which the server must not start: one sentence each, and exit status 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from timbre.app.settings import Settings, UnsafeSettings

TIMBRE = Path(sys.executable).with_name("timbre")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"TIMBRE_ALLOWED_ORIGINS": "*"}, "must name origins"),
        ({"TIMBRE_ALLOWED_ORIGINS": "https://a.example, b.example"}, "must name origins"),
        ({"TIMBRE_ALLOWED_ORIGINS": "https://*.example"}, "must name origins"),
        ({"TIMBRE_MAX_BYTES": "many"}, "must be a number"),
        ({"TIMBRE_MAX_BYTES": "0"}, "must be at least 1"),
        ({"TIMBRE_MAX_ACTIVE": "0"}, "must be at least 1"),
        ({"TIMBRE_EXPIRY_S": "nan"}, "must be a finite number"),
        ({"TIMBRE_EXPIRY_S": "inf"}, "must be a finite number"),
        ({"TIMBRE_PROXIES": "-1"}, "must not be negative"),
        ({"TIMBRE_MAX_SOCKETS": "460"}, "must be below TIMBRE_WEB_THREADS"),
        ({"PORT": "70000"}, "must not be above 65535"),
        ({"TIMBRE_LOG_FORMAT": "xml"}, "must be one of text, json"),
    ],
)
def test_nonsense_and_contradictions_are_refused(settings, says):
    with pytest.raises(UnsafeSettings, match=says) as refused:
        Settings.from_environment(settings)
    assert str(refused.value).endswith(".")


def test_defaults_are_safe_and_hold_no_secret():
    settings = Settings.from_environment({})
    assert settings.host == "127.0.0.1"
    assert (settings.proxies, settings.origins, settings.metrics_token) == (0, [], "")


def start(*, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"{before} exec {TIMBRE} serve"],
        env={**os.environ, "PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_does_not_start_where_it_cannot_work(tmp_path):
    (tmp_path / "file").touch()
    folder = str(tmp_path / "data")
    assert_refused(start(TIMBRE_DATA_DIR=str(tmp_path / "file")), "cannot be written")
    (tmp_path / "not.db").write_bytes(b"not a database" * 1_000)
    spoiled = f"sqlite:///{tmp_path / 'not.db'}"
    assert_refused(start(TIMBRE_DATA_DIR=folder, DATABASE_URL=spoiled), "database cannot be opened")
    assert_refused(start(TIMBRE_DATA_DIR=folder, before="ulimit -n 600;"), "files may have to be open")
