"""Publishing a checkpoint on the Hub, where `Tagger.from_pretrained` finds it by name."""

from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi, get_token

from timbre.errors import TimbreError
from timbre.models.checkpoint import CHECKPOINT_FILES
from timbre.models.tagger import Tagger


def push_checkpoint(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    message: str | None = None,
) -> tuple[str, str]:
    """Upload the checkpoint's own files, after loading it as a server would.

    The token and the address of the Hub are those of huggingface_hub: `HF_TOKEN`, `HF_ENDPOINT`.

    Parameters
    ----------
    repo
        `org/name`; made if it is not there.
    private
        Whether a repository that is made is private.
    revision
        A branch, made if it is not there; `main` by default.

    Returns
    -------
    address, commit
        Of what was uploaded: a page to look at, and what to give as `revision`.

    Raises
    ------
    TimbreError
        `bad_checkpoint`, `no_token` or `upload_failed`.
    """
    name = _checked(folder)
    if get_token() is None:
        raise TimbreError(
            "no_token", "The Hub takes models only from holders of a token.", "Set HF_TOKEN and try again."
        )
    hub = HfApi()
    try:
        hub.create_repo(repo, private=private or None, exist_ok=True)
        if revision:
            hub.create_branch(repo, branch=revision, exist_ok=True)
        done = hub.create_commit(
            repo,
            [CommitOperationAdd(file, folder / file) for file in CHECKPOINT_FILES],
            commit_message=message or f"{name} by Timbre",
            revision=revision,
        )
    except Exception as error:  # besides its own the Hub's client lets those of its HTTP library through
        raise TimbreError("upload_failed", f"{repo} cannot be uploaded: {_first_line(error)}") from error
    return f"{hub.endpoint}/{repo}/tree/{done.oid}", done.oid


def _checked(folder: Path) -> str:
    """The name of the checkpoint, which must be whole and load."""
    missing = [file for file in CHECKPOINT_FILES if not (folder / file).is_file()]
    if missing:
        raise TimbreError("bad_checkpoint", f"The checkpoint {folder} lacks {', '.join(missing)}.")
    return Tagger(folder).name


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
