"""Data sets from their hosts into `<raw>/<data set>/`: located, fetched, verified, unpacked, written down.

A folder that exists means nothing; what its receipt lists is there. Archives wait in `archives/` and
go when they have been unpacked. One file that fails stops no other.
"""

import contextlib
import fnmatch
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from timbre.data.dataset import DataSet, Remote
from timbre.data.disk import readable_bytes, require_room, write_errors_told
from timbre.data.fetch import PART_SUFFIX, fetch
from timbre.data.hosts import Hosts, Located
from timbre.data.lock import locked
from timbre.data.progress import Bars
from timbre.data.raw_folder import ARCHIVES_DIR
from timbre.data.receipts import add_to_receipt, received
from timbre.data.threads import N_AT_ONCE, each
from timbre.data.unpack import discard_leftovers, unpack
from timbre.data.web import new_session
from timbre.errors import TimbreError

UNPACKED_PER_BYTE = 2.5  # room for what comes out of an archive of sound: wav packs to half at best


@dataclass(frozen=True)
class Item:
    """One file of one data set on its way into `folder`."""

    data_set: DataSet
    remote: Remote
    folder: Path

    @property
    def archive(self) -> Path:
        """Where it lies until it is unpacked."""
        return self.folder / ARCHIVES_DIR / self.remote.file_name

    @property
    def is_done(self) -> bool:
        """Whether it has been fetched, verified and unpacked."""
        return self.remote.address in received(self.folder)

    @property
    def arrived_bytes(self) -> int:
        """What of it lies on this disk, packed."""
        part = self.archive.with_name(self.archive.name + PART_SUFFIX)
        return sum(path.stat().st_size for path in (self.archive, part) if path.exists())


@dataclass(frozen=True)
class _Order:
    """An item whose place is known."""

    item: Item
    located: Located

    @property
    def size_bytes(self) -> int:
        return self.located.size_bytes or self.item.remote.size_bytes


Failure = tuple[Item, TimbreError]


def items_of(data_sets: Iterable[DataSet], raw_dir: Path, only: str | None = None) -> list[Item]:
    """The files of the data sets whose names match `only`, a pattern with `*` and `?`."""
    return [
        Item(data_set, remote, raw_dir / data_set.name)
        for data_set in data_sets
        for remote in data_set.remotes
        if only is None or fnmatch.fnmatch(remote.file_name, only)
    ]


def download(
    items: list[Item],
    *,
    n_at_once: int = N_AT_ONCE,
    keep_archives: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> list[Failure]:
    """Bring every item that is not there yet; `say` hears a line for each that has come.

    Raises
    ------
    TimbreError
        `disk_full`, before anything is fetched.
    """
    with ExitStack() as locks:
        held, failures = _lock([item for item in items if not item.is_done], locks)
        missing = [item for item in held if not item.is_done]  # the process before may just have done it
        for item in missing:
            discard_leftovers(item.archive)
        orders, unlocated = _locate(missing, n_at_once)
        unfetched = _bring_all(orders, n_at_once, keep_archives, say) if orders else []
        for item in missing:
            with contextlib.suppress(OSError):  # not empty, or never made
                item.archive.parent.rmdir()
    return [*failures, *unlocated, *unfetched]


def needed_bytes(sizes_bytes: Iterable[int], n_at_once: int, keep_archives: bool) -> float:
    """Room for what files of these sizes unpack to, and for the archives that lie there at a time."""
    sizes = sorted(sizes_bytes, reverse=True)
    return UNPACKED_PER_BYTE * sum(sizes) + sum(sizes if keep_archives else sizes[:n_at_once])


def _lock(items: list[Item], locks: ExitStack) -> tuple[list[Item], list[Failure]]:
    """The items whose folders are this process's now, and those that another one holds."""
    folders: set[Path] = set()
    held, failures = [], []
    for item in items:
        try:
            if item.folder not in folders:
                with write_errors_told(item.folder):
                    locks.enter_context(locked(item.folder))
                folders.add(item.folder)
            held.append(item)
        except TimbreError as error:
            failures.append((item, error))
    return held, failures


def _locate(items: list[Item], n_at_once: int) -> tuple[list[_Order], list[Failure]]:
    hosts = Hosts()

    def work(item: Item) -> _Order:
        with new_session() as session:
            return _Order(item, hosts.locate(session, item.remote))

    located, failures = each(work, items, n_at_once)
    return [order for _, order in located], failures


def _bring_all(
    orders: list[_Order], n_at_once: int, keep_archives: bool, say: Callable[[str], None]
) -> list[Failure]:
    sizes_bytes = [order.size_bytes for order in orders]
    arrived_bytes = sum(order.item.arrived_bytes for order in orders)
    room_bytes = needed_bytes(sizes_bytes, n_at_once, keep_archives) - arrived_bytes
    require_room(orders[0].item.folder.parent, room_bytes)
    bars = Bars(arrived_bytes, sum(sizes_bytes), n_at_once)

    def work(order: _Order) -> None:
        with write_errors_told(order.item.folder):
            say(_bring(order, bars, keep_archives))

    try:
        _, failures = each(work, orders, n_at_once, on_interrupt=bars.stop)
    finally:
        bars.close()
    return [(order.item, error) for order, error in failures]


def _bring(order: _Order, bars: Bars, keep_archives: bool) -> str:
    """Fetch, verify, unpack, write down; a line about it."""
    item, archive = order.item, order.item.archive
    with bars.step(archive.name, order.size_bytes) as progress, new_session() as session:
        digests = fetch(session, order.located, archive, progress)
    try:
        with bars.step(f"unpacking {archive.name}") as progress:
            unpacked = unpack(archive, item.folder, progress)
    except TimbreError as error:
        if error.code in ("bad_archive", "unsafe_archive"):
            archive.unlink()
        raise
    add_to_receipt(item.folder, item.data_set, item.remote, order.located.url, digests, unpacked)
    if not keep_archives:
        archive.unlink()
    size = readable_bytes(digests.size_bytes)
    return f"{item.data_set.name}: {archive.name}, {size}, {unpacked.n_files} files"
