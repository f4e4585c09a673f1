"""Whether this server can really work: each part is asked, and the first that cannot says why."""

import shutil
import threading
import time
from collections.abc import Callable

import numpy as np

from timbre.app.context import Context
from timbre.audio.ffmpeg import ffmpeg_path
from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger

_PROBE_S = 10.0  # the network is not asked more often
_SILENCE_DB = -100.0


class Readiness:
    """The answer of /readyz."""

    def __init__(self, context: Context):
        self._context = context
        self._lock = threading.Lock()
        self._probed_s = -_PROBE_S
        self._model_works = False

    def why_not(self) -> str | None:
        """What keeps this server from doing its work, in a sentence; None when nothing does."""
        checks: tuple[Callable[[], str | None], ...] = (
            self._database,
            self._threads,
            self._context.tagging.why_stuck,
            self._ffmpeg,
            self._disk,
            self._model,
        )
        return next(filter(None, (check() for check in checks)), None)

    def _database(self) -> str | None:
        try:
            self._context.store.check()
        except Exception:  # any trouble of the database is the answer, not a failure of asking
            return "The database does not answer."
        return None

    def _threads(self) -> str | None:
        if not self._context.delivery.alive:
            return "The delivery to sockets has stopped."
        if not self._context.sweeper.alive:
            return "Old songs are no longer deleted."
        return None

    def _ffmpeg(self) -> str | None:
        try:
            found = shutil.which(ffmpeg_path())
        except TimbreError:
            found = None
        return None if found else "There is no ffmpeg."

    def _disk(self) -> str | None:
        settings = self._context.settings
        try:
            free_bytes = shutil.disk_usage(settings.data_dir).free
        except OSError:
            return "The data folder is gone."
        return "The disk is full." if free_bytes < settings.min_free_bytes else None

    def _model(self) -> str | None:
        with self._lock:
            if time.monotonic() - self._probed_s >= _PROBE_S:
                self._model_works = _answers_for_silence(self._context.tagger)
                self._probed_s = time.monotonic()
        return None if self._model_works else "The model does not answer."


def _answers_for_silence(tagger: Tagger) -> bool:
    n_frames = round(tagger.config.context_s * FRONT_END.frames_per_s)
    silence = np.full((1, FRONT_END.n_mels, n_frames), _SILENCE_DB, np.float32)
    try:
        return bool(np.isfinite(tagger.logits(silence)).all())
    except Exception:  # ONNX Runtime raises classes of its own
        return False
