"""The model card: what a person should know before trusting the tags."""

from collections.abc import Mapping
from typing import Any

from timbre.models.calibration import MIN_THRESHOLD
from timbre.models.card_instruments import FONT_SCORES, instrument_table
from timbre.models.checkpoint import CheckpointConfig
from timbre.models.weights_license import WeightsLicense, listed_once, source_licenses, weights_license
from timbre.taxonomy import instrument

_WEAK_F1 = 0.3
_LICENSES_SHOWN = 4  # of one source
_LABELS_SHOWN = 6  # in a sentence
# What differs between a model of mixes and one of clips as they are.
_LEARNED_FROM = {
    "mixes": """Mixes of one to eight clips of these sources, made with complementary frequency bands; single
notes are first sequenced into phrases.""",
    "clips": "Clips of these sources as they are, unmixed.",
}
_MEANT_FOR = {
    "mixes": "looking at music, indexing a library and sorting samples",
    "clips": "sounds like those that it learned from, such as notes, strokes or samples",
}
_HELD_OUT = {"mixes": "Mixes of held-out clips", "clips": "Windows of held-out clips"}
# Where soundfonts were rendered and one of them held out.
_RENDERED = " Soundfonts were rendered by this project."
_HELD_OUT_FONT = " (validation: a held-out soundfont and held-out recordings; test: recordings alone)"
_HARDER = {
    "mixes": """- Learned from single notes and phrases mixed by a program, not from produced songs:
  compressed, effect-laden and dense music is harder than the scores above, and singing with full
  accompaniment is often missed.""",
    "clips": """- In training every second of a clip has all its labels: what sounds only somewhere in a long
  one is learned a little everywhere.
- Music of several instruments is harder than the scores above, unless the clips were such music.""",
}
_SOLO_TITLES = {
    "test recordings": "solo_test_recordings",
    "validation recordings": "solo_validation_recordings",
    "held-out soundfont (validation)": FONT_SCORES,
}
_WINDOW_SCORES = {
    "map": "mAP",
    "lrap": "LRAP",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "calibration_error": "calibration error",
}
_READING = """Labels are those that the split tests, over which mAP and macro F1 are means. Calibration error
is the mean gap between stated and true frequency over all decisions, most of which are that an instrument
is absent."""


