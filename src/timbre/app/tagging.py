"""Background tagging: a bounded number of songs at a time, the others in the order of their arrival."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from timbre.app.metrics import Metrics
from timbre.app.playback import TRANSCODE_FILE, TRANSCODE_TYPE, UPLOAD_FILE, judge, transcode
from timbre.app.settings import Settings
from timbre.app.store import WORKING, Store
from timbre.audio.container import HEAD_BYTES
from timbre.audio.decode import PIECE_BYTES, DecodeLimits, Decoder, RawFormat, needs_seeking
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger

LOG = logging.getLogger(__name__)
_END_S = 3.0  # what ending waits for all songs together


class Source(Protocol):
    """Where the bytes of a song come from: a `GrowingFile`, or a microphone."""

    path: Path
    size_bytes: int
    complete: bool
    keeps: bool

    def head(self, n_bytes: int) -> bytes:
        """The first bytes, once they are there."""

    def pieces(self) -> Iterator[bytes]:
        """All bytes, waiting for more."""

    def wait(self, n_bytes: int | None = None) -> None:
        """Wait for so many bytes, or for all."""

    def abort(self, error: TimbreError) -> None:
        """Make both ends raise `error`."""


class Closable(Protocol):
    """A decoder or a child of ffmpeg."""

    def close(self) -> None:
        """End it, from any thread."""


@dataclass
class Job:
    """One song in work."""

    song_id: str
    source: Source
    raw: RawFormat | None = None
    arrived_s: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None
    at_work: list[Closable] = field(default_factory=list)  # what must be ended to end the job
    cancelled: bool = False
    audio_settled: bool = False

    def add(self, work: Closable) -> None:
        """Remember what must be ended with the job; at once, if the job has been ended meanwhile."""
        self.at_work.append(work)
        if self.cancelled:
            work.close()


class Tagging:
    """Runs jobs and writes what they find into the store; `announce` hears of every change."""

    def __init__(
        self,
        tagger: Tagger,
        store: Store,
        settings: Settings,
        metrics: Metrics,
        announce: Callable[[str], None],
    ):
        self._tagger = tagger
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._announce = announce
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._active: dict[str, Job] = {}
        self._stopping = False

    def submit(
        self, song_id: str, source: Source, raw: RawFormat | None = None, *, at_once: bool = False
    ) -> None:
        """Queue a song; it starts at once if there is room.

        Raises
        ------
        TimbreError
            `queue_full` when there is none, if it must start `at_once`.
        """
        with self._lock:
            if at_once and len(self._active) + len(self._waiting) >= self._settings.max_active:
                raise TimbreError("queue_full", "Too many songs are arriving at the moment.")
            self._waiting.append(Job(song_id, source, raw))
        self.start_waiting()

    def position(self, song_id: str) -> int | None:
        """Place in the queue, 1 for the next; None for a song that does not wait."""
        with self._lock:
            ids = [job.song_id for job in self._waiting]
        return ids.index(song_id) + 1 if song_id in ids else None

    @property
    def n_waiting(self) -> int:
        """Songs in the queue."""
        return len(self._waiting)

    def cancel(self, song_id: str) -> None:
        """Stop work on a song and wait until it has stopped; nothing is written of it afterwards."""
        with self._lock:
            jobs = [job for job in (*self._waiting, *self._active.values()) if job.song_id == song_id]
            self._waiting = deque(job for job in self._waiting if job.song_id != song_id)
        self._end(jobs, TimbreError("not_found"))
        self.start_waiting()

    def stop(self) -> None:
        """Stop all work, as the server does at its end. The songs keep their state and are resumed."""
        with self._lock:
            self._stopping = True
            jobs = [*self._waiting, *self._active.values()]
            self._waiting.clear()
        self._end(jobs, TimbreError("interrupted"))

    def _end(self, jobs: list[Job], error: TimbreError) -> None:
        for job in jobs:
            job.cancelled = True
            job.source.abort(error)
            for work in list(job.at_work):
                work.close()
        deadline_s = time.monotonic() + _END_S
        for job in jobs:
            if job.thread and job.thread is not threading.current_thread():
                job.thread.join(max(0.0, deadline_s - time.monotonic()))

    def start_waiting(self) -> None:
        """Start what may start now, in the order of arrival."""
        with self._lock:
            for job in list(self._waiting):
                if not self._may_start(job):
                    continue
                job.thread = threading.Thread(target=self._run, args=(job,), name="tagging", daemon=True)
                job.thread.start()
                self._waiting.remove(job)
                self._active[job.song_id] = job
            waiting = [job.song_id for job in self._waiting]
            self._metrics.waiting.set(len(waiting))
            self._metrics.active.set(len(self._active))
        for song_id in waiting:
            self._announce(song_id)  # their positions have changed

    def _may_start(self, job: Job) -> bool:
        """Complete songs count complete ones alone; those that still arrive count all.

        So slow uploads and open microphones never keep out a song that is all there, and no more than
        twice `max_active` songs are in work.
        """
        complete = sum(other.source.complete for other in self._active.values())
        n_before = complete if job.source.complete else len(self._active)
        return n_before < self._settings.max_active and not self._stopping

    def _run(self, job: Job) -> None:
        started_s = time.monotonic()
        try:
            self._tag(job)
        except TimbreError as error:
            self._fail(job, error)
        except Exception:
            LOG.exception("tagging failed", extra={"song": job.song_id[:8]})
            self._fail(job, TimbreError("tagging_failed"))
        finally:
            self._metrics.work_s.inc(time.monotonic() - started_s)
            with self._lock:
                self._active.pop(job.song_id, None)
            self.start_waiting()

    def _tag(self, job: Job) -> None:
        self._change(job, state="decoding")
        decoder = self._open(job)
        job.add(decoder)
        for segment in self._tagger.tag(decoder):
            if job.cancelled:
                return
            if self._store.add_segment(job.song_id, segment):
                self._metrics.tagged_s.inc(segment.end_s - segment.start_s)
            if segment.index == 0:
                self._change(job, state="tagging")
                self._metrics.first_segment_s.observe(time.monotonic() - job.arrived_s)
            self._settle_audio(job, decoder)
            self._change(job, duration_estimate_s=decoder.duration_estimate_s)
        if not job.cancelled:
            self._finish(job, decoder)

    def _open(self, job: Job) -> Decoder:
        limits = DecodeLimits(max_duration_s=self._settings.max_duration_s)
        if job.raw:
            return Decoder(job.source.pieces(), limits=limits, raw=job.raw)
        if needs_seeking(job.source.head(HEAD_BYTES)) and needs_seeking(job.source.head(PIECE_BYTES)):
            job.source.wait()
        if job.source.complete:
            return Decoder(job.source.path, limits=limits)
        song = self._store.song(job.song_id) or {}
        return Decoder(job.source.pieces(), limits=limits, size_bytes=song.get("size_bytes"))

    def _settle_audio(self, job: Job, decoder: Decoder) -> None:
        """Once the upload is whole: tell whether it can be played as it is."""
        if job.audio_settled or not job.source.complete or not job.source.keeps:
            return
        job.audio_settled = True
        playback = judge(job.source.path, decoder.codec)
        if playback.exact:
            self._change(job, audio_type=playback.media_type, audio_file=UPLOAD_FILE)
        else:
            self._change(job, audio_exact=0)

    def _finish(self, job: Job, decoder: Decoder) -> None:
        job.source.wait()
        self._settle_audio(job, decoder)
        warnings = ["truncated"] if decoder.truncated else []
        if job.source.keeps and not (self._store.song(job.song_id) or {}).get("audio_file"):
            warnings += self._transcode(job, decoder)
        self._change(job, state="done", duration_s=decoder.duration_s, warnings=warnings)
        self._metrics.songs.labels("done", "").inc()

    def _transcode(self, job: Job, decoder: Decoder) -> list[str]:
        target = job.source.path.with_name(TRANSCODE_FILE)
        try:
            transcode(job.source.path, target, decoder.limits, job.add)
        except TimbreError:
            return ["no_playback"]
        self._change(job, audio_type=TRANSCODE_TYPE, audio_file=TRANSCODE_FILE)
        return []

    def _fail(self, job: Job, error: TimbreError) -> None:
        if job.cancelled:
            return
        job.source.abort(error)
        if job.source.keeps:
            job.source.path.unlink(missing_ok=True)
        self._store.delete_segments(job.song_id)
        self._change(job, state="failed", error=error.as_dict())
        self._metrics.songs.labels("failed", error.code).inc()

    def _change(self, job: Job, **values: Any) -> None:
        if not job.cancelled and self._store.update_song(job.song_id, only_in=WORKING, **values):
            self._announce(job.song_id)
