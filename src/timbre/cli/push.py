"""`timbre push`: publish a checkpoint on the Hub."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("repo", metavar="ORG/NAME")
@click.option("--private", is_flag=True, help="If the repository is made now, only you can see it.")
@click.option("--revision", help="A branch, made if it is not there; main otherwise.")
@click.option("--message", help="What the commit says.")
def push(folder: Path, repo: str, private: bool, revision: str | None, message: str | None) -> None:
    """Upload the checkpoint in FOLDER to ORG/NAME on the Hub (token: HF_TOKEN)."""
    from timbre.models.hub import push_checkpoint

    address, commit = push_checkpoint(folder, repo, private=private, revision=revision, message=message)
    click.echo(f"{address}\nTo tag with it: timbre tag SONG --model {repo}@{commit}")
