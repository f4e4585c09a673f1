"""The tables of the store (SQLAlchemy Core), the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn

METADATA = MetaData()

SONGS = Table(
    "songs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("size_bytes", Integer),
    Column("uploaded", Integer, nullable=False, default=0),  # 1 once every byte is there
    Column("duration_s", Float),
    Column("duration_estimate_s", Float),
    Column("tagged", Integer, nullable=False, default=0),
    Column("warnings", JSON, nullable=False),
    Column("error", JSON),
    Column("model", String(255), nullable=False),
    Column("labels", JSON, nullable=False),  # of this model, in the order of every probabilities
    Column("thresholds", JSON, nullable=False),
    Column("audio_type", String(32)),  # of what the browser plays; null until it is known
    Column("audio_file", String(32)),  # its name in the song's folder; null until it is there
    Column("audio_exact", Integer, nullable=False, default=1),  # 1: seeking in the upload is exact
    Column("crashes", Integer, nullable=False, server_default="0"),  # of servers that tagged it
)
SEGMENTS = Table(
    "segments",
    METADATA,
    Column("song_id", ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("probabilities", LargeBinary, nullable=False),  # float32, little-endian
    Column("peaks", LargeBinary, nullable=False),  # uint8, 255 = full scale
    Column("spectrogram", LargeBinary, nullable=False),  # JPEG
)
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("song_id", ForeignKey("songs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("label", String(64), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("model", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
)


def open_engine(url: str) -> Engine:
    """An engine with the tables made; SQLite gets what it needs for many threads."""
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    METADATA.create_all(engine)
    _add_columns(engine)
    return engine


def _add_columns(engine: Engine) -> None:
    """Give the songs of an earlier version the columns that came since; all of those have a default."""
    there = {column["name"] for column in inspect(engine).get_columns(SONGS.name)}
    with engine.begin() as connection:
        for column in SONGS.columns:
            if column.name not in there:
                added = CreateColumn(column).compile(dialect=engine.dialect)
                connection.execute(text(f"ALTER TABLE {SONGS.name} ADD COLUMN {added}"))


def _tune_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers do not wait for the writer
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted song leaves no bytes in the database
    cursor.close()
