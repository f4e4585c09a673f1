"""`timbre mix` and `timbre spectrograms`: from the table of clips to windows that training reads."""

from pathlib import Path

import click

from timbre.cli.data import table_option
from timbre.paths import DATA_DIR

WINDOWS_DIR = DATA_DIR / "processed"
DECODED_DIR = DATA_DIR / "interim" / "decoded"
N_MIXES = {"train": 24_000, "validation": 3_000, "test": 3_000}

windows_option = click.option(
    "--windows",
    "windows_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=WINDOWS_DIR,
    show_default="data/processed",
    help="Folder of the mixes and their windows, one folder a split.",
)
decoded_option = click.option(
    "--decoded",
    "decoded_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DECODED_DIR,
    show_default="data/interim/decoded",
    help="Folder of the decoded clips (made when missing).",
)


@click.command()
@click.option(
    "--mixer", type=click.Choice(["complementary", "random"]), default="complementary", show_default=True
)
@click.option("--train", "n_train", default=N_MIXES["train"], show_default=True, help="Mixes to train on.")
@click.option("--validation", "n_validation", default=N_MIXES["validation"], show_default=True)
@click.option("--test", "n_test", default=N_MIXES["test"], show_default=True)
@click.option("--seed", default=0, show_default=True)
@table_option
@decoded_option
@windows_option
def mix(
    mixer: str,
    n_train: int,
    n_validation: int,
    n_test: int,
    seed: int,
    table_dir: Path,
    decoded_dir: Path,
    windows_dir: Path,
) -> None:
    """Draw the mixes of every split from its own clips, and write down what each is made of."""
    from timbre.data.table import read_table
    from timbre.features.material import decode_table
    from timbre.features.mixer import Mixer
    from timbre.features.provenance import write_provenance
    from timbre.features.splits import leaking_groups
    from timbre.features.windows import write_plans

    table = read_table(table_dir)
    if leaking := leaking_groups(table):
        raise click.ClickException(f"These groups are on both sides of a split: {', '.join(leaking[:5])}")
    index = decode_table(table, decoded_dir)
    for split, n_mixes in {"train": n_train, "validation": n_validation, "test": n_test}.items():
        rows = index[index["split"] == split]
        drawer = Mixer(rows, mixer=mixer, vary_speed=split == "train")
        write_plans(drawer, n_mixes, split, seed, windows_dir / split)
        write_provenance(windows_dir, f"mix {split}", {"mixes": n_mixes, "mixer": mixer, "seed": seed})


@click.command()
@table_option
@decoded_option
@windows_option
def spectrograms(table_dir: Path, decoded_dir: Path, windows_dir: Path) -> None:
    """Render every mix: sound, audible labels, log-mel window. Goes on where it was interrupted."""
    from timbre.data.table import SPLITS, read_table
    from timbre.features.material import decode_table
    from timbre.features.provenance import write_provenance
    from timbre.features.windows import read_plans, render_windows
    from timbre.taxonomy import INSTRUMENTS

    labels = tuple(instrument.id for instrument in INSTRUMENTS)
    index = decode_table(read_table(table_dir), decoded_dir)
    for split in SPLITS:
        plans = read_plans(windows_dir / split)
        rows = index[index["split"] == split]
        render_windows(plans, rows, decoded_dir, labels, windows_dir / split)
        write_provenance(windows_dir, f"spectrograms {split}", {"windows": len(plans)})
