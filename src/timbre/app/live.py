"""Microphones: songs that arrive as samples over a socket.

What is to be kept becomes a song like any other. All else belongs to the socket that made it: the
samples never touch the disk, and the result goes when the socket does.
"""

import contextlib
import threading
from dataclasses import dataclass
from typing import Any

from timbre.app.context import Context
from timbre.app.job import Job
from timbre.app.live_source import LiveFormat, LiveSource, microphone_off
from timbre.app.playback import UPLOAD_FILE
from timbre.app.recording import SAMPLE_BYTES, Recording
from timbre.errors import TimbreError

LIVE_NAME = "Live"


@dataclass(frozen=True)
class LiveSession:
    """The latest microphone of one socket."""

    song_id: str
    source: LiveSource


class LiveSessions:
    """At most one microphone a socket."""

    def __init__(self, context: Context):
        self._context = context
        self._lock = threading.Lock()
        self._sessions: dict[str, LiveSession] = {}

    def start(self, socket_id: str, message: dict[str, Any]) -> str:
        """Begin, and let go of what this socket heard before; returns the song's id.

        Raises
        ------
        TimbreError
            `bad_request`, `not_possible`, and as `Songs.create`.
        """
        form = LiveFormat.of(message["sample_rate_hz"], message.get("format", "float32"))
        name, keep = message.get("name", LIVE_NAME), message.get("keep", False)
        if not isinstance(name, str) or not isinstance(keep, bool):
            raise TimbreError("bad_request", "A name is text, and `keep` is true or false.")
        before = self._sessions.get(socket_id)
        if before and not before.source.complete:
            raise TimbreError("not_possible", "The microphone is already on.", "Stop it first.")
        self.leave(socket_id)
        songs = self._context.songs
        song_id = songs.create(name)
        try:
            source = self._source(song_id, form, keep)
            self._context.tagging.submit(Job(song_id, source, form.raw), at_once=True)
        except (TimbreError, OSError) as error:
            songs.delete(song_id)
            raise error if isinstance(error, TimbreError) else TimbreError("disk_full") from error
        with self._lock:
            self._sessions[socket_id] = LiveSession(song_id, source)
        return song_id

    def write(self, socket_id: str, piece: object) -> None:
        """Samples of a socket's microphone.

        Raises
        ------
        TimbreError
            `not_possible` when it is off, and as `LiveSource.write`.
        """
        session = self._sessions.get(socket_id)
        if session is None:
            raise microphone_off()
        session.source.write(piece)

    def stop(self, socket_id: str) -> None:
        """The microphone is off; what was heard is tagged to its end."""
        session = self._sessions.get(socket_id)
        if session:
            session.source.finish()

    def leave(self, socket_id: str, song_id: str | None = None) -> None:
        """The socket is gone, or no longer interested in this song: what need not be kept goes."""
        with self._lock:
            session = self._sessions.get(socket_id)
            if session is None or song_id not in (None, session.song_id):
                return
            del self._sessions[socket_id]
        if session.source.keeps:
            session.source.finish()
        else:
            with contextlib.suppress(TimbreError):  # deleted meanwhile
                self._context.songs.delete(session.song_id)

    def _source(self, song_id: str, form: LiveFormat, keep: bool) -> LiveSource:
        settings = self._context.settings
        longest_s = settings.max_duration_s
        recording = None
        if keep:
            longest_s = min(longest_s, settings.max_bytes / (form.sample_rate_hz * SAMPLE_BYTES))
            path = self._context.songs.folder(song_id) / UPLOAD_FILE
            recording = Recording(path, form.sample_rate_hz)
            # After a restart it is tagged on, as far as it was recorded.
            self._context.store.update_song(song_id, uploaded=1)
        max_bytes = int(longest_s * form.sample_rate_hz) * form.sample_bytes
        return LiveSource(form, max_bytes, settings.stall_s, recording)
