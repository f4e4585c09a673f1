"""`timbre serve`: the web server, as production runs it."""

import click

from timbre.app.server import Refusal, run
from timbre.app.settings import Settings, UnsafeSettings


@click.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on (PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Start the server; all other settings come from the environment (docs/settings.md)."""
    try:
        settings = Settings.from_environment()
    except UnsafeSettings as error:
        raise Refusal(str(error)) from error
    run(settings.changed(host=host, port=port))
