import pytest

from timbre.data.csv_rows import read_rows
from timbre.errors import TimbreError


def test_quotes_a_byte_order_mark_and_short_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\ufeffname,label\n"a, b.wav",flute\nc.wav\n', encoding="utf-8")
    assert list(read_rows(path, ("name", "label"))) == [
        {"name": "a, b.wav", "label": "flute"},
        {"name": "c.wav", "label": ""},
    ]


@pytest.mark.parametrize(
    ("content", "told", "hint"),
    [
        (b"name\n", "no column label", "It has a single one, name: columns are separated by commas."),
        (b"name;label\n", "no column name, label", "It has a single one, name;label: columns are separated"),
        (b"Name,what,label\n", "no column name", "It has Name, what, label."),
        (b"", "no column name, label", "It has none at all."),
        (b"\nname,label\n", "no column name, label", "It has none at all."),
        (b"name,label\n\xff\xfe\xff,x\n", "not a CSV in UTF-8", "Save it as a CSV in UTF-8, with commas."),
    ],
)
def test_a_bad_table_is_named_and_told(tmp_path, content, told, hint):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(TimbreError, match=rf"a\.csv.*{told}|a\.csv is {told}") as raised:
        list(read_rows(path, ("name", "label")))
    assert hint in raised.value.hint


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(TimbreError, match=r"gone\.csv cannot be read: No such file"):
        list(read_rows(tmp_path / "gone.csv", ("name",)))
