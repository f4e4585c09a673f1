"""Settings of the server, from the environment only. docs/settings.md is made from this file."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from timbre.app.logs import FORMATS
from timbre.paths import DEFAULT_MODEL_DIR, PROJECT_ROOT

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_LAST_PORT = 65_535
_AT_LEAST_ONE = {"max_bytes", "max_duration_s", "expiry_s", "stall_s", "max_active", "model_threads"}


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
        "", "DATABASE_URL", "SQLAlchemy URL (`postgresql+psycopg://…`); empty: SQLite in the data folder."
    )
    max_bytes: int = _setting(200_000_000, "TIMBRE_MAX_BYTES", "Largest upload, in bytes.")
    max_duration_s: float = _setting(1_800.0, "TIMBRE_MAX_DURATION_S", "Longest song, in seconds.")
    expiry_s: float = _setting(
        86_400.0, "TIMBRE_EXPIRY_S", "A song and all its traces are deleted after so many seconds."
    )
    unused_s: float = _setting(
        3_600.0, "TIMBRE_UNUSED_S", "A song without any upload is deleted after so many seconds."
    )
    stall_s: float = _setting(30.0, "TIMBRE_STALL_S", "An upload that pauses for longer has failed.")
    max_active: int = _setting(
        8, "TIMBRE_MAX_ACTIVE", "Songs in work; as many again while uploads are slow, twice as many if long."
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
    sockets_per_address: int = _setting(
        300, "TIMBRE_SOCKETS_PER_ADDRESS", "Open sockets from one network address; 0: no limit."
    )
    requests_per_minute: int = _setting(
        18_000,
        "TIMBRE_REQUESTS_PER_MINUTE",
        "Requests from one network address, all kinds together; 0: no limit.",
    )
    songs_per_minute: int = _setting(
        600, "TIMBRE_SONGS_PER_MINUTE", "Songs made from one network address; 0: no limit."
    )
    max_unfinished: int = _setting(
        500, "TIMBRE_MAX_UNFINISHED", "Songs of one network address not yet done or failed; 0: no limit."
    )
    events_per_minute: int = _setting(
        60_000, "TIMBRE_EVENTS_PER_MINUTE", "Messages of one socket; 0: no limit."
    )
    proxies: int = _setting(
        0, "TIMBRE_PROXIES", "Proxies in front, whose X-Forwarded-For and -Proto are believed."
    )
    allowed_origins: str = _setting(
        "", "TIMBRE_ALLOWED_ORIGINS", "Other origins whose pages may use the socket, comma-separated."
    )
    metrics_token: str = _setting(
        "", "TIMBRE_METRICS_TOKEN", "What /metrics asks for as `Authorization: Bearer`; empty: it is open."
    )
    log_format: str = _setting("text", "TIMBRE_LOG_FORMAT", "`text` for people, `json` for programs.")

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
            When they make no sense or contradict each other.
        """
        for one in fields(self):
            _check_number(one.metadata["variable"], getattr(self, one.name), one.name in _AT_LEAST_ONE)
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise UnsafeSettings(
                    "TIMBRE_ALLOWED_ORIGINS must name origins as https://example.org; "
                    "* would let any page in."
                )
        if self.max_sockets + self.spare_threads > self.web_threads:
            raise UnsafeSettings(
                f"TIMBRE_MAX_SOCKETS must be below TIMBRE_WEB_THREADS by {self.spare_threads} or more."
            )
        if self.port > _LAST_PORT:
            raise UnsafeSettings(f"PORT must not be above {_LAST_PORT}.")
        if self.log_format not in FORMATS:
            raise UnsafeSettings(f"TIMBRE_LOG_FORMAT must be one of {', '.join(FORMATS)}.")
        return self

    def changed(self, **values: Any) -> Self:
        """The same settings with some replaced; None leaves one as it is."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})

    @property
    def origins(self) -> list[str]:
        """The other origins, one by one."""
        return [origin.strip() for origin in self.allowed_origins.split(",") if origin.strip()]

    @property
    def spare_threads(self) -> int:
        """Threads of the web server that neither sockets nor slow clients get."""
        return max(2, self.web_threads // 8)

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


def _check_number(variable: str, value: Any, at_least_one: bool) -> None:
    if not isinstance(value, int | float):
        return
    if not math.isfinite(value):
        raise UnsafeSettings(f"{variable} must be a finite number.")
    if value < 0:
        raise UnsafeSettings(f"{variable} must not be negative.")
    if at_least_one and value < 1:
        raise UnsafeSettings(f"{variable} must be at least 1.")
