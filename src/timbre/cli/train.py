"""`timbre train` and `timbre evaluate`: from windows to a checkpoint, and what it is worth."""

from pathlib import Path

import click

from timbre.cli.data import table_option
from timbre.cli.features import decoded_option, windows_option
from timbre.paths import DEFAULT_MODEL_DIR, PROJECT_ROOT

RUN_DIR = PROJECT_ROOT / "runs" / "default"

run_option = click.option(
    "--run",
    "run_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=RUN_DIR,
    show_default="runs/default",
    help="Folder of the run's state; a run that was interrupted goes on from it.",
)
out_option = click.option(
    "--out",
    "out_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_MODEL_DIR,
    show_default="models/default",
    help="Folder of the checkpoint.",
)


@click.command()
@click.option("--epochs", default=20, show_default=True, help="Of 200 batches each.")
@click.option("--batch-size", default=64, show_default=True)
@click.option("--learning-rate", default=2e-3, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, help="CPU threads; more pay on idle cores.")
@click.option("--name", default="default", show_default=True, help="Name of the model.")
@click.option(
    "--in-memory/--mapped", default=True, show_default=True, help="Hold the windows in memory, 77 KB each."
)
@windows_option
@run_option
@out_option
@table_option
@decoded_option
@click.option(
    "--figures",
    "figures_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT_ROOT / "reports" / "figures",
    show_default="reports/figures",
    help="Folder of the figures.",
)
def train(
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    threads: int,
    name: str,
    in_memory: bool,
    windows_dir: Path,
    run_dir: Path,
    out_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    figures_dir: Path,
) -> None:
    """Train, calibrate on the validation split, score on the test split, write the checkpoint."""
    import torch

    from timbre.features.windows import Windows
    from timbre.models.build import build_checkpoint
    from timbre.models.network import NetworkConfig
    from timbre.models.training import TrainingConfig
    from timbre.models.training import train as run_training
    from timbre.visualization.model_figures import label_scores, learning_curve

    torch.set_num_threads(threads)
    validation = Windows(windows_dir / "validation")
    network = run_training(
        Windows(windows_dir / "train", in_memory=in_memory),
        validation,
        run_dir,
        TrainingConfig(batch_size=batch_size, epochs=epochs, learning_rate=learning_rate, seed=seed),
        NetworkConfig(),
        validate_every=6,
    )
    learning_curve(run_dir, figures_dir / "learning_curve.png")
    metrics = build_checkpoint(network, name, table_dir, decoded_dir, windows_dir, out_dir)
    label_scores(metrics, figures_dir / "label_scores.png")
    click.echo(
        f"{out_dir}: test mAP {metrics['test_mixes']['map']:.3f}, LRAP {metrics['test_mixes']['lrap']:.3f}"
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--model", type=click.Path(exists=True, path_type=Path), default=DEFAULT_MODEL_DIR, show_default="default"
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write the numbers here.")
def evaluate(folder: Path, model: Path, json_path: Path | None) -> None:
    """Score a checkpoint on FOLDER's recordings: manifest.csv, and reference.csv of another tagger.

    manifest.csv has the columns path, present, absent, kind; the comparison is at OpenMIC's labels.
    """
    from timbre.files import write_json
    from timbre.models.listening_test import compare_with_reference, report_lines

    result = compare_with_reference(folder, model)
    click.echo("\n".join(report_lines(result)))
    if json_path:
        write_json(json_path, result)
