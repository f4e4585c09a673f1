"""Clips from Freesound: searched, fetched, listened to, and listed with their makers' names.

`clips.csv` is the state: a clip that stands in it and whose file is there is complete and is not fetched
again. What turned out broken is in neither and is tried again by the next run.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from timbre.audio.decode import Decoder
from timbre.data.csv_rows import read_rows
from timbre.data.disk import write_errors_told
from timbre.data.fetch import fetch
from timbre.data.freesound_api import Query, Search, Sound
from timbre.data.hosts import Located
from timbre.data.licenses import short_license
from timbre.data.lock import locked
from timbre.data.threads import N_AT_ONCE, each
from timbre.data.web import new_session
from timbre.errors import TimbreError
from timbre.files import write_text

CLIPS_FILE, ATTRIBUTION_FILE = "clips.csv", "ATTRIBUTION.md"
COLUMNS = (
    "path", "label", "license", "license_url", "username", "url", "id", "name", "tags", "duration_s", "query",
)  # fmt: skip
# An encoder pads, and the search rounds; beyond this a preview is not the whole sound.
TOLERANCE_S, TOLERANCE = 0.2, 0.02


@dataclass
class Collected:
    """What a run has done so far."""

    n_new: int = 0
    n_there: int = 0
    broken: list[tuple[Sound, TimbreError]] = field(default_factory=list)

    @property
    def n_good(self) -> int:
        """Clips that count."""
        return self.n_new + self.n_there


def collect(
    search: Search,
    query: Query,
    label: str,
    folder: Path,
    limit: int,
    say: Callable[[str], None] = lambda line: None,
) -> Collected:
    """Bring up to `limit` clips into `folder/<label>/`; those that are there already count.

    Raises
    ------
    TimbreError
        `limit_reached`, `no_token`, `download_failed`, `disk_full`, `in_use`; what was good is kept and
        listed.
    """
    collected = Collected()
    with write_errors_told(folder), locked(folder), tqdm(total=limit, desc=label, unit="clip") as bar:
        clips = read_clips(folder)
        for sounds in search.pages(query):
            try:
                _take_page(sounds, query, label, folder, limit, clips, collected)
            finally:
                _write(folder, clips)
            bar.update(collected.n_good - bar.n)
            if collected.n_good >= limit:
                break
    for sound, error in collected.broken:
        say(f"not counted: {sound.url}: {error.message}")
    return collected


def read_clips(folder: Path) -> dict[int, dict[str, str]]:
    """The rows of `clips.csv` by id, those whose file is there.

    Raises
    ------
    TimbreError
        When somebody made something else of the file.
    """
    path = folder / CLIPS_FILE
    rows = read_rows(path, COLUMNS) if path.exists() else ()
    try:
        return {int(row["id"]): row for row in rows if (folder / row["path"]).is_file()}
    except ValueError:
        raise TimbreError(
            "bad_table", f"{path} has an id that is no number.", "Mend it or remove it."
        ) from None


def _take_page(
    sounds: list[Sound],
    query: Query,
    label: str,
    folder: Path,
    limit: int,
    clips: dict[int, dict[str, str]],
    collected: Collected,
) -> None:
    """As many of a page's sounds as are wanted; broken ones give their place to the next."""
    while sounds and collected.n_good < limit:
        n_wanted = limit - collected.n_good
        batch, sounds = sounds[:n_wanted], sounds[n_wanted:]
        for sound in [sound for sound in batch if sound.id in clips]:
            _add_words(clips[sound.id], label, query.text)
            collected.n_there += 1
        new = [sound for sound in batch if sound.id not in clips]
        brought, broken = each(lambda sound: _bring(sound, label, folder), new, N_AT_ONCE)
        for sound, path in brought:
            clips[sound.id] = _row(sound, path, label, query)
        collected.n_new += len(brought)
        collected.broken += broken
        for _, error in broken:
            if error.code == "disk_full":
                raise error


def _bring(sound: Sound, label: str, folder: Path) -> str:
    """Fetch a preview and listen to all of it; its path relative to `folder`."""
    path = folder / label / f"{sound.id}.mp3"
    with new_session() as session:
        fetch(session, Located(sound.preview_url), path)
    try:
        _listen(path, sound.duration_s)
    except TimbreError:
        path.unlink()
        raise
    return str(path.relative_to(folder))


def _listen(path: Path, duration_s: float) -> None:
    with Decoder(path) as decoder:
        for _ in decoder:
            pass
    if abs(decoder.duration_s - duration_s) > TOLERANCE_S + TOLERANCE * duration_s:
        message = f"Its preview lasts {decoder.duration_s:.1f} s, not {duration_s:.1f} s."
        raise TimbreError("bad_checksum", message)


def _row(sound: Sound, path: str, label: str, query: Query) -> dict[str, str]:
    values = (
        path, label, short_license(sound.license_url), sound.license_url, sound.username, sound.url,
        str(sound.id), sound.name, ";".join(sound.tags), f"{sound.duration_s:g}", query.text,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _add_words(row: dict[str, str], label: str, query: str) -> None:
    """A clip that a second search finds carries the labels and words of both."""
    for column, word in (("label", label), ("query", query)):
        words = row[column].split(";")
        row[column] = ";".join([*words, *({word} - set(words))])


def _write(folder: Path, clips: dict[int, dict[str, str]]) -> None:
    rows = [clips[number] for number in sorted(clips)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    for name, content in ((CLIPS_FILE, text.getvalue()), (ATTRIBUTION_FILE, _attribution(rows))):
        write_text(folder / name, content)


def _attribution(rows: list[dict[str, str]]) -> str:
    head = "# Attribution\n\nSounds from Freesound (https://freesound.org), each under its own licence.\n\n"
    return head + "".join(
        f'- "{_plain(row["name"])}" by {_plain(row["username"])}, {row["license"]} ({row["license_url"]}), '
        f"{row['url']}\n"
        for row in rows
    )


def _plain(text: str) -> str:
    """Somebody's own words as they are: on one line, and nothing in them is markup."""
    line = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in line)
