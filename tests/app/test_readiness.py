"""Health that cannot lie: each part is broken, told, mended, and told again."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import until

from timbre.app.context import Context
from timbre.app.factory import create_app, start_work
from timbre.app.readiness import Readiness
from timbre.app.settings import Settings
from timbre.audio.ffmpeg import ffmpeg_path

ROOM_BYTES = 2_000_000_000  # of disk, between what is needed and what is free


@pytest.fixture
def context(tiny_model, tmp_path) -> Iterator[Context]:
    """The parts of a server in this process, where threads can be ended one by one."""
    settings = Settings(model=str(tiny_model), data_dir=str(tmp_path), min_free_bytes=0)
    _, _, made = create_app(settings)
    stop = start_work(made)
    yield made
    stop()


def test_what_is_broken_outside_is_told_until_it_is_mended(run_server, tmp_path):
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.symlink_to(shutil.which(ffmpeg_path()))
    needed_bytes = shutil.disk_usage(tmp_path).free - ROOM_BYTES
    with run_server(tmp_path, TIMBRE_FFMPEG=ffmpeg, TIMBRE_MIN_FREE_BYTES=needed_bytes) as server:

        def says(reason: str | None) -> bool:
            answer = server.get("/readyz")
            told = {"status": "ready"} if reason is None else {"status": "not ready", "reason": reason}
            assert server.get("/healthz").status_code == 200
            return (answer.status_code, answer.json()) == (503 if reason else 200, told)

        assert says(None)
        ffmpeg.rename(tmp_path / "elsewhere")
        assert says("There is no ffmpeg.")
        (tmp_path / "elsewhere").rename(ffmpeg)
        assert says(None)
        with (tmp_path / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, 2 * ROOM_BYTES)
        assert says("The disk is full.")
        (tmp_path / "ballast").unlink()
        until(lambda: says(None))
        rename_table(tmp_path, "songs", "gone")
        assert says("The database does not answer.")
        rename_table(tmp_path, "gone", "songs")
        until(lambda: says(None))


def rename_table(folder: Path, old: str, new: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "timbre.db", timeout=60)) as database:
        database.execute(f"ALTER TABLE {old} RENAME TO {new}")
        database.commit()


def test_the_sweep_is_missed_when_it_ends(context):
    readiness = Readiness(context)
    assert readiness.why_not() is None
    context.sweeper.stop()
    until(lambda: readiness.why_not() == "Old songs are no longer deleted.")
    context.sweeper.start()
    assert readiness.why_not() is None


def test_the_delivery_is_missed_when_it_ends(context):
    context.delivery.stop()
    assert Readiness(context).why_not() == "The delivery to sockets has stopped."


def test_the_model_is_asked(context):
    session = context.tagger._session
    context.tagger._session = None  # what a network that cannot be run comes to
    assert Readiness(context).why_not() == "The model does not answer."
    context.tagger._session = session
    assert Readiness(context).why_not() is None
