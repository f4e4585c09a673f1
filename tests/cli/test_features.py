"""`timbre mix` and `timbre spectrograms` as a person types them, on a table of a few sounds."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from click.testing import CliRunner, Result
from table_rows import table_row

from timbre.cli import main
from timbre.data.table import read_table, write_table
from timbre.features.manifest import read_plans
from timbre.features.windows import Windows
from timbre.files import file_sha256
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
SPLIT_OF_PLAYER = {"ann": "train", "bob": "test"}  # nobody is left for validation
COUNTS = ("--train", 8, "--validation", 3, "--test", 4)


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def where(tmp_path: Path) -> dict[str, Path]:
    rng, rows = np.random.default_rng(0), []
    for player, split in SPLIT_OF_PLAYER.items():
        for leaf in ("tuba", "trumpet", "shaker"):
            path = tmp_path / f"{player}_{leaf}.wav"
            sf.write(path, 0.2 * rng.standard_normal(int(2.5 * RATE_HZ)), RATE_HZ)
            rows.append(table_row(path, player, leaf, split, kind="phrase", duration_s=2.5))
    write_table(pd.DataFrame(rows), tmp_path / "table")
    return {name: tmp_path / name for name in ("table", "decoded", "windows")}


def options(where: dict[str, Path]) -> list[object]:
    return [part for name, folder in where.items() for part in (f"--{name}", folder)]


def test_from_the_table_to_windows_and_pictures(where):
    done = timbre("mix", *COUNTS, "--mixer", "random", *options(where))
    assert done.exit_code == 0, done.output
    assert "train: Skipped: jazz; fewer than 2" in done.output.replace("big_band of ", "")
    assert "validation: No instrument has a clip" in done.output
    done = timbre("spectrograms", "--pictures", 2, *options(where))
    assert done.exit_code == 0, done.output
    sizes = {split: len(Windows(where["windows"] / split)) for split in ("train", "validation", "test")}
    assert sizes == {"train": 8, "validation": 0, "test": 4}
    assert Windows(where["windows"] / "train").labels == tuple(BY_ID)
    assert len(list((where["windows"] / "test" / "pictures").glob("*.png"))) == 2
    steps = json.loads((where["windows"] / "provenance.json").read_text())
    assert steps["mix train"] | {"mixer": "random", "seed": 0, "mixes": 8} == steps["mix train"]
    assert steps["mix train"]["ensembles"] == "ensembles.toml"
    assert steps["spectrograms test"]["windows"] == 4


def test_ones_own_ensembles_are_used_and_their_mistakes_named(where, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("[duo.low_and_high]\ntuba = 1\nshaker = 1\n[band.rock]\ndrum_kit = 1\nvoice = 1\n")
    done = timbre("mix", "--train", 40, "--validation", 0, "--test", 0, "--ensembles", mine, *options(where))
    assert done.exit_code == 0, done.output
    assert "train: Skipped: band;" in done.output
    together = [{source.leaf for source in plan.sources} for plan in read_plans(where["windows"] / "train")]
    assert {frozenset(leaves) for leaves in together if len(leaves) > 1} == {frozenset(("tuba", "shaker"))}

    mine.write_text("[duo.low_and_high]\ntuba = 1\nvuvuzela = 1\n")
    done = timbre("mix", *COUNTS, "--ensembles", mine, *options(where))
    assert done.exit_code == 1
    assert "vuvuzela" in done.output


def test_a_clip_that_changed_after_mixing_is_named(where, tmp_path):
    assert timbre("mix", *COUNTS, *options(where)).exit_code == 0
    table = read_table(where["table"])
    sf.write(tmp_path / "ann_tuba.wav", 0.1 * np.ones(RATE_HZ), RATE_HZ)
    table.loc[table["clip_id"] == "ann_tuba.wav", "sha256"] = file_sha256(tmp_path / "ann_tuba.wav")
    write_table(table, where["table"])
    done = timbre("spectrograms", *options(where))
    assert done.exit_code == 1
    assert "ann_tuba.wav" in done.output
    assert "timbre mix" in done.output


@pytest.mark.parametrize("command", ["mix", "spectrograms"])
def test_a_mistyped_table_is_named_and_what_was_made_stays(where, command):
    assert timbre("mix", *COUNTS, *options(where)).exit_code == 0
    assert timbre("spectrograms", *options(where)).exit_code == 0
    made = {path: path.read_bytes() for path in where["windows"].rglob("*") if path.is_file()}
    ran = timbre(command, *options(where | {"table": where["table"].with_name("typo")}))
    assert ran.exit_code == 1
    assert "typo. Run `timbre data` first." in ran.output
    assert {path: path.read_bytes() for path in where["windows"].rglob("*") if path.is_file()} == made


def test_spectrograms_before_mixes_say_what_to_do(where):
    done = timbre("spectrograms", *options(where))
    assert done.exit_code == 1
    assert "Run `timbre mix` first" in done.output


def test_a_clip_that_cannot_be_read_is_counted_and_left_out(where, tmp_path):
    (tmp_path / "ann_shaker.wav").unlink()
    done = timbre("mix", *COUNTS, *options(where))
    assert done.exit_code == 0, done.output
    assert "1 of 6 clips left out" in done.output
    used = {clip for plan in read_plans(where["windows"] / "train") for clip in plan.clips}
    assert used == {"ann_tuba.wav", "ann_trumpet.wav"}


def test_a_scheduler_that_does_not_answer_is_named(where, monkeypatch):
    from timbre.data import parallel

    monkeypatch.setattr(parallel, "CONNECT_S", 0.5)
    done = timbre("mix", *COUNTS, "--scheduler", "tcp://127.0.0.1:9", *options(where))
    assert done.exit_code == 1
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.output
