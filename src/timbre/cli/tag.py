"""`timbre tag`: name the instruments of audio files on the command line."""

import json
import math
import os
import sys
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any

import click
import numpy as np

from timbre.audio.decode import DecodeLimits, Decoder
from timbre.cli.table import table
from timbre.cli.whole_file import CLIP_FORMATS, SINGLE_FORMATS, clip, clip_ids, single
from timbre.errors import TimbreError
from timbre.files import write_text
from timbre.models.exports import EXPORT_FORMATS
from timbre.models.tagged_segment import TaggedSegment
from timbre.models.tagged_song import TaggedSong
from timbre.models.tagger import Tagger
from timbre.paths import DEFAULT_MODEL_DIR
from timbre.taxonomy import LEVELS

LONGEST_MINUTES = 180
_ONE_SONG_FORMATS = ("audacity", "webvtt")  # whose files cannot be strung together


class NumberRange(click.FloatRange):
    """A number within bounds; click's own takes NaN for one, which is neither below nor above."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number.

        Raises
        ------
        click.BadParameter
            When it is none, or lies elsewhere.
        """
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["table", *EXPORT_FORMATS]), default="table", show_default=True
)
@click.option("--level", type=click.Choice(LEVELS), default="leaf", show_default=True)
@click.option("--threshold", type=NumberRange(0, 1), help="One for every label; the model's own otherwise.")
@click.option(
    "--single", "is_single", is_flag=True, help="One note or one-shot: answer with one named instrument."
)
@click.option("--clip", "is_clip", is_flag=True, help="One confidence a label for each file as a whole.")
@click.option(
    "--model",
    envvar="TIMBRE_MODEL",
    show_envvar=True,
    default=str(DEFAULT_MODEL_DIR),
    help="A folder, or org/name[@revision] on the Hub.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write a file a song here.")
@click.option("--max-minutes", type=NumberRange(min=0.01), default=LONGEST_MINUTES, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def tag(
    files: tuple[Path, ...],
    form: str,
    level: str,
    threshold: float | None,
    is_single: bool,
    is_clip: bool,
    model: str,
    out: Path | None,
    max_minutes: float,
    threads: int,
) -> None:
    """Name the instruments in FILES, second by second."""
    _check_form(form, is_single, is_clip)
    _check_stream(files, form, out)
    kind = "single" if is_single else "clip" if is_clip else ""
    tagger = Tagger.from_pretrained(model, n_threads=threads)
    limits = DecodeLimits(max_duration_s=max_minutes * 60)
    ids = clip_ids(shown_path(path) for path in files)
    header = True
    written: set[Path] = set()
    failed = False
    for path in files:
        try:
            song = tag_file(tagger, path, limits).at_level(level)
        except TimbreError as error:
            failed = True
            _complain(path, error, form)
            continue
        song = song if threshold is None else song.with_threshold(threshold)
        text = _text(song, form, kind, ids[song.name])
        if out:
            _write(out, path, form, kind, text, written)
        else:
            # One CSV of many songs has one header.
            click.echo(text if header or form != "csv" else text.split("\r\n", 1)[1], nl=False)
            header = False
    sys.exit(1 if failed else 0)


def _check_form(form: str, is_single: bool, is_clip: bool) -> None:
    if is_single and is_clip:
        raise click.UsageError("--single and --clip are two answers: choose one.")
    for option, wanted, forms in (("single", is_single, SINGLE_FORMATS), ("clip", is_clip, CLIP_FORMATS)):
        if wanted and form not in forms:
            raise click.UsageError(f"--{option} writes {', '.join(forms)}, not {form}.")


def _check_stream(files: tuple[Path, ...], form: str, out: Path | None) -> None:
    if form in _ONE_SONG_FORMATS and len(files) > 1 and not out:
        raise click.UsageError(f"--format {form} holds one song: name one file, or a folder with --out.")


def _text(song: TaggedSong, form: str, kind: str, clip_id: str) -> str:
    """The answer in this form: of one sound, of the file as a whole, or second by second."""
    if kind:
        return single(song, form) if kind == "single" else clip(song, form, clip_id)
    return table(song) if form == "table" else EXPORT_FORMATS[form].write(song)


def tag_file(tagger: Tagger, path: Path, limits: DecodeLimits | None = None) -> TaggedSong:
    """Tag one file whole.

    Raises
    ------
    TimbreError
        As `Decoder`.
    """
    decoder = Decoder(path, limits=limits)
    segments = list(_with_progress(tagger.tag(decoder), decoder))
    if decoder.truncated:
        click.echo(f"{shown_path(path)}: the file is cut off; tagged as far as it goes.", err=True)
    return TaggedSong(
        name=shown_path(path),
        model=tagger.name,
        duration_s=segments[-1].end_s,
        labels=tuple(tagger.labels),
        thresholds=tagger.thresholds,
        bounds_s=np.array([(segment.start_s, segment.end_s) for segment in segments]),
        probabilities=np.stack([segment.probabilities for segment in segments]),
    )


def _with_progress(segments: Iterator[TaggedSegment], decoder: Decoder) -> Iterator[TaggedSegment]:
    """The same segments, counted on a terminal's error stream."""
    shown = sys.stderr.isatty()
    for segment in segments:
        if shown and segment.index % 10 == 0:
            expected = decoder.duration_estimate_s
            of = f" of about {expected:.0f}" if expected else ""
            click.echo(f"\r{segment.index} s{of} tagged", err=True, nl=False)
        yield segment
    if shown:
        click.echo("\r\033[K", err=True, nl=False)


def shown_path(path: Path) -> str:
    """A path as text that can be printed: names need not be UTF-8, files of results are."""
    return os.fsencode(path).decode("utf-8", "replace")


def _complain(path: Path, error: TimbreError, form: str) -> None:
    if form == "json":
        click.echo(json.dumps({"file": shown_path(path), "error": error.as_dict()}, ensure_ascii=False))
    else:
        click.echo(f"{shown_path(path)}: {error.message} {error.hint}", err=True)


def _write(out: Path, path: Path, form: str, kind: str, text: str, written: set[Path]) -> None:
    """Write beside the others of this run: songs of one name from two folders get numbers."""
    suffix = ".txt" if form == "table" else EXPORT_FORMATS[form].suffix
    suffix = f".{kind}{suffix}" if kind else suffix
    names = chain([f"{path.name}{suffix}"], (f"{path.name}-{n}{suffix}" for n in count(2)))
    target = next(out / name for name in names if out / name not in written)
    written.add(target)
    write_text(target, text)
