from pathlib import Path

import pytest

from timbre.data.disk import free_bytes, full_disk_told, readable_bytes, require_room, write_errors_told
from timbre.errors import TimbreError


def fill(path: Path) -> None:
    with full_disk_told(path), Path("/dev/full").open("wb") as file:
        file.write(bytes(100_000))


def test_a_full_disk_is_one_sentence_and_what_to_do(tmp_path):
    with pytest.raises(TimbreError, match=r"no room left in .* for song\.zip\. Make room") as caught:
        fill(tmp_path / "song.zip")
    assert caught.value.code == "disk_full"


def test_what_else_goes_wrong_is_not_called_a_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError), full_disk_told(tmp_path):
        (tmp_path / "gone").read_bytes()
    with (
        pytest.raises(TimbreError, match="gone cannot be written: No such file"),
        write_errors_told(tmp_path),
    ):
        (tmp_path / "gone").read_bytes()


def test_room_is_asked_of_the_disk_below_a_folder_that_is_not_there_yet(tmp_path):
    folder = tmp_path / "not" / "yet"
    assert free_bytes(folder) > 0
    require_room(folder, 1.0)
    with pytest.raises(TimbreError, match=r"1e\+06 TB are needed in .*yet, .* are free"):
        require_room(folder, 1e18)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (3.24e9, "3.24 GB")]
)
def test_sizes_are_readable(n_bytes, text):
    assert readable_bytes(n_bytes) == text
