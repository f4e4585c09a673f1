"""The store: songs, their segments and corrections. Sockets, REST and a second tab read the same rows."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from timbre.app.tables import CORRECTIONS, SEGMENTS, SONGS, open_engine
from timbre.audio.picture import segment_jpeg
from timbre.errors import TimbreError
from timbre.models.tagged_segment import TaggedSegment
from timbre.models.tagger import Tagger

IN_WORK = ("decoding", "tagging")
WORKING = ("uploading", "queued", *IN_WORK)
ENDED = ("done", "failed", "cancelled")
LAST_INDEX = 2**31 - 1  # that the database can hold
_NO_ROOM = ("disk is full", "disk I/O error", "No space left")  # SQLite's words twice, PostgreSQL's
_DIGITS = 5
_PEAK_STEPS = 255


@dataclass(frozen=True)
class StoredSegment:
    """A row of `segments`, as the interfaces show it; `spectrogram` is a JPEG."""

    index: int
    start_s: float
    end_s: float
    probabilities: list[float]
    peaks: list[float]
    spectrogram: bytes

    def as_dict(self) -> dict[str, Any]:
        """The row as REST gives it: everything but the picture."""
        return {
            "index": self.index,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "probabilities": self.probabilities,
            "peaks": self.peaks,
        }


class Store:
    """Rows by song id. Every method is one transaction and may be called from any thread.

    Raises
    ------
    TimbreError
        `disk_full`, by whatever writes.
    """

    def __init__(self, url: str):
        self._engine = open_engine(url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            if any(words in str(error.orig) for words in _NO_ROOM):
                raise TimbreError("disk_full") from error
            raise

    def check(self) -> None:
        """Raise what the database raises when it cannot be read."""
        with self._engine.connect() as connection:
            connection.execute(select(func.count()).select_from(SONGS)).scalar_one()

    def create_song(self, name: str, tagger: Tagger, expiry_s: float, size_bytes: int | None) -> str:
        """A new song in state uploading; its id is 128 random bits, and whoever has it may look."""
        song_id = secrets.token_hex(16)
        now = time.time()
        row = {
            "id": song_id,
            "name": name,
            "state": "uploading",
            "created_at": now,
            "expires_at": now + expiry_s,
            "size_bytes": size_bytes,
            "warnings": [],
            **model_columns(tagger),
        }
        with self._writing() as connection:
            connection.execute(insert(SONGS).values(row))
        return song_id

    def song(self, song_id: str) -> dict[str, Any] | None:
        """All columns of a song; None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(SONGS).where(SONGS.c.id == song_id)).mappings().first()
            return dict(row) if row else None

    def update_song(self, song_id: str, *, only_in: Sequence[str] | None = None, **values: Any) -> bool:
        """Change columns; with `only_in`, only while the song is in one of these states.

        Returns
        -------
        changed
            False when there is no such song (any more).
        """
        statement = update(SONGS).where(SONGS.c.id == song_id)
        if only_in is not None:
            statement = statement.where(SONGS.c.state.in_(only_in))
        with self._writing() as connection:
            return connection.execute(statement.values(**values)).rowcount > 0

    def delete_song(self, song_id: str) -> bool:
        """Delete a song and every row of it."""
        with self._writing() as connection:
            for table in (SEGMENTS, CORRECTIONS):
                connection.execute(delete(table).where(table.c.song_id == song_id))
            gone = connection.execute(delete(SONGS).where(SONGS.c.id == song_id)).rowcount > 0
        self._forget_log()
        return gone

    def _forget_log(self) -> None:
        """SQLite keeps old pages in its write-ahead log until that is emptied."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def songs_in(self, states: Sequence[str]) -> list[dict[str, Any]]:
        """All songs in these states, the oldest first."""
        statement = select(SONGS).where(SONGS.c.state.in_(states)).order_by(SONGS.c.created_at)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def unused(self, before_s: float) -> list[str]:
        """Ids of the songs that were made before this and have got no byte."""
        waits = (SONGS.c.state == "uploading", SONGS.c.uploaded == 0, SONGS.c.created_at <= before_s)
        with self._engine.connect() as connection:
            return list(connection.execute(select(SONGS.c.id).where(*waits)).scalars())

    def expired(self, now_s: float) -> list[str]:
        """Ids of the songs whose time is over."""
        with self._engine.connect() as connection:
            return list(connection.execute(select(SONGS.c.id).where(SONGS.c.expires_at <= now_s)).scalars())

    def all_ids(self) -> set[str]:
        """Ids of all songs."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(SONGS.c.id)).scalars())

    def add_segment(self, song_id: str, segment: TaggedSegment) -> bool:
        """Append a segment, unless it is already there (a song that is tagged again).

        Returns
        -------
        added
            False when it was there or when its song is gone.
        """
        row = {
            "song_id": song_id,
            "index": segment.index,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "probabilities": segment.probabilities.astype("<f4").tobytes(),
            "peaks": np.round(segment.peaks * _PEAK_STEPS).astype(np.uint8).tobytes(),
            "spectrogram": segment_jpeg(segment.log_mel),
        }
        tagged = update(SONGS).where(SONGS.c.id == song_id).values(tagged=segment.index + 1)
        try:
            with self._writing() as connection:
                connection.execute(insert(SEGMENTS).values(row))
                connection.execute(tagged)
        except IntegrityError:
            return False
        return True

    def delete_segments(self, song_id: str) -> None:
        """Forget what was tagged of a song."""
        with self._writing() as connection:
            connection.execute(delete(SEGMENTS).where(SEGMENTS.c.song_id == song_id))
            connection.execute(update(SONGS).where(SONGS.c.id == song_id).values(tagged=0))

    def segments(
        self, song_id: str, after: int = -1, limit: int | None = None, *, pictures: bool = False
    ) -> list[StoredSegment]:
        """Segments with a greater index than `after`, in order; without `pictures` these are empty."""
        columns = [column for column in SEGMENTS.c if pictures or column.name != "spectrogram"]
        statement = (
            select(*columns)
            .where(SEGMENTS.c.song_id == song_id, SEGMENTS.c.index > after)
            .order_by(SEGMENTS.c.index)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(statement).mappings()]

    def segment(self, song_id: str, index: int) -> StoredSegment | None:
        """One segment; None when it is not there (yet)."""
        found = self.segments(song_id, after=index - 1, limit=1, pictures=True)
        return found[0] if found and found[0].index == index else None

    def add_correction(self, song_id: str, model: str, values: dict[str, Any]) -> int:
        """Keep what a listener says, beside the model's own words and never in their place.

        Another verdict on the same label and range takes the place of the former one.

        Returns
        -------
        id
            Of the new row.
        """
        row = {"song_id": song_id, "model": model, "created_at": time.time(), **values}
        same = [CORRECTIONS.c[name] == row[name] for name in ("song_id", "start_s", "end_s", "label")]
        with self._writing() as connection:
            connection.execute(delete(CORRECTIONS).where(*same))
            added = connection.execute(insert(CORRECTIONS).values(row))
        (added_id,) = added.inserted_primary_key or (0,)
        return int(added_id)

    def delete_correction(self, song_id: str, correction_id: int) -> bool:
        """Take one back; False when the song has none of this id."""
        one = (CORRECTIONS.c.song_id == song_id, CORRECTIONS.c.id == correction_id)
        with self._writing() as connection:
            return connection.execute(delete(CORRECTIONS).where(*one)).rowcount > 0

    def corrections(self, song_id: str) -> list[dict[str, Any]]:
        """All corrections of a song, the oldest first."""
        columns = [CORRECTIONS.c[name] for name in ("id", "start_s", "end_s", "label", "verdict", "model")]
        statement = select(*columns).where(CORRECTIONS.c.song_id == song_id).order_by(CORRECTIONS.c.id)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]


def model_columns(tagger: Tagger) -> dict[str, Any]:
    """What a song keeps of the model that tags it: another one may serve tomorrow."""
    return {
        "model": tagger.name,
        "labels": list(tagger.labels),
        "thresholds": [round(float(threshold), _DIGITS) for threshold in tagger.thresholds],
    }


def _stored(row: Any) -> StoredSegment:
    probabilities = np.frombuffer(row["probabilities"], dtype="<f4")
    peaks = np.frombuffer(row["peaks"], dtype=np.uint8) / _PEAK_STEPS
    return StoredSegment(
        index=row["index"],
        start_s=row["start_s"],
        end_s=row["end_s"],
        probabilities=[round(float(p), _DIGITS) for p in probabilities],
        peaks=[round(float(p), 3) for p in peaks],
        spectrogram=bytes(row.get("spectrogram", b"")),
    )
