"""The data sets that Timbre can fetch and read, one module each, all with the same names in the same order.

`TITLE`, `HOME`, `REMOTES`, `LICENSE`, `CITATION`, `N_CLIPS` (as published; None where that depends on
the user), `CLASSES` (every label that the data set has, and what it means) and `read(folder)`, which
yields the clips of the folder into which its archives were unpacked.
"""

from types import ModuleType

from timbre.data.dataset import DataSet
from timbre.data.datasets import (
    freesound,
    fsdkaggle2018,
    irmas,
    misd,
    nsynth,
    openmic2018,
    philharmonia,
    vocalset,
)

MODULES: tuple[ModuleType, ...] = (
    fsdkaggle2018, irmas, misd, philharmonia, vocalset, openmic2018, nsynth, freesound,
)  # fmt: skip


def _data_set(module: ModuleType) -> DataSet:
    return DataSet(
        name=module.__name__.rpartition(".")[2],
        title=module.TITLE,
        home=module.HOME,
        remotes=module.REMOTES,
        license=module.LICENSE,
        citation=module.CITATION,
        n_clips=module.N_CLIPS,
        classes=module.CLASSES,
        read=module.read,
    )


DATA_SETS: dict[str, DataSet] = {data_set.name: data_set for data_set in map(_data_set, MODULES)}
# Fetched when no name is given; the others are larger or need a query of the user's own.
DEFAULT = ("fsdkaggle2018", "irmas", "misd", "philharmonia", "vocalset")
