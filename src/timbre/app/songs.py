"""The life of a song: created, received, tagged, deleted or expired. REST and sockets both act here."""

import contextlib
import errno
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from timbre.app.growing_file import GrowingFile
from timbre.app.job import Job
from timbre.app.playback import PART_SUFFIX, UPLOAD_FILE
from timbre.app.settings import Settings
from timbre.app.store import IN_WORK, WORKING, Store, model_columns
from timbre.app.tagging import Tagging
from timbre.audio.container import HEAD_BYTES, sniff
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger

LOG = logging.getLogger(__name__)
LONGEST_NAME = 255
SLOWEST_BYTES_PER_S = 1_000
MOST_CRASHES = 3  # of servers that were tagging a song; it is not tried again
_UNNAMED = "untitled"


class Songs:
    """All songs of one server."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        tagging: Tagging,
        tagger: Tagger,
        announce: Callable[[str], None],
        announce_end: Callable[[dict[str, Any]], None],
    ):
        self._settings = settings
        self._store = store
        self._tagging = tagging
        self._tagger = tagger
        self._announce = announce
        self._announce_end = announce_end
        self._claim_lock = threading.Lock()
        self._receiving: set[str] = set()
        self._ending = False

    def create(self, name: str, size_bytes: int | None = None) -> str:
        """A new song that waits for its upload; returns its id.

        Raises
        ------
        TimbreError
            `too_large`, `queue_full`, `disk_full`.
        """
        if size_bytes is not None and size_bytes > self._settings.max_bytes:
            raise self.too_large()
        self._check_queue()
        self._check_disk(size_bytes or 0)
        return self._store.create_song(shown_name(name), self._tagger, self._settings.expiry_s, size_bytes)

    def get(self, song_id: str) -> dict[str, Any]:
        """A song's row.

        Raises
        ------
        TimbreError
            `not_found`.
        """
        song = self._store.song(song_id)
        if song is None or song["expires_at"] <= time.time():  # the next sweep deletes it
            raise TimbreError("not_found")
        return song

    def receive(self, song_id: str, pieces: Iterator[bytes], size_bytes: int | None) -> None:
        """Take the bytes of a song as they arrive; tagging begins with the first of them.

        Parameters
        ----------
        size_bytes
            What the sender announced; fewer bytes mean a broken connection.

        Raises
        ------
        TimbreError
            `not_found`, `already_uploaded`, `queue_full` (the song may be uploaded later), `empty_file`,
            `not_audio`, `too_large`, `upload_stalled`, `disk_full`, and what decoding finds while bytes
            still arrive.
        """
        self._check_queue()
        self._claim(song_id)
        try:
            if size_bytes is not None and size_bytes > self._settings.max_bytes:
                raise self.too_large()
            self._check_disk(size_bytes or 0)
            if size_bytes:
                self._store.update_song(song_id, size_bytes=size_bytes)
            self._receive(song_id, pieces, size_bytes)
        except TimbreError as error:
            self.fail(song_id, error)
            raise
        except Exception:
            self.fail(song_id, TimbreError("internal"))
            raise
        finally:
            with self._claim_lock:
                self._receiving.discard(song_id)

    def expect_end(self) -> None:
        """The server stops: uploads that break off from now on are not their senders' fault."""
        self._ending = True

    def delete(self, song_id: str) -> None:
        """Stop work on a song and remove every trace of it.

        Raises
        ------
        TimbreError
            `not_found`.
        """
        song = self._store.song(song_id)
        if song is None:
            raise TimbreError("not_found")
        self._store.delete_song(song_id)  # first: whoever still works on it finds nothing to write to
        self._tagging.cancel(song_id)
        shutil.rmtree(self.folder(song_id), ignore_errors=True)
        self._announce_end({**song, "state": "cancelled"})

    def fail(self, song_id: str, error: TimbreError) -> None:
        """Mark a song as failed, unless it has ended; no byte of it stays."""
        failed = {"state": "failed", "error": error.as_dict(), "audio_file": None}
        if self._store.update_song(song_id, only_in=WORKING, **failed):
            self._tagging.cancel(song_id)
            self._store.delete_segments(song_id)
            self._announce(song_id)
        shutil.rmtree(self.folder(song_id), ignore_errors=True)

    def sweep(self, now_s: float | None = None) -> None:
        """Delete songs whose time is over or that were never uploaded, and folders that belong to no song."""
        now_s = time.time() if now_s is None else now_s
        unused = self._store.unused(now_s - self._settings.unused_s)
        for song_id in [*self._store.expired(now_s), *filter(self._is_idle, unused)]:
            with contextlib.suppress(TimbreError):  # deleted meanwhile
                self.delete(song_id)
        folders = list(self._settings.songs_dir.glob("*"))  # first: a song has its row before its folder
        known = self._store.all_ids()
        for folder in folders:
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    def resume(self) -> None:
        """After a restart: go on with the songs that are all there, and end the others honestly.

        A song that is done without ever having been there whole came from a microphone and was not to be
        kept; the page that listened is gone. A song that several servers died of is not tried again.
        """
        for song in self._store.songs_in(("done",)):
            if not song["uploaded"]:
                self.delete(song["id"])
        for song in self._store.songs_in(WORKING):
            self._go_on(song, crashes=song["crashes"] + (song["state"] in IN_WORK))

    def mend(self) -> None:
        """Go on with songs that have not ended though nobody works on them: their thread has died."""
        for song in self._store.songs_in(("queued", *IN_WORK)):
            if self._is_idle(song["id"]):
                now = self._store.song(song["id"])  # it may have ended between the two lines above
                if now and now["state"] == song["state"]:
                    LOG.error("a song was left in the middle", extra={"song": song["id"][:8]})
                    self._go_on(now, crashes=now["crashes"] + 1)

    def _is_idle(self, song_id: str) -> bool:
        with self._claim_lock:
            return song_id not in self._receiving and not self._tagging.has(song_id)

    def _go_on(self, song: dict[str, Any], crashes: int) -> None:
        upload = self.folder(song["id"]) / UPLOAD_FILE
        if not (song["uploaded"] and upload.is_file()):
            self.fail(song["id"], TimbreError("interrupted"))
        elif crashes >= MOST_CRASHES:
            self.fail(song["id"], TimbreError("tagging_failed"))
        else:
            for part in upload.parent.glob(f"*{PART_SUFFIX}"):
                part.unlink()
            if song["model"] != self._tagger.name:
                self._store.delete_segments(song["id"])
            self._store.update_song(
                song["id"], state="queued", crashes=crashes, **model_columns(self._tagger)
            )
            file = GrowingFile.of_complete(upload)
            self._tagging.submit(Job(song["id"], file, suspect=crashes > 0))

    def folder(self, song_id: str) -> Path:
        """Where the files of a song lie; the id is ours, never a client's words."""
        return self._settings.songs_dir / song_id

    def too_large(self) -> TimbreError:
        """`too_large` with the limit in it."""
        return TimbreError(
            "too_large", f"The file is larger than {self._settings.max_bytes / 1e6:g} megabytes."
        )

    def _claim(self, song_id: str) -> None:
        """Let one upload of a song begin, and no second."""
        with self._claim_lock:
            song = self.get(song_id)
            begun = song["state"] != "uploading" or song["uploaded"] or song_id in self._receiving
            if begun or self.folder(song_id).exists():
                raise TimbreError("already_uploaded")
            self._receiving.add(song_id)

    def _receive(self, song_id: str, pieces: Iterator[bytes], size_bytes: int | None) -> None:
        file: GrowingFile | None = None
        head = b""
        try:
            for piece in self._not_too_slow(pieces):
                if file is None:
                    head += piece
                    if len(head) < HEAD_BYTES and (size_bytes is None or len(head) < size_bytes):
                        continue
                    file, piece = self._begin(song_id, head), head
                self._append(file, piece)
            if file is None:
                if len(head) < (size_bytes or 0):  # no word of what it is: the connection broke
                    raise TimbreError("upload_stalled")
                file = self._begin(song_id, head)
                self._append(file, head)
            self._end_upload(song_id, file, size_bytes)
        except TimeoutError:
            raise self._aborted(file, TimbreError("upload_stalled")) from None
        except OSError as error:
            code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "upload_stalled"
            raise self._aborted(file, TimbreError(code)) from error
        except TimbreError as error:
            raise self._aborted(file, error) from None
        except Exception:
            self._aborted(file, TimbreError("internal"))
            raise

    def _begin(self, song_id: str, head: bytes) -> GrowingFile:
        sniff(head[:HEAD_BYTES])
        announced = (self._store.song(song_id) or {}).get("size_bytes")
        file = GrowingFile(self.folder(song_id) / UPLOAD_FILE)
        self._tagging.submit(Job(song_id, file, size_bytes=announced or 0))
        if self._store.song(song_id) is None:  # deleted before its first bytes came
            self._tagging.cancel(song_id)
            raise self._aborted(file, TimbreError("not_found"))
        return file

    def _not_too_slow(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces, as long as they come at a rate that is worth waiting for."""
        started_s, n_bytes = time.monotonic(), 0
        for piece in pieces:
            n_bytes += len(piece)
            elapsed_s = time.monotonic() - started_s
            if elapsed_s > self._settings.stall_s and n_bytes < SLOWEST_BYTES_PER_S * elapsed_s:
                raise TimbreError("upload_stalled")
            yield piece

    def _append(self, file: GrowingFile, piece: bytes) -> None:
        if file.size_bytes + len(piece) > self._settings.max_bytes:
            raise self.too_large()
        file.write(piece)

    def _end_upload(self, song_id: str, file: GrowingFile, size_bytes: int | None) -> None:
        if size_bytes is not None and file.size_bytes < size_bytes:
            raise TimbreError("upload_stalled")
        # The row first: once the file is finished, the song may be done at any moment.
        self._store.update_song(song_id, uploaded=1, size_bytes=file.size_bytes)
        self._store.update_song(song_id, only_in=("uploading",), state="queued")
        file.finish()
        self._tagging.start_waiting()  # a complete song may start where an arriving one may not
        self._announce(song_id)

    def _aborted(self, file: GrowingFile | None, error: TimbreError) -> TimbreError:
        if self._ending and error.code == "upload_stalled":  # the server has cut it
            error = TimbreError("interrupted")
        if file:
            file.abort(error)
        return error

    def _check_queue(self) -> None:
        if self._tagging.n_waiting >= self._settings.max_waiting:
            raise TimbreError("queue_full")

    def _check_disk(self, size_bytes: int) -> None:
        self._settings.songs_dir.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._settings.songs_dir).free < self._settings.min_free_bytes + size_bytes:
            raise TimbreError("disk_full")


def shown_name(name: str) -> str:
    """A client's file name as text to show: printable, of bounded length, and never a path."""
    printable = "".join(c for c in name if c.isprintable()).strip()
    return printable[:LONGEST_NAME] or _UNNAMED
