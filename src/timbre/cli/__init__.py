"""The command `timbre`. Commands are imported when they are called, so that tagging needs no torch."""

import errno
import importlib

import click

from timbre import __version__
from timbre.errors import TimbreError

# Command: module and name of the click command in it.
COMMANDS = {
    "serve": "timbre.cli.serve:serve",
    "tag": "timbre.cli.tag:tag",
    "data": "timbre.cli.data:data",
    "mix": "timbre.cli.features:mix",
    "spectrograms": "timbre.cli.features:spectrograms",
    "train": "timbre.cli.train:train",
    "average": "timbre.cli.average:average",
    "evaluate": "timbre.cli.evaluate:evaluate",
    "compare": "timbre.cli.compare:compare",
    "compare-runs": "timbre.cli.compare_runs:compare_runs",
    "report": "timbre.cli.report:report",
    "push": "timbre.cli.push:push",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports each on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command.

        Raises
        ------
        click.ClickException
            When it needs the training install and only the serving one is here.
        """
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        try:
            command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as missing:
            raise _not_installed(cmd_name, missing) from missing
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that the user can mend is two sentences, not a trace."""
        try:
            return super().invoke(ctx)
        except TimbreError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as missing:  # what a command imports when it runs
            raise _not_installed(ctx.invoked_subcommand, missing) from missing
        except OSError as error:
            # A pipe that nobody reads any more is click's to end; what is no system's error has no words.
            if error.errno is None or error.errno == errno.EPIPE:
                raise
            what = error.filename or "A file"
            raise click.ClickException(f"{what} cannot be read or written: {error.strerror}.") from error


def _not_installed(command: str | None, missing: ModuleNotFoundError) -> click.ClickException:
    return click.ClickException(
        f"`timbre {command}` needs {missing.name}. Install requirements.txt for training."
    )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Which instruments are playing, second by second."""
