"""`timbre serve`: gunicorn with one worker of many threads, since sockets and songs live in its memory."""

import logging
import resource
import socket
import tempfile
from pathlib import Path
from typing import IO, Any

import click
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from timbre.app import logs
from timbre.app.connections import IDLE_CONNECTIONS, Worker
from timbre.app.factory import create_app, start_work
from timbre.app.settings import Settings, UnsafeSettings
from timbre.app.tables import open_engine
from timbre.data.lock import take
from timbre.data.raw_folder import LOCK_FILE
from timbre.errors import TimbreError
from timbre.models.checkpoint import load_config
from timbre.models.tagger import find_checkpoint

LOG = logging.getLogger(__name__)
STOP_S = 7  # until the worker is killed; the whole exit stays under 10 s
_KEEP_ALIVE_S = 5
_FILES_PER_SONG = 16  # pipes and files of a song in work
_OWN_FILES = 256  # of the process itself, and of the database


class Refusal(click.ClickException):
    """The server does not start; its sentence says why."""

    exit_code = 2


class Server(BaseApplication):
    """gunicorn, configured here and by nothing else."""

    def __init__(self, settings: Settings):
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        host = self.settings.host
        options = {
            "bind": [f"[{host}]:{self.settings.port}" if ":" in host else f"{host}:{self.settings.port}"],
            "worker_class": "timbre.app.connections.Worker",
            "worker_connections": self.settings.web_threads + IDLE_CONNECTIONS,
            "workers": 1,
            "threads": self.settings.web_threads,
            "keepalive": _KEEP_ALIVE_S,
            "graceful_timeout": STOP_S,
            "loglevel": "warning",
            "logger_class": "timbre.app.server.GunicornLog",
            "sendfile": False,  # which would neither be counted nor end
            "forwarded_allow_ips": "",  # the proxies that are believed have a setting of their own
            "control_socket_disable": True,  # one for all servers of a user, which nothing here needs
            "proc_name": "timbre",
            "when_ready": _say_where,
            "worker_exit": _stop_work,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the worker."""
        Worker.patience_s, Worker.spare_threads = self.settings.stall_s, self.settings.spare_threads
        app, _, context = create_app(self.settings)
        Worker.say_stop = context.songs.expect_end
        app.extensions["timbre_stop"] = start_work(context)
        return app


class GunicornLog(Logger):
    """gunicorn's, by our handlers and in our format."""

    def setup(self, cfg: Any) -> None:
        """Write nothing itself."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def run(settings: Settings) -> None:
    """Serve until told to stop.

    Raises
    ------
    Refusal
        When the settings are unsafe, the model cannot be loaded, the port is taken, another server has the
        data folder, or folder, database or open files are not to be had.
    """
    try:
        settings.checked()
        logs.set_up(settings.log_format)
        _check_data(settings)
        _check_files(settings)
        # Fail here, in one sentence. The network itself is loaded after the fork, which it would not survive.
        load_config(find_checkpoint(settings.model))
    except (UnsafeSettings, TimbreError) as error:
        raise Refusal(str(error)) from error
    _check_port(settings)
    with _locked(Path(settings.data_dir)):
        Server(settings).run()


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Refusal(
                f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. "
                "Choose another by PORT."
            ) from error


def _locked(folder: Path) -> IO[str]:
    """Hold the data folder: a second server would take the songs of this one for interrupted.

    The lock is the worker's too, and goes with the last of both.
    """
    elsewhere = "choose another folder by TIMBRE_DATA_DIR."
    try:
        file = (folder / LOCK_FILE).open("a")
    except OSError as error:
        raise Refusal(f"{folder} cannot be locked: {error.strerror}. Mend that, or {elsewhere}") from error
    try:
        is_ours = take(file)
    except OSError as error:  # some network folders know no locks
        LOG.warning("%s cannot be locked: %s", folder, error.strerror)
        return file
    if not is_ours:
        file.close()
        raise Refusal(f"Another server works in {folder}. End it, or {elsewhere}")
    return file


def _check_data(settings: Settings) -> None:
    """Folder and database can be written."""
    try:
        settings.songs_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.songs_dir):
            pass
    except OSError as error:
        raise UnsafeSettings(
            f"TIMBRE_DATA_DIR {settings.data_dir} cannot be written: {error.strerror}."
        ) from error
    try:
        open_engine(settings.database).dispose()
    except Exception as error:  # each driver has its own
        raise UnsafeSettings(
            f"The database cannot be opened ({type(error).__name__}). Check DATABASE_URL and the data folder."
        ) from error


def _check_files(settings: Settings) -> None:
    """As many open files as connections and songs may need, if the system lets us have them."""
    needed = settings.web_threads + IDLE_CONNECTIONS + _OWN_FILES + 2 * settings.max_active * _FILES_PER_SONG
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if allowed == unlimited or allowed >= needed:
        return
    if most != unlimited and most < needed:
        raise UnsafeSettings(
            f"{needed} files may have to be open, and the system allows {most}: raise that (ulimit -Hn), "
            "or lower TIMBRE_WEB_THREADS."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))


def _say_where(server: Any) -> None:
    for listener in server.LISTENERS:
        host, port = listener.sock.getsockname()[:2]
        where = f"Timbre listens on http://{host}:{port}"
        if server.app.settings.log_format == "json":
            LOG.info(where)
        else:
            click.echo(where, err=True)


def _stop_work(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    stop = app.extensions.get("timbre_stop") if app else None
    if stop:
        stop()