def model_card(config: CheckpointConfig, metrics: dict[str, Any]) -> str:
    """Markdown with the front matter that the Hub reads.

    Parameters
    ----------
    metrics
        What `metrics.json` holds; `learned_from` in it is `clips`, or `mixes`, also where it is missing.
    """
    license = weights_license(config.trained_on)
    learned_from = metrics.get("learned_from", "mixes")
    parts = [
        _front_matter(license),
        _intended_use(config, learned_from),
        _training_data(config, license, learned_from, has_font=FONT_SCORES in metrics),
        _scores(config, metrics, learned_from),
        instrument_table(config, metrics, learned_from),
        _limits(config, metrics, learned_from),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(license: WeightsLicense) -> str:
    tags = ("audio", "music", "audio-classification", "instrument-recognition")
    name = [f"license_name: {license.name}"] if license.name else []
    lines = ["---", f"license: {license.id}", *name, "tags:"]
    return "\n".join([*lines, *(f"- {tag}" for tag in tags), "---"])


def _intended_use(config: CheckpointConfig, learned_from: str) -> str:
    return f"""# {config.name}

Which of {len(config.labels)} instruments sound in each second of a recording: a calibrated probability
for every instrument. A compact CNN over {config.context_s:g} s of log-mel (32 kHz, 128 bands) centred on
the second.{_steadied(config)} It is meant for {_MEANT_FOR[learned_from]}, not for
decisions about people."""


def _steadied(config: CheckpointConfig) -> str:
    share = config.neighbour_share
    return (
        f" In a song, {share:.0%} of every answer comes from either second beside it;\n"
        "the scores below are of single seconds."
        if share
        else ""
    )


def _training_data(
    config: CheckpointConfig, license: WeightsLicense, learned_from: str, *, has_font: bool
) -> str:
    rows = [
        f"| {_source_name(s)} | {s['minutes']:g} | {s['clips']} | {_licenses(s)} |"
        for s in listed_once(config.trained_on)
    ]
    table = "\n".join(["| source | minutes | clips | licence |", "|---|--:|--:|---|", *rows])
    return f"""## Trained on

{_LEARNED_FROM[learned_from]}{_RENDERED if has_font else ""}{_beginning(config)}

{table}

The code of Timbre is MIT. {license.sentence}"""


def _beginning(config: CheckpointConfig) -> str:
    if config.init is None:
        return ""
    return f"""
Training began with the weights of {config.init}; what those had learned from is listed too, where it was
another source.{_mean(config)}"""


def _mean(config: CheckpointConfig) -> str:
    n_runs = len(config.mean_of)
    return f" The weights are the mean of those of {n_runs} runs that began so." if n_runs else ""


def _source_name(source: Mapping[str, Any]) -> str:
    through = source.get("through")
    return f"{source['source']}, through {through}" if through else str(source["source"])


def _licenses(source: Mapping[str, Any]) -> str:
    """Licences of a source with their clips, the commonest; the data set's own list has the others."""
    counts = source_licenses(source)
    if len(counts) == 1:
        return next(iter(counts)) or "not stated"
    shown = [f"{name} ({n})" if n else name for name, n in list(counts.items())[:_LICENSES_SHOWN]]
    others = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {others} more" if others else "")


def _scores(config: CheckpointConfig, metrics: dict[str, Any], learned_from: str) -> str:
    held_out = _HELD_OUT[learned_from] + (_HELD_OUT_FONT if FONT_SCORES in metrics else "")
    parts = [
        f"""## Scores on sound that it did not learn from

No group (player, instrument, recording session, soundfont) is also in the training data. Calibration
and thresholds were fitted on the validation groups, but no threshold is below {MIN_THRESHOLD:g}, which was
chosen by eye on the example song.{_calibrated_on(metrics)}
The test groups were only scored; how often they were looked at is for whoever trained the model to say, and
of the default one the experiment log (reports/experiments.md) does.""",
        _doubt(config, metrics),
        _solo_scores(metrics),
        f"{held_out}:\n\n{_window_scores(metrics, learned_from)}\n\n{_READING}",
        _group_scores(metrics),
    ]
    return "\n\n".join(filter(None, parts))


def _calibrated_on(metrics: dict[str, Any]) -> str:
    """Whose recordings validated, where they are few beside a soundfont."""
    told = metrics.get(_SOLO_TITLES["validation recordings"], {}).get("labels", {})
    if FONT_SCORES not in metrics or not told or len(told) > _LABELS_SHOWN:
        return ""
    names = ", ".join(instrument(label).name for label in told)
    return f"""
Of single recordings only those of {names} validated: calibration of the others rests on
the held-out soundfont."""


def _doubt(config: CheckpointConfig, metrics: dict[str, Any]) -> str:
    """What the scores owe to the weights that training began with."""
    if config.init is None:
        return ""
    n = metrics.get("groups_learned_before")
    if n is None:
        return f"""Nobody compared these groups with what {config.init} had learned from: where it had learned
from some of them, the scores are too good."""
    if n:
        return f"""{config.init} had learned from {n} of these groups. Their single recordings are not scored
below, but they are in the windows, and had a say in the choice of the epoch, in calibration and in
thresholds: those scores are too good."""
    return f"""As far as its record tells, {config.init} had learned from none of these groups either. A group
is known again by some of its files: not by other ones, nor in another encoding."""


def _solo_scores(metrics: dict[str, Any]) -> str:
    rows = [
        f"| {title} | {m['clips']} | {m['groups']} | {_with_interval(m, 'top1', 'top1_interval')} "
        f"| {_with_interval(m, 'commonest_top1', 'commonest_interval')} ({m['commonest']}) "
        f"| {_with_interval(m, 'gain', 'gain_interval')} |"
        for title, key in _SOLO_TITLES.items()
        if key in metrics
        for m in [metrics[key]]
    ]
    if not rows:
        return ""
    head = """One instrument at a time, the likeliest label against always naming the commonest one; intervals
are 95 %, drawn over groups: players, rooms or kits that were not learned from, though often of the same
collections.

| clips | number | groups | named right | always the commonest | gain, paired |
|---|--:|--:|--:|--:|--:|"""
    return "\n".join([head, *rows])


def _window_scores(metrics: dict[str, Any], learned_from: str) -> str:
    names = ("windows", "labels", *_WINDOW_SCORES.values(), "quiet without instrument")
    head = f"| {learned_from} | {' | '.join(names)} |\n|---|{'--:|' * len(names)}"
    rows = [
        f"| {title} | {m['windows']} | {_n_tested(m)} | {scores} | {_quiet(m)} |"
        for title, key in {"validation": "validation_mixes", "test": "test_mixes"}.items()
        for m in [metrics[key]]
        for scores in [" | ".join(_score(m[name]) for name in _WINDOW_SCORES)]
    ]
    return "\n".join([head, *rows])


def _n_tested(scores: dict[str, Any]) -> int:
    return sum(one["average_precision"] is not None for one in scores["labels"].values())


def _group_scores(metrics: dict[str, Any]) -> str:
    """Where it is only known that one of several instruments sounds."""
    groups = metrics.get("test_groups") or {}
    rows = [
        f"| {' or '.join(instrument(label).name for label in group.split('|'))} | {m['positives']} "
        f"| {_score(m['average_precision'])} |"
        for group, m in groups.items()
    ]
    if not rows:
        return ""
    head = """Where it is only known that one of several sounds (test):

| instruments | windows | average precision |
|---|--:|--:|"""
    return "\n".join([head, *rows])


def _score(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _quiet(scores: dict[str, Any]) -> str:
    share = scores["quiet_without_instrument"]
    return "none scored" if share is None else f"{share:.0%}"


def _with_interval(metrics: dict[str, Any], value: str, interval: str) -> str:
    if metrics["groups"] == 1:
        return f"{metrics[value]:.1%} (one group)"
    low, high = metrics[interval]
    return f"{metrics[value]:.1%} ({low:.1%} to {high:.1%})"


def _limits(config: CheckpointConfig, metrics: dict[str, Any], learned_from: str) -> str:
    names = ", ".join(instrument(label).name for label in config.experimental) or "none"
    weak = [
        instrument(label).name
        for label, m in metrics["test_mixes"]["labels"].items()
        if m["f1"] is not None and m["f1"] < _WEAK_F1 and label not in config.experimental
    ]
    return f"""## Limits

- **Experimental** (average precision not clearly above chance on all held-out sound, or clearly not on one of
  validation and test, or nothing held out to score): {names}.
- **Weak on held-out recordings** (F1 in {learned_from} under {_WEAK_F1}): {", ".join(weak) or "none"}.
{_HARDER[learned_from]}
- Instruments outside the list are named as the one they resemble, or not at all.
- Instruments of one family are the likeliest to be taken for each other."""
