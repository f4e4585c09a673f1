"""`timbre serve`: the web server, as production runs it."""

import click

from timbre.app.server import run
from timbre.app.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on (PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Start the server; all other settings come from the environment (docs/settings.md)."""
    run(Settings.from_environment().changed(host=host, port=port))
