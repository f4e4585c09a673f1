"""`timbre mix` and `timbre spectrograms`: from the table of clips to windows that training reads."""

from pathlib import Path

import click

from timbre.cli.options import decoded_option, scheduler_option, table_option, windows_option

N_MIXES = {"train": 24_000, "validation": 3_000, "test": 3_000}
_COUNT = click.IntRange(min=0)


@click.command()
@click.option(
    "--mixer", type=click.Choice(["complementary", "random"]), default="complementary", show_default=True
)
@click.option(
    "--ensembles",
    "ensembles_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who plays together, a TOML file in the form of docs/mixing.md, in place of Timbre's own.",
)
@click.option(
    "--train", "n_train", type=_COUNT, default=N_MIXES["train"], show_default=True, help="Mixes to train on."
)
@click.option("--validation", "n_validation", type=_COUNT, default=N_MIXES["validation"], show_default=True)
@click.option("--test", "n_test", type=_COUNT, default=N_MIXES["test"], show_default=True)
@click.option("--seed", type=_COUNT, default=0, show_default=True)
@table_option
@decoded_option
@windows_option
@scheduler_option
def mix(
    mixer: str,
    ensembles_path: Path | None,
    n_train: int,
    n_validation: int,
    n_test: int,
    seed: int,
    table_dir: Path,
    decoded_dir: Path,
    windows_dir: Path,
    scheduler: str | None,
) -> None:
    """Draw the mixes of every split from its own clips, and write down what each is made of."""
    from timbre.data.table import read_clips
    from timbre.features.ensembles import ENSEMBLES_FILE, read_ensembles
    from timbre.features.manifest import write_plans
    from timbre.features.material import LEFT_OUT_FILE, decode_table
    from timbre.features.mixer import Mixer
    from timbre.features.provenance import write_provenance
    from timbre.features.splits import leaking_groups

    table = read_clips(table_dir)
    if leaking := leaking_groups(table):
        raise click.ClickException(f"These groups are on both sides of a split: {', '.join(leaking[:5])}")
    ensembles_path = ensembles_path or ENSEMBLES_FILE
    ensembles = read_ensembles(ensembles_path)
    index = decode_table(table, decoded_dir, scheduler=scheduler)
    if left_out := len(table) - len(index):
        click.echo(f"{left_out} of {len(table)} clips left out; {decoded_dir / LEFT_OUT_FILE} says why.")
    for split, wanted in {"train": n_train, "validation": n_validation, "test": n_test}.items():
        rows = index[index["split"] == split]
        drawer = Mixer(rows, mixer=mixer, vary=split == "train", ensembles=ensembles)
        n_mixes = wanted if drawer.leaves else 0
        for line in [*drawer.skipped, *([] if drawer.leaves else ["No instrument has a clip: no mixes."])]:
            click.echo(f"{split}: {line}")
        write_plans(drawer, n_mixes, split, seed, windows_dir / split)
        facts = {"mixes": n_mixes, "mixer": mixer, "seed": seed, "ensembles": ensembles_path.name}
        write_provenance(windows_dir, f"mix {split}", facts)


@click.command()
@click.option(
    "--pictures", "n_pictures", type=_COUNT, default=0, help="Write pictures of so many windows a split."
)
@table_option
@decoded_option
@windows_option
@scheduler_option
def spectrograms(
    n_pictures: int, table_dir: Path, decoded_dir: Path, windows_dir: Path, scheduler: str | None
) -> None:
    """Render every mix: sound, audible labels, log-mel window. Goes on where it was interrupted."""
    from timbre.data.table import SPLITS, read_clips
    from timbre.features.manifest import check_clips
    from timbre.features.material import decode_table
    from timbre.features.pictures import PICTURES_DIR, write_pictures
    from timbre.features.provenance import write_provenance
    from timbre.features.windows import render_windows
    from timbre.taxonomy import INSTRUMENTS

    labels = tuple(instrument.id for instrument in INSTRUMENTS)
    index = decode_table(read_clips(table_dir), decoded_dir, scheduler=scheduler)
    for split in SPLITS:
        folder = windows_dir / split
        check_clips(folder, index)
        n_windows = render_windows(folder, decoded_dir, labels, scheduler=scheduler)
        write_provenance(windows_dir, f"spectrograms {split}", {"windows": n_windows})
        if n_pictures:
            n_written = write_pictures(folder, n_pictures)
            click.echo(f"{split}: {n_written} pictures in {folder / PICTURES_DIR}")
