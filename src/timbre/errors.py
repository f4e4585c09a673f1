"""Errors that a user can cause: one sentence of what, one of what to do, the same everywhere.

CLI, REST and socket all print the object that `TimbreError.as_dict` makes, so a person who meets
the same problem twice reads the same words twice.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What one error code means.

    `http_status` is the answer to the request that caused it; a song that fails later, in the
    background, carries the code in its `error` instead.
    """

    message: str
    hint: str
    http_status: int = 400


PROBLEMS: dict[str, Problem] = {
    "bad_request": Problem("The request could not be understood.", "See /api/openapi.json for its form."),
    "empty_file": Problem("The file is empty.", "Choose a file that contains sound."),
    "not_audio": Problem(
        "This file is not audio.",
        "Choose a wav, mp3, flac, ogg, opus, m4a, aac, aiff or webm file.",
        415,
    ),
    "no_audio_stream": Problem(
        "The file holds no sound, only other streams.", "Choose a file with an audio track.", 415
    ),
    "too_long": Problem("The recording is too long.", "Cut it into shorter pieces.", 413),
    "too_short": Problem("The recording is shorter than 0.1 seconds.", "Choose a longer one.", 400),
    "decoder_crashed": Problem(
        "The decoder gave up on this file.", "Convert it to wav or flac and try again.", 422
    ),
    "too_large": Problem("The file is too large.", "Choose a smaller or a compressed file.", 413),
    "upload_stalled": Problem(
        "The upload stopped arriving.", "Check the connection and upload the file again.", 408
    ),
    "interrupted": Problem(
        "The server was restarted before the upload was complete.", "Upload the file again.", 500
    ),
    "tagging_failed": Problem("Tagging stopped unexpectedly.", "Upload the file again.", 500),
    "not_found": Problem(
        "There is no such song.", "It may have expired or been deleted; upload it again.", 404
    ),
    "unknown_address": Problem("There is nothing at this address.", "Start at the front page.", 404),
    "method_not_allowed": Problem(
        "This address does not take that method.", "See /api/openapi.json for what it takes.", 405
    ),
    "already_uploaded": Problem(
        "This song was already uploaded.", "Create a new song for another file.", 409
    ),
    "not_ready": Problem("This is not ready yet.", "Ask again when the song is done.", 409),
    "song_failed": Problem("This song could not be tagged.", "Its error says why, and what to do.", 409),
    "too_many_corrections": Problem(
        "This song has as many corrections as it can hold.", "Take some of them back first.", 409
    ),
    "queue_full": Problem("Too many songs are waiting.", "Try again in a minute.", 429),
    "too_many_requests": Problem(
        "Too many requests come from your network address.", "Try again in a minute.", 429
    ),
    "too_many_unfinished": Problem(
        "Too many songs from your network address are unfinished.",
        "Wait until they are done, or delete some.",
        429,
    ),
    "too_many_listeners": Problem(
        "The server has as many listeners as it can serve.", "Try again in a minute.", 503
    ),
    "disk_full": Problem("The server has no room for this file.", "Try again later.", 507),
    "not_possible": Problem("That cannot be done here.", "See the documentation of this call."),
    "file_unreadable": Problem("The file cannot be read.", "Check its name and its permissions."),
    "bad_checkpoint": Problem(
        "The model cannot be loaded.", "Choose a checkpoint that this version of Timbre made."
    ),
    "unknown_label": Problem(
        "A label is not mapped to an instrument.",
        "Add it to the CLASSES of its data set, or give a CSV of names with --labels.",
    ),
    "bad_table": Problem("The table cannot be read.", "Name its columns as they are, or fetch it again."),
    "no_cluster": Problem(
        "The Dask cluster does not answer.", "Check the scheduler's address and that its workers run."
    ),
    "workers_lost": Problem(
        "Worker processes ended in the middle of their work.",
        "Run the same command again: it goes on from what is done. Perhaps there was too little memory.",
    ),
    "bad_ensembles": Problem("The ensembles cannot be read.", "See docs/mixing.md for their form."),
    "bad_mixes": Problem("The mixes cannot be rendered.", "Run `timbre mix` again."),
    "bad_windows": Problem("The windows cannot be used.", "Run `timbre spectrograms` again."),
    "bad_run": Problem(
        "The folder holds the state of another run.", "Choose another folder with --run, or remove this one."
    ),
    "diverged": Problem(
        "The training has diverged: its weights are no numbers any more.",
        "Remove the run's folder and train with a smaller --learning-rate.",
    ),
    "bad_backbone": Problem(
        "The backbone cannot be loaded.",
        "Name an audio classifier or encoder of the transformers library that is stored as safetensors.",
    ),
    "download_failed": Problem(
        "The file cannot be downloaded.",
        "Check the connection and run the same command again: it goes on where it stopped.",
        502,
    ),
    "bad_checksum": Problem(
        "What arrived is not the file that was promised.",
        "It was removed; run the same command again. If that helps nothing, the host has changed the file.",
        502,
    ),
    "bad_archive": Problem(
        "The archive cannot be unpacked.", "It was removed; run the same command again.", 502
    ),
    "unsafe_archive": Problem(
        "The archive does not look like a data set.", "Nothing of it was kept; tell the data set's owners."
    ),
    "no_token": Problem(
        "The host gives this only to holders of a token.", "Set it in the environment and try again.", 401
    ),
    "upload_failed": Problem(
        "The upload did not succeed.", "Check the name, the network, and that HF_TOKEN may write.", 502
    ),
    "limit_reached": Problem("The host answers no more today.", "Run the same command again tomorrow.", 429),
    "in_use": Problem(
        "Another process is writing into this folder.", "Wait until it is done and try again.", 409
    ),
    "internal": Problem("Something went wrong on the server.", "Try again in a minute.", 500),
}


class TimbreError(Exception):
    """An error with a code of `PROBLEMS`.

    Parameters
    ----------
    code
        A key of `PROBLEMS`.
    message, hint
        More exact words than the table's, where the place that raises knows them.
    """

    def __init__(self, code: str, message: str | None = None, hint: str | None = None):
        problem = PROBLEMS[code]
        self.code = code
        self.message = message or problem.message
        self.hint = hint or problem.hint
        self.http_status = problem.http_status
        super().__init__(f"{self.message} {self.hint}")

    def __reduce__(self) -> tuple[type["TimbreError"], tuple[str, str, str]]:
        """For worker processes, whose errors travel pickled."""
        return type(self), (self.code, self.message, self.hint)

    def as_dict(self) -> dict[str, str]:
        """`{code, message, hint}`, the `error` object of every interface."""
        return {"code": self.code, "message": self.message, "hint": self.hint}
