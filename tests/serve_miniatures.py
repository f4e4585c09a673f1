"""Run a command while the miniature archives are served to it on loopback.

    python tests/serve_miniatures.py FOLDER COMMAND...

The archives are built in FOLDER when they are not there, and stay for the next time.
"""

import subprocess
import sys
from pathlib import Path

from loopback_hosts import Hosts
from miniatures import build


def main(folder: Path, command: list[str]) -> int:
    """Exit status of the command."""
    complete = folder / "complete"
    if not complete.exists():
        build(folder)
        complete.touch()
    with Hosts(folder) as hosts, subprocess.Popen(command, env=hosts.environment()) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # which the command has heard too; it ends when it is ready
                continue


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
