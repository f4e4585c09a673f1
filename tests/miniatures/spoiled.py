"""Files that are not what their name says, and an archive that wants out of its folder."""

import numpy as np

from miniatures.archives import zipped
from miniatures.sound import CD_HZ, encoded, wav

# What is wrong, and the bytes. A header without sound behind it is what an interrupted copy leaves.
FILES: dict[str, bytes] = {
    "empty": b"",
    "silent": encoded(np.zeros(CD_HZ // 2), CD_HZ, "WAV"),
    "truncated": wav("truncated", 0.5)[:40],
    "text": b"This was meant to be a sound.\n" * 20,
}


def escaping_zip() -> bytes:
    """A zip with a good file and one that points above the folder it is unpacked in."""
    return zipped({"good.txt": b"good\n", "../../escaped.txt": b"out\n"})
