"""A PostgreSQL of the tests' own, on loopback, for as long as they run."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import PATIENCE_S, until

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory) -> Iterator[str]:
    """`DATABASE_URL` of an empty database."""
    folders = os.pathsep.join([*map(str, _DEBIAN), os.environ["PATH"]])
    if not shutil.which("initdb", path=folders):
        pytest.skip("no PostgreSQL server is installed")
    folder = tmp_path_factory.mktemp("postgres")
    # It refuses to run as root; Debian's package brings a user for it.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    if user:
        for above in folder.parents:  # whose names it must be able to pass
            if above.stat().st_uid == os.getuid() and str(above).startswith("/tmp/"):
                above.chmod(above.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    made = [shutil.which("initdb", path=folders), "-D", data, "-A", "trust", "-U", "timbre", "--no-sync"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **user)
    options = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", "-F"]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [shutil.which("postgres", path=folders), *options], stdout=log, stderr=log, **user
        )
    try:
        until(lambda: _listens(port), PATIENCE_S)
        yield f"postgresql+psycopg://timbre@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
