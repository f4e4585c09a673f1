"""`timbre serve`: gunicorn with one worker of many threads, since sockets and songs live in its memory."""

import logging
import socket
from typing import Any

import click
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from timbre.app.factory import create_app, start_work
from timbre.app.settings import Settings, UnsafeSettings
from timbre.errors import TimbreError
from timbre.models.checkpoint import load_config
from timbre.models.tagger import find_checkpoint

STOP_S = 5  # for requests under way; the whole exit stays under 10 s
_KEEP_ALIVE_S = 5


class Server(BaseApplication):
    """gunicorn, configured here and by nothing else."""

    def __init__(self, settings: Settings):
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        host = self._settings.host
        options = {
            "bind": [f"[{host}]:{self._settings.port}" if ":" in host else f"{host}:{self._settings.port}"],
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._settings.web_threads,
            "keepalive": _KEEP_ALIVE_S,
            "graceful_timeout": STOP_S,
            "loglevel": "warning",
            "control_socket_disable": True,  # one for all servers of a user, which nothing here needs
            "proc_name": "timbre",
            "when_ready": _say_where,
            "worker_exit": _stop_work,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the worker."""
        app, _, context = create_app(self._settings)
        app.extensions["timbre_stop"] = start_work(context)
        return app


def run(settings: Settings) -> None:
    """Serve until told to stop.

    Raises
    ------
    click.ClickException
        When the settings are unsafe, the model cannot be loaded or the port is taken.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings.checked()
        # Fail here, in one sentence. The network itself is loaded after the fork, which it would not survive.
        load_config(find_checkpoint(settings.model))
    except (UnsafeSettings, TimbreError) as error:
        raise click.ClickException(str(error)) from error
    _check_port(settings)
    Server(settings).run()


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. "
                "Choose another by PORT."
            ) from error


def _say_where(server: Any) -> None:
    for listener in server.LISTENERS:
        host, port = listener.sock.getsockname()[:2]
        click.echo(f"Timbre listens on http://{host}:{port}", err=True)


def _stop_work(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    stop = app.extensions.get("timbre_stop") if app else None
    if stop:
        stop()
