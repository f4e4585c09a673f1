"""The columns of the metadata table: one place for their order, their types and their meaning."""

from dataclasses import dataclass
from typing import Any

_LEAVES = "list of leaf ids"


@dataclass(frozen=True)
class Field:
    """A column; `default` is what a table holds that was written before there was this column."""

    name: str
    type: str
    meaning: str
    example: str
    unit: str = ""
    default: Any = ""

    @property
    def is_list(self) -> bool:
        """Whether a cell holds a list: a list in Parquet, joined by `;` in CSV."""
        return self.type.startswith("list")


FIELDS = (
    Field("clip_id", "text", "Unique name: data set, colon, path.", "irmas:IRMAS-TrainingData/cel/a.wav"),
    Field("path", "text", "The file, relative to `root`.", "IRMAS-TrainingData/cel/a.wav"),
    Field("dataset", "text", "The data set or collection that it is from.", "irmas"),
    Field("present", _LEAVES, "Instruments that certainly sound.", "violin;cello"),
    Field("absent", _LEAVES, "Instruments that certainly do not.", "piano;flute"),
    Field(
        "any_of",
        "list of groups of leaf ids",
        "Of each group, its leaves joined by `|`, at least one sounds; one by one they are unknown.",
        "acoustic_guitar|electric_guitar",
    ),
    Field(
        "group",
        "text",
        "What shares a player, an instrument, a room or a recording; never on two sides of a split.",
        "vocalset/female3",
    ),
    Field("split", "text", "`train`, `validation` or `test`.", "train"),
    Field("license", "text", "Licence of this very clip.", "CC BY 4.0"),
    Field("duration_s", "number", "Length of what really decodes.", "3.0", unit="seconds"),
    Field("sha256", "text", "Digest of the file.", "9f86d081884c7d65..."),
    Field("root", "text", "Folder of the data set on the machine that made the table.", "/data/raw/irmas"),
    Field(
        "kind",
        "text",
        "`note`, `one-shot`, `phrase`, `clip`, `speech`, `noise`, `rendered`: one source, which may be mixed "
        "with others; `mix`: music of several sources, which is never mixed again.",
        "note",
    ),
    Field("shippable", "yes or no", "Whether a published model may learn from it.", "yes", default=True),
    Field(
        "key",
        "whole number",
        "Key of a rendered phrase, 0 = C ... 11 = B; -1 where there is none.",
        "7",
        unit="semitones above C",
        default=-1,
    ),
    Field(
        "part",
        "text",
        "Official side: `train`, `validation`, `test`, `development` (to be divided into train and "
        "validation), `train_or_test` (not to validate), or empty where Timbre divides by itself.",
        "development",
    ),
    Field("recording", "text", "The same in every data set that holds this recording.", "freesound:1234"),
)
COLUMNS = tuple(field.name for field in FIELDS)
LIST_COLUMNS = tuple(field.name for field in FIELDS if field.is_list)


def dictionary() -> str:
    """The dictionary as Markdown, which docs/data_dictionary.md holds."""
    cells = [
        (f"`{field.name}`", field.type, field.unit, _cell(field.meaning), f"`{_cell(field.example)}`")
        for field in FIELDS
    ]
    rows = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([*_HEAD, *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_HEAD = (
    "# Data dictionary",
    "",
    "The metadata table has one row a clip: `metadata.parquet`, where a list is a list, and `metadata.csv`,",
    "where it is joined by `;`. An instrument is named by its leaf id in `timbre.taxonomy`; one that is in",
    "none of `present`, `absent` and `any_of` is unknown. `timbre data dictionary` writes this page.",
    "",
    "| column | type | unit | meaning | example |",
    "|---|---|---|---|---|",
)
