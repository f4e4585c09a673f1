"""Notes that the tests make, and the model that `timbre train` makes of them once for all tests."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch
from click.testing import CliRunner, Result
from table_rows import table_row

from timbre.cli import main
from timbre.data.table import write_table

RATE_HZ = 32_000
FREQUENCY_HZ = {"tuba": 80, "cello": 400, "flute": 2_500}
SPLIT_OF_PLAYER = {"ann": "train", "bob": "validation", "cy": "test"}
QUICK = (
    "--size", "small", "--epochs", 4, "--batches-per-epoch", 12, "--batch-size", 8, "--learning-rate", 5e-3,
)  # fmt: skip


def timbre(*arguments: object) -> Result:
    """The command in this process; training sets torch's threads for all of it."""
    before = torch.get_num_threads()
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    torch.set_num_threads(before)
    return done


def places(collection: Path, work: Path) -> list[object]:
    """Options that keep all that is written in one folder."""
    return [
        "--table", collection / "table", "--decoded", collection / "decoded", "--windows", work / "windows",
        "--run", work / "run", "--out", work / "model", "--report", work / "report.html",
        "--figures", work / "figures",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def notes(tmp_path_factory) -> Path:
    """The table of notes of three instruments by three players, in `table`."""
    root = tmp_path_factory.mktemp("notes")
    rng, rows = np.random.default_rng(0), []
    time_s = np.arange(int(1.2 * RATE_HZ)) / RATE_HZ
    for player, split in SPLIT_OF_PLAYER.items():
        for leaf, frequency_hz in FREQUENCY_HZ.items():
            for number in range(4):
                tone = np.sin(2 * np.pi * frequency_hz * rng.uniform(0.9, 1.1) * time_s)
                path = root / f"{player}_{leaf}{number}.wav"
                sf.write(path, 0.3 * tone + rng.normal(0, 0.003, len(tone)), RATE_HZ)
                rows.append(table_row(path, player, leaf, split, kind="note", duration_s=1.2))
    write_table(pd.DataFrame(rows), root / "table")
    return root


@pytest.fixture(scope="session")
def trained(notes, tmp_path_factory) -> tuple[Path, Result]:
    """The folder with `model`, `run`, `report.html` ..., and what was printed."""
    work = tmp_path_factory.mktemp("trained")
    done = timbre("train", "--from", "clips", "--name", "three", *QUICK, *places(notes, work))
    assert done.exit_code == 0, done.output
    return work, done
