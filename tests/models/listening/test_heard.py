import numpy as np
import pandas as pd
import pytest

from timbre.errors import TimbreError
from timbre.models.listening.heard import heard_by_reference
from timbre.taxonomy import OPENMIC


def test_a_second_gets_what_is_said_of_its_middle(tmp_path):
    ends_s = [3.0, 6.0, 7.4]
    rows = [[f"a/{name}.wav", end - 3, end, *([end] * 20)] for name in ("one", "two") for end in ends_s]
    pd.DataFrame(rows, columns=["path", "start_s", "end_s", *OPENMIC]).to_csv(tmp_path / "r.csv", index=False)
    manifest = pd.DataFrame({"path": ["a/two.wav"]})
    (heard,) = heard_by_reference(tmp_path / "r.csv", manifest, [9])
    np.testing.assert_allclose(heard.seconds[:, 0], [3, 3, 3, 6, 6, 6, 7.4, 7.4, 7.4], rtol=1e-6)
    assert heard.named is None


@pytest.mark.parametrize(
    ("columns", "row", "said"),
    [
        (("path", "piano"), "one.wav,0.5", "has no column end_s, accordion"),
        (("path", "end_s", *OPENMIC), f"two.wav,3{',0.5' * 20}", "says nothing of one.wav; 1 of the files"),
        (("path", "end_s", *OPENMIC), f"one.wav,3{',much' * 20}", "has a number that is none"),
    ],
)
def test_a_reference_without_what_is_needed_is_one_sentence(tmp_path, columns, row, said):
    (tmp_path / "r.csv").write_text(f"{','.join(columns)}\n{row}\n")
    with pytest.raises(TimbreError, match=said):
        heard_by_reference(tmp_path / "r.csv", pd.DataFrame({"path": ["one.wav"]}), [3])
