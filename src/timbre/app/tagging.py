"""Background tagging: a bounded number of songs at a time, the others in a queue.

Songs in work take turns (`turns.py`), so that a short one does not wait for a long one, and what
somebody follows on a page comes before what nobody looks at.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from timbre.app.job import Job
from timbre.app.metrics import Metrics
from timbre.app.playback import TRANSCODE_FILE, TRANSCODE_TYPE, UPLOAD_FILE, judge, transcode
from timbre.app.settings import Settings
from timbre.app.store import WORKING, Store
from timbre.app.turns import Turns
from timbre.audio.container import HEAD_BYTES
from timbre.audio.decode import PIECE_BYTES, DecodeLimits, Decoder, needs_seeking
from timbre.audio.log_mel import Waveform
from timbre.errors import TimbreError
from timbre.models.tagged_segment import TaggedSegment
from timbre.models.tagger import Tagger

LOG = logging.getLogger(__name__)
_END_S = 3.0  # what ending waits for all songs together
_LONG_PLACES = 2  # places for long songs, in those for the others
_FOLLOWED, _LIVE = 8.0, 64.0  # times what a song gets that nobody follows
_HEAD_START_S = 120.0  # in the queue, for a song that somebody follows
_STUCK_S = 120.0  # no turn takes a hundredth of it


class Tagging:
    """Runs jobs and writes what they find into the store.

    Parameters
    ----------
    announce
        Hears of every change of a song.
    is_followed
        Whether somebody looks at a song.
    """

    def __init__(
        self,
        tagger: Tagger,
        store: Store,
        settings: Settings,
        metrics: Metrics,
        announce: Callable[[str], None],
        is_followed: Callable[[str], bool],
    ):
        self._tagger = tagger
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._announce = announce
        self._is_followed = is_followed
        self._turns = Turns(max(1, len(os.sched_getaffinity(0)) // max(1, settings.model_threads)))
        self._lock = threading.Lock()
        self._waiting: list[Job] = []
        self._active: dict[str, Job] = {}
        self._stopping = False

    def submit(self, job: Job, *, at_once: bool = False) -> None:
        """Queue a song; it starts at once if there is room.

        Raises
        ------
        TimbreError
            `queue_full` when there is none, if it must start `at_once`.
        """
        with self._lock:
            if at_once and len(self._active) + len(self._waiting) >= self._settings.max_active:
                raise TimbreError("queue_full", "Too many songs are arriving at the moment.")
            self._waiting.append(job)
        self.start_waiting()

    def has(self, song_id: str) -> bool:
        """Whether a song waits or is in work."""
        with self._lock:
            return song_id in self._active or any(job.song_id == song_id for job in self._waiting)

    def position(self, song_id: str) -> int | None:
        """Place in the queue, 1 for the next; None for a song that does not wait."""
        with self._lock:
            ids = [job.song_id for job in self._queue()]
        return ids.index(song_id) + 1 if song_id in ids else None

    @property
    def n_waiting(self) -> int:
        """Songs in the queue."""
        return len(self._waiting)

    def why_stuck(self) -> str | None:
        """What keeps songs from being tagged; None when nothing does."""
        if self._turns.longest_s() > _STUCK_S:
            return "The model does not answer."
        with self._lock:
            dead = [job for job in self._active.values() if job.thread and not job.thread.is_alive()]
        return "A song's thread has died." if dead else None

    def cancel(self, song_id: str) -> None:
        """Stop work on a song and wait until it has stopped; nothing is written of it afterwards."""
        with self._lock:
            jobs = [job for job in (*self._waiting, *self._active.values()) if job.song_id == song_id]
            self._waiting = [job for job in self._waiting if job.song_id != song_id]
        self._end(jobs, TimbreError("not_found"))
        self.start_waiting()

    def stop(self) -> None:
        """Stop all work, as the server does at its end. The songs are resumed when it starts again."""
        with self._lock:
            self._stopping = True
            jobs = [*self._waiting, *self._active.values()]
            self._waiting.clear()
        self._end(jobs, TimbreError("interrupted"))
        for job in jobs:  # it was no song that ended the server
            if job.source.complete:
                self._store.update_song(job.song_id, only_in=WORKING, state="queued")

    def _end(self, jobs: list[Job], error: TimbreError) -> None:
        for job in jobs:
            job.cancelled = True
            job.source.abort(error)
            for work in list(job.at_work):
                work.close()
        self._turns.wake()
        deadline_s = time.monotonic() + _END_S
        for job in jobs:
            if job.thread and job.thread is not threading.current_thread():
                job.thread.join(max(0.0, deadline_s - time.monotonic()))

    def start_waiting(self) -> None:
        """Start what may start now, in the order of the queue."""
        with self._lock:
            for job in self._queue():
                if not self._may_start(job):
                    continue
                thread = threading.Thread(target=self._run, args=(job,), name="tagging", daemon=True)
                thread.start()  # first: where the system gives no thread, the song has no place either
                job.thread = thread
                self._waiting.remove(job)
                self._active[job.song_id] = job
            waiting = [job.song_id for job in self._queue()]
            self._metrics.waiting.set(len(waiting))
            self._metrics.active.set(len(self._active))
        for song_id in waiting:
            self._announce(song_id)  # their positions have changed

    def _queue(self) -> list[Job]:
        """Who waits, the next one first: who waits at a page is served before who does not."""

        def place(job: Job) -> float:
            return job.due_s - (_HEAD_START_S if self._is_followed(job.song_id) else 0.0)

        return sorted(self._waiting, key=place)

    def _may_start(self, job: Job) -> bool:
        """Whether there is a place.

        Complete songs count complete ones alone; those that still arrive count all. So slow uploads and
        open microphones never keep out a song that is all there. Long songs have places of their own. A
        song that was in work when a server died starts when no other such song is in work: if it was the
        cause, it shall be known as such.
        """
        active = list(self._active.values())
        if self._stopping or (job.suspect and any(other.suspect for other in active)):
            return False
        if not job.source.complete and len(active) >= self._settings.max_active:
            return False
        complete = [other for other in active if other.source.complete]
        n_long = sum(other.is_long for other in complete)
        n_before = len(complete) - min(n_long, _LONG_PLACES * self._settings.max_active)
        return n_before < self._settings.max_active

    def _run(self, job: Job) -> None:
        started_s = time.monotonic()
        try:
            self._tag(job)
        except TimbreError as error:
            self._fail(job, error)
        except BaseException:  # nothing that a song does may leave it without an end
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
        with decoder:
            pieces = self._pieces(job, decoder)
            for segment in self._tagger.tag_waveform(pieces, lambda: self._turn(job), is_live=bool(job.raw)):
                if job.cancelled:
                    return
                self._take(job, decoder, segment)
        if not job.cancelled:
            self._finish(job, decoder)

    def _pieces(self, job: Job, decoder: Decoder) -> Iterator[Waveform]:
        """What the decoder gives; it is asked for outside of any turn."""
        for waveform in decoder:
            self._check_length(job, decoder)
            yield waveform

    def _check_length(self, job: Job, decoder: Decoder) -> None:
        """Where a whole file says that it is too long: decode it without tagging, which fails soon if it is.

        Nobody is shown half an hour of tags that are deleted in the end. If the file was wrong, tagging goes
        on.
        """
        says_too_long = (decoder.duration_estimate_s or 0.0) > decoder.limits.max_duration_s
        if job.length_checked or not says_too_long or not job.source.complete:
            return
        job.length_checked = True
        with self._open(job) as counting:
            job.add(counting)
            for _ in counting:
                pass

    def _take(self, job: Job, decoder: Decoder, segment: TaggedSegment) -> None:
        """Keep a segment, and tell what is known of its song by now."""
        self._keep(job, segment)
        if segment.index == 0:
            self._change(job, state="tagging")
            self._metrics.first_segment_s.observe(time.monotonic() - job.arrived_s)
        if decoder.codec:  # which takes another way than the samples, and may be late
            self._settle_audio(job, decoder)
        self._change(job, duration_estimate_s=decoder.duration_estimate_s)

    def _keep(self, job: Job, segment: TaggedSegment) -> None:
        if self._store.add_segment(job.song_id, segment):
            self._metrics.tagged_s.inc(segment.end_s - segment.start_s)
        was_long, job.tagged_s = job.is_long, segment.end_s
        if job.is_long and not was_long:
            self.start_waiting()  # it takes another place now

    def _turn(self, job: Job) -> AbstractContextManager[None]:
        share = _LIVE if job.raw else _FOLLOWED if self._is_followed(job.song_id) else 1.0
        return self._turns.turn(job.tagged_s / share, lambda: job.cancelled)

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
            transcode(job.source.path, target, decoder.duration_s, decoder.limits, job.add)
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
        self._change(job, state="failed", error=error.as_dict(), audio_file=None)
        self._metrics.songs.labels("failed", error.code).inc()

    def _change(self, job: Job, **values: Any) -> None:
        if not job.cancelled and self._store.update_song(job.song_id, only_in=WORKING, **values):
            self._announce(job.song_id)
