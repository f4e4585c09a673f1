"""The threat model promises nothing that no test shows."""

import ast
import re

from timbre.paths import PROJECT_ROOT

DOCUMENT = (PROJECT_ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| *(\d*) *\|(.*)\|$", DOCUMENT, re.MULTILINE)
N_THREATS = 38


def test_every_threat_has_a_row():
    assert sorted(int(number) for number, _ in ROWS if number) == list(range(1, N_THREATS + 1))


def test_every_row_names_a_test_or_a_figure():
    for number, row in ROWS:
        assert re.search(r"`(tests/\S+::test_\w+|benchmarks/\w+\.py)`", row), number or row


def test_the_named_tests_are_there():
    named: dict[str, set[str]] = {}
    for path, test in re.findall(r"`(tests/\S+\.py)::(test_\w+)`", DOCUMENT):
        named.setdefault(path, set()).add(test)
    assert len(named) > 10
    for path, tests in named.items():
        tree = ast.parse((PROJECT_ROOT / path).read_text(encoding="utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert tests <= there, path
