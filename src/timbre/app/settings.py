"""Settings of the server, from the environment only. docs/settings.md is made from this file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from timbre.paths import DEFAULT_MODEL_DIR, PROJECT_ROOT


class UnsafeSettings(ValueError):
    """Settings with which the server must not start."""


def _setting(default: Any, variable: str, says: str) -> Any:
    return field(default=default, metadata={"variable": variable, "says": says})


@dataclass(frozen=True)
class Settings:
    """Every setting, with its unit in its name; `variables()` tells what sets it."""

    host: str = _setting("127.0.0.1", "HOST", "Address to listen on.")
    port: int = _setting(8000, "PORT", "Port to listen on; 0 takes a free one.")
    model: str = _setting(
        str(DEFAULT_MODEL_DIR), "TIMBRE_MODEL", "A model folder, or `org/name@revision` on the Hub."
    )
    data_dir: str = _setting(
        str(PROJECT_ROOT / "instance"), "TIMBRE_DATA_DIR", "Folder for the database and the songs."
    )
    database_url: str = _setting(
        "", "DATABASE_URL", "SQLAlchemy URL of the store; empty: SQLite in the data folder."
    )
    max_bytes: int = _setting(200_000_000, "TIMBRE_MAX_BYTES", "Largest upload, in bytes.")
    max_duration_s: float = _setting(1_800.0, "TIMBRE_MAX_DURATION_S", "Longest song, in seconds.")
    expiry_s: float = _setting(
        86_400.0, "TIMBRE_EXPIRY_S", "A song and all its traces are deleted after so many seconds."
    )
    stall_s: float = _setting(30.0, "TIMBRE_STALL_S", "An upload that pauses for longer has failed.")
    max_active: int = _setting(
        8, "TIMBRE_MAX_ACTIVE", "Songs tagged at the same time; twice as many while uploads are slow."
    )
    max_waiting: int = _setting(50, "TIMBRE_MAX_WAITING", "Songs that may wait; more are refused (429).")
    min_free_bytes: int = _setting(
        500_000_000, "TIMBRE_MIN_FREE_BYTES", "Uploads are refused (507) when less disk is free."
    )
    model_threads: int = _setting(1, "TIMBRE_MODEL_THREADS", "Threads of one call of the network.")
    web_threads: int = _setting(
        512, "TIMBRE_WEB_THREADS", "Threads of the web server; each open page holds one."
    )
    max_sockets: int = _setting(
        400, "TIMBRE_MAX_SOCKETS", "Open sockets; must leave threads for plain requests."
    )
    allowed_origins: str = _setting(
        "", "TIMBRE_ALLOWED_ORIGINS", "Other origins whose pages may use the socket, comma-separated."
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Settings from the environment; what it does not name keeps its default.

        Raises
        ------
        UnsafeSettings
            When a value is no number where one is needed, or makes no sense.
        """
        values = {}
        for one in fields(cls):
            text = environment.get(one.metadata["variable"])
            if text is not None and text != "":
                values[one.name] = _convert(text, type(one.default), one.metadata["variable"])
        return cls(**values).checked()

    def checked(self) -> Self:
        """The same settings.

        Raises
        ------
        UnsafeSettings
            When they contradict each other.
        """
        if "*" in self.allowed_origins:
            raise UnsafeSettings("TIMBRE_ALLOWED_ORIGINS must name origins; * would let any page in.")
        if self.max_sockets >= self.web_threads:
            raise UnsafeSettings("TIMBRE_MAX_SOCKETS must be below TIMBRE_WEB_THREADS.")
        if self.max_active < 1:
            raise UnsafeSettings("TIMBRE_MAX_ACTIVE must be at least 1.")
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int | float) and value < 0:
                raise UnsafeSettings(f"{one.metadata['variable']} must not be negative.")
        return self

    def changed(self, **values: Any) -> Self:
        """The same settings with some replaced; None leaves one as it is."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})

    @property
    def songs_dir(self) -> Path:
        """Folder of the uploads, one folder a song."""
        return Path(self.data_dir) / "songs"

    @property
    def database(self) -> str:
        """The URL that the store opens."""
        return self.database_url or f"sqlite:///{Path(self.data_dir).resolve() / 'timbre.db'}"


def variables() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting's environment variable."""
    root = str(PROJECT_ROOT) + "/"
    return [
        (one.metadata["variable"], str(one.default).replace(root, ""), one.metadata["says"])
        for one in fields(Settings)
    ]


def _convert(text: str, kind: type, variable: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise UnsafeSettings(f"{variable} must be a number, not {text!r}.") from None
