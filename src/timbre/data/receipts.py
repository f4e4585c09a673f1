"""`receipt.json` in a data set's folder: which files came from where, when, and exactly which bytes."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from timbre.data.dataset import DataSet, Remote
from timbre.data.fetch import Digests
from timbre.data.raw_folder import RECEIPT_FILE
from timbre.data.unpack import Unpacked
from timbre.files import write_json

_lock = threading.Lock()  # the files of one data set are done by several threads


def received(folder: Path) -> dict[str, Any]:
    """What the receipt says of each remote's address; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / RECEIPT_FILE).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def add_to_receipt(
    folder: Path, data_set: DataSet, remote: Remote, url: str, digests: Digests, unpacked: Unpacked
) -> None:
    """Write down that a remote has been fetched, verified and unpacked."""
    entry = {
        "url": url,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "size_bytes": digests.size_bytes,
        "md5": digests.md5,
        "sha256": digests.sha256,
        "unpacked_files": unpacked.n_files,
        "unpacked_bytes": unpacked.size_bytes,
    }
    with _lock:
        receipt = {
            "data_set": data_set.name,
            "title": data_set.title,
            "home": data_set.home,
            "license": data_set.license,
            "files": {**received(folder), remote.address: entry},
        }
        write_json(folder / RECEIPT_FILE, receipt)
