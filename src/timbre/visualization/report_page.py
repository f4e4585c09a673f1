"""The page of a report: everything in one file, for any screen, with nothing to fetch."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from timbre.audio.segments import SEGMENT_S
from timbre.files import write_text
from timbre.models.scores import N_DRAWS
from timbre.models.weights_license import listed_once, weights_license
from timbre.taxonomy import BY_ID
from timbre.visualization.report_cards import Card
from timbre.visualization.report_figures import prevalence, ranked
from timbre.visualization.report_run import SOLO_SCORES, SPLIT_SCORES, Record
from timbre.visualization.report_style import DARK, LIGHT, Picture
from timbre.visualization.report_windows import SplitScores

TEMPLATES_DIR, TEMPLATE_FILE = Path(__file__).parent / "templates", "report.html"
_SPLIT_COLUMNS = {
    "map": "mAP",
    "lrap": "LRAP",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "roc_auc": "ROC-AUC",
    "calibration_error": "calibration error",
}


@dataclass(frozen=True)
class Page:
    """What a report holds; `splits` and `cards` are empty where the windows are gone.

    Attributes
    ----------
    notes
        A sentence for everything that is left out.
    """

    record: Record
    splits: dict[str, SplitScores]
    pictures: list[Picture]
    cards: list[Card]
    notes: list[str]


def write_page(page: Page, out: Path) -> None:
    """Render the page and write it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"data_uri": data_uri, "number": _number, "percent": _percent}
    write_text(out, environment.get_template(TEMPLATE_FILE).render(_content(page)))


def data_uri(content: bytes, media_type: str) -> str:
    """Bytes as an address that holds them."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _number(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{value:.0%}" if 0.01 <= value <= 0.99 else f"{value:.1%}"


def _content(page: Page) -> dict[str, Any]:
    config, metrics = page.record.config, page.record.metrics
    splits, sources = _split_rows(page), listed_once(config.trained_on)
    return {
        "name": config.full_name,
        "config": config,
        "metrics": metrics,
        "numbers": page.record.numbers,
        "learned_from": page.record.learned_from,
        "sources": sources,
        "minutes": sum(float(source["minutes"]) for source in sources),
        "license": weights_license(config.trained_on).sentence,
        "figures": {picture.name: picture for picture in page.pictures},
        "columns": _SPLIT_COLUMNS,
        "splits": splits,
        "test_map": splits[-1][-1][0],
        "n_draws": N_DRAWS,
        "themes": {"light": LIGHT, "dark": DARK},
        "before_segment": f"{50 * (1 - SEGMENT_S / config.context_s):.2f}%",
        "solos": {name: (title, metrics[name]) for name, title in SOLO_SCORES.items() if name in metrics},
        "labels": _label_rows(page.splits.get("test")),
        "groups": _group_rows(metrics.get("test_groups", {})),
        "cards": page.cards,
        "notes": page.notes,
    }


def _split_rows(page: Page) -> list[tuple[str, int, list[tuple[float | None, list[float | None] | None]]]]:
    """Of each split its name, windows, and each score as the checkpoint states it, with its interval."""
    rows = []
    for split, name in SPLIT_SCORES.items():
        stated = page.record.metrics[name]
        drawn = page.splits[split].scores if split in page.splits else {}
        cells = [(stated.get(key), drawn.get(f"{key}_interval")) for key in _SPLIT_COLUMNS]
        rows.append((split, stated["windows"], cells))
    return rows


def _label_rows(test: SplitScores | None) -> list[tuple[str, dict[str, Any], float]]:
    """Name, scores and prevalence of every label that occurs, the best first."""
    if test is None:
        return []
    return [(BY_ID[label].name, one, prevalence(one)) for label, one in ranked(test.scores["labels"])]


def _group_rows(groups: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Names and scores of the instruments of which it is only known that one sounds."""
    return [
        (" or ".join(BY_ID[label].name for label in group.split("|")), one) for group, one in groups.items()
    ]
