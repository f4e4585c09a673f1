"""What listeners say against the model: an instrument that is wrong in a range, or missing there.

Corrections stand beside the model's own words and never in their place. To learn from, the song is cut
where any of them begins or ends: each piece occurs once and carries all that was said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from timbre.app.bodies import is_number
from timbre.audio.decode import SHORTEST_S
from timbre.audio.segments import SEGMENT_S
from timbre.errors import TimbreError

VERDICTS = ("wrong", "missing")
MAX_CORRECTIONS = 200  # of one song
LONGEST_PIECE_S = 60.0  # a longer one is cut: clips are held in memory whole, here and in training


@dataclass(frozen=True)
class Piece:
    """A stretch of song with what was said of it, as labels."""

    start_s: float
    end_s: float
    present: tuple[str, ...]
    absent: tuple[str, ...]


def checked(body: Mapping[str, Any], song: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a correction of this song.

    Raises
    ------
    TimbreError
        `bad_request` for a range that is not in the part of the song that is tagged, a label that its
        model does not have, or another verdict.
    """
    start_s, end_s = body.get("start_s"), body.get("end_s")
    if not is_number(start_s) or not is_number(end_s):
        raise TimbreError("bad_request", "A correction needs start_s and end_s as numbers.")
    tagged_s = song["tagged"] * float(SEGMENT_S)
    known_s = min(tagged_s, song["duration_s"] or tagged_s)
    if not 0 <= start_s < end_s <= known_s:
        raise TimbreError(
            "bad_request",
            "The range is not in the part of the song that is tagged.",
            f"Choose start_s and end_s between 0 and {known_s:g}, in order.",
        )
    if end_s - start_s < SHORTEST_S:
        raise TimbreError(
            "bad_request", "The range is too short.", f"Choose at least {SHORTEST_S:g} seconds."
        )
    if body.get("label") not in song["labels"]:
        raise TimbreError("bad_request", "The model has no such label.", "See /api/labels.")
    if body.get("verdict") not in VERDICTS:
        raise TimbreError("bad_request", "The verdict must be wrong or missing.")
    return {"start_s": start_s, "end_s": end_s, "label": body["label"], "verdict": body["verdict"]}


def pieces(corrections: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """The corrected parts of a song, in order, none overlapping another.

    Where two say the opposite of one label, the later one counts. What is left too short to be decoded
    is left out.
    """
    edges = sorted({edge for one in corrections for edge in (one["start_s"], one["end_s"])})
    found: list[Piece] = []
    for start_s, end_s in pairwise(edges):
        said = [one for one in corrections if one["start_s"] <= start_s and end_s <= one["end_s"]]
        if said and end_s - start_s >= SHORTEST_S:
            verdicts = {one["label"]: one["verdict"] for one in said}
            found += _cut(start_s, end_s, verdicts)
    return found


def _cut(start_s: float, end_s: float, verdicts: Mapping[str, str]) -> list[Piece]:
    """Equal pieces of at most `LONGEST_PIECE_S`."""
    present = tuple(sorted(label for label, verdict in verdicts.items() if verdict == "missing"))
    absent = tuple(sorted(label for label, verdict in verdicts.items() if verdict == "wrong"))
    n = int(-(-(end_s - start_s) // LONGEST_PIECE_S))
    step_s = (end_s - start_s) / n
    return [Piece(start_s + i * step_s, start_s + (i + 1) * step_s, present, absent) for i in range(n)]
