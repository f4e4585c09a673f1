"""Train, validation and test, by group: what shares a player, a room or an instrument stays together.

- An official side is kept; `development` is divided into train and validation, group by group.
- What a published model may not learn from is for testing only.
- What is `train_or_test` is divided likewise, but takes no place in validation.
- Collections with many groups of an instrument are divided at random, group by group.
- What alone has an instrument is learned from, as a kit with the only cowbell, if others can be held out.
- Of the few large sources of an instrument the smallest are held out whole, as long as most of the
  sound stays to learn from: a recording session that the model never heard is the fair question.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256

import pandas as pd

from timbre.data.table import SPLITS

MANY_GROUPS = 8  # so many groups of one leaf in one collection are divided at random
SHARES = {"train": 0.65, "validation": 0.15, "test": 0.20}
DEVELOPMENT_SHARES = {"train": 0.8, "validation": 0.2}
MIN_CLIPS, MIN_SECONDS = 4, 15.0  # less than either says nothing when held out
MAX_HELD_OUT = 1 / 3  # of the seconds that the large sources of a leaf have


def assign_splits(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The table with `split` filled; rows that have one (held-out soundfonts) keep it."""
    table = table.copy()
    alone = _alone(table[table["split"] == ""])
    official = (table["split"] == "") & table["part"].isin(SPLITS)
    table.loc[official, "split"] = table.loc[official, "part"]
    developing = (table["split"] == "") & (table["part"] == "development")
    for rows, divide in (
        (table[developing], _divide_development),
        (table[(table["split"] == "") & ~developing], _divide_freely),
    ):
        table.loc[rows.index, "split"] = rows["group"].map(divide(_groups(rows, alone), seed))
    return table


def without_leaks(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that may stay and those that must go, where official sides disagree with groups.

    A group, a file or a recording that stands on two sides stays on the one that is held out further.
    """
    side = table["split"].map(SPLITS.index)
    leaks = pd.Series(False, index=table.index)
    for key in ("group", "sha256", "recording"):
        farthest = side.groupby(table[key]).transform("max")
        leaks |= (side < farthest) & (table[key] != "")
    return table[~leaks].reset_index(drop=True), table[leaks].reset_index(drop=True)


def leaking_groups(table: pd.DataFrame) -> list[str]:
    """Groups that stand on more than one side; there must be none."""
    sides = table.groupby("group")["split"].nunique()
    return sorted(sides[sides > 1].index)


def _groups(rows: pd.DataFrame, alone: Collection[str]) -> pd.DataFrame:
    """What matters of each group, by its name; `alone` are those that alone have an instrument."""
    columns = zip(rows["present"], rows["any_of"], strict=True)
    facts = rows.assign(
        leaf=[_leaf(present, any_of) for present, any_of in columns],
        may_validate=rows["part"] != "train_or_test",
        is_alone=rows["group"].isin(alone),
    )
    # A kit has many leaves: it counts for the one that most groups of its collection hold, noise last.
    facts["holders"] = facts.groupby(["dataset", "leaf"])["group"].transform("nunique")
    facts["is_sound"] = facts["leaf"] != ""
    facts = facts.sort_values(["is_sound", "holders", "leaf", "dataset", "duration_s"], ascending=False)
    return facts.groupby("group").agg(
        leaf=("leaf", "first"),
        dataset=("dataset", "first"),
        shippable=("shippable", "all"),
        may_validate=("may_validate", "all"),
        is_alone=("is_alone", "any"),
        clips=("clip_id", "size"),
        seconds=("duration_s", "sum"),
    )


def _alone(table: pd.DataFrame) -> set[str]:
    """Groups without which no recording would be left to learn some instrument from."""
    may_train = table["shippable"].groupby(table["group"]).transform("all")
    may_train &= ~table["part"].isin(["validation", "test"])
    held = table.loc[may_train, ["group", "present"]].explode("present").dropna()
    n_groups = held.groupby("present")["group"].transform("nunique")
    return set(held.loc[n_groups == 1, "group"])


def _divide_development(groups: pd.DataFrame, seed: int) -> dict[str, str]:
    split_of: dict[str, str] = {}
    for _, alike in groups.groupby(["leaf", "dataset"]):
        split_of |= _by_chance(alike.index, DEVELOPMENT_SHARES, seed)
    return split_of


def _divide_freely(groups: pd.DataFrame, seed: int) -> dict[str, str]:
    split_of = dict.fromkeys(groups.index[~groups["shippable"]], "test")
    tested = set(groups.loc[~groups["shippable"], "leaf"])
    groups = groups[groups["shippable"]]
    crowd = groups.groupby(["leaf", "dataset"])["clips"].transform("size") >= MANY_GROUPS
    for _, alike in groups[crowd].groupby(["leaf", "dataset"]):
        others = alike[~alike["is_alone"]]
        dealt = others if len(others) >= MANY_GROUPS else alike
        split_of |= dict.fromkeys(alike.index, "train") | _by_chance(dealt.index, SHARES, seed)
    for name in groups.index[crowd & ~groups["may_validate"]]:
        if split_of[name] == "validation":
            split_of[name] = "train"
    tested |= set(groups.loc[crowd, "leaf"])
    validated = set(groups.loc[crowd & groups["may_validate"], "leaf"])
    for leaf, few in groups[~crowd].groupby("leaf"):
        split_of |= _hold_out_smallest(few, has_test=leaf in tested, has_validation=leaf in validated)
    return split_of


def _leaf(present: Sequence[str], any_of: Sequence[str]) -> str:
    """What a clip is counted for: its first leaf, or the groups of which that is unknown."""
    return present[0] if present else "+".join(any_of)


def _by_chance(names: Iterable[str], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Sides in just these shares, in an order that depends on the seed and the names alone."""
    order = sorted(names, key=lambda name: sha256(f"{seed}/{name}".encode()).digest())
    ends = [sum(list(shares.values())[: number + 1]) for number in range(len(shares))]
    places = [(number + 0.5) / len(order) for number in range(len(order))]
    sides = [next(side for side, end in zip(shares, ends, strict=True) if place < end) for place in places]
    return dict(zip(order, sides, strict=True))


def _hold_out_smallest(few: pd.DataFrame, *, has_test: bool, has_validation: bool) -> dict[str, str]:
    """Sides for the few large sources of one leaf, smallest first; most of it stays to learn from."""
    split_of = dict.fromkeys(few.index, "train")
    may_go = few if few["is_alone"].all() else few[~few["is_alone"]]
    enough = may_go[(may_go["clips"] >= MIN_CLIPS) & (may_go["seconds"] >= MIN_SECONDS)]
    enough = enough.sort_values("seconds")
    left_s = float(few["seconds"].sum())
    for side, has_it in {"test": has_test, "validation": has_validation}.items():
        free = [name for name in enough.index if split_of[name] == "train"]
        free = [name for name in free if side == "test" or enough.loc[name, "may_validate"]]
        if has_it or not free:
            continue
        if enough.loc[free[0], "seconds"] > MAX_HELD_OUT * left_s:
            break
        split_of[free[0]] = side
        left_s -= enough.loc[free[0], "seconds"]
    return split_of
