"""The report of a run: one page that asks nothing of the network, and its figures as files."""

from pathlib import Path

from tqdm import tqdm

from timbre.errors import TimbreError
from timbre.features.windows import Windows
from timbre.files import atomic
from timbre.models.clip_windows import CLIPS_DIR
from timbre.visualization.places import Places
from timbre.visualization.report_cards import Card, mistake_cards
from timbre.visualization.report_drawings import all_drawings
from timbre.visualization.report_page import Page, write_page
from timbre.visualization.report_run import SPLIT_SCORES, Record, read_record
from timbre.visualization.report_sounds import Sounds, open_sounds
from timbre.visualization.report_style import Picture
from timbre.visualization.report_windows import SplitScores, score_split


def write_report(places: Places, out: Path, figures_dir: Path, *, with_audio: bool = True) -> list[str]:
    """Write the page and the figures.

    Returns
    -------
    notes
        A sentence for everything that had to be left out; they stand on the page too.

    Raises
    ------
    TimbreError
        When the folder of the checkpoint holds none, or none with scores.
    """
    record, notes = read_record(places.model, places.run_dir), []
    if record.epochs.empty:
        notes.append(f"{places.run_dir} holds no log of a run.")
    windows_dir = places.windows_dir / CLIPS_DIR if record.learned_from == "clips" else places.windows_dir
    splits = _score_splits(record, places.model, windows_dir, notes)
    drawings = all_drawings(record, splits.get("test"))
    pictures = [drawing.rendered() for drawing in tqdm(drawings, "drawing")]
    cards = _cards(splits, windows_dir, places, with_audio, notes)
    write_page(Page(record, splits, pictures, cards, notes), out)
    _write_figures(pictures, figures_dir)
    return notes


def _score_splits(record: Record, model: Path, windows_dir: Path, notes: list[str]) -> dict[str, SplitScores]:
    splits = {}
    for split, name in tqdm(SPLIT_SCORES.items(), "scoring"):
        try:
            splits[split] = score_split(model, windows_dir / split, record.metrics[name]["map"])
        except TimbreError as problem:
            notes.append(problem.message)
    return splits


def _cards(
    splits: dict[str, SplitScores], windows_dir: Path, places: Places, with_audio: bool, notes: list[str]
) -> list[Card]:
    """The mistakes of validation: a test split that is listened to would soon be learned from."""
    if "validation" not in splits:
        return []
    folder = windows_dir / "validation"
    sounds = _sounds(folder, places, notes) if with_audio else None
    return mistake_cards(splits["validation"].answers, Windows(folder), sounds)


def _sounds(folder: Path, places: Places, notes: list[str]) -> Sounds | None:
    try:
        return open_sounds(folder, places.table_dir, places.decoded_dir)
    except TimbreError as problem:
        notes.append(f"The mistakes have no sound. {problem.message}")
        return None


def _write_figures(pictures: list[Picture], folder: Path) -> None:
    for picture in pictures:
        with atomic(folder / f"{picture.name}.png") as temporary:
            temporary.write_bytes(picture.light)
