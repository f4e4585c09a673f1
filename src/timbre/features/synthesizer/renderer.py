"""The synthesizer as one that renders phrases, beside the soundfonts."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from timbre.features import general_midi as gm
from timbre.features.note_events import NoteEvent
from timbre.features.rendering import fingerprint_of
from timbre.features.synthesizer.combo_organ import ComboOrgan
from timbre.features.synthesizer.electric_piano import drawn_digital, drawn_struck
from timbre.features.synthesizer.instrument import Instrument
from timbre.features.synthesizer.patches import drawn_bass, drawn_lead, drawn_pad
from timbre.features.synthesizer.pipe_organ import PipeOrgan
from timbre.features.synthesizer.tonewheel_organ import TonewheelOrgan
from timbre.features.synthesizer.wavetable import Wave

_FOLDER = Path(__file__).parent
# What decides how a patch sounds: this package, and the effects that it plays through.
SOURCES = tuple(sorted([*_FOLDER.glob("*.py"), *(_FOLDER.parent / "effects").glob("*.py")]))
_BY_LEAF = {"synth_lead": drawn_lead, "synth_bass": drawn_bass, "synth_pad": drawn_pad}
# General MIDI's programs: an instrument with settings of its own for every phrase.
DRAWN: dict[int, Callable[[np.random.Generator], Instrument]] = {
    4: drawn_struck,
    5: drawn_digital,
    16: TonewheelOrgan.drawn,
    17: partial(TonewheelOrgan.drawn, is_percussive=True),
    18: partial(TonewheelOrgan.drawn, is_driven=True),
    19: PipeOrgan.drawn,
    20: ComboOrgan.drawn,
    **{preset.program: _BY_LEAF[preset.leaf] for preset in gm.PRESETS if preset.leaf in _BY_LEAF},
}


class Synthesizer:
    """Plays what has knobs; the patch is drawn for every phrase anew."""

    def fingerprint(self) -> str:
        """Of the code that plays; what decides which notes is `RENDERING`'s, as for every soundfont."""
        return fingerprint_of(SOURCES)

    def has(self, program: int, bank: int) -> bool:
        """Whether it has this very preset."""
        return bank == 0 and program in DRAWN

    def render(
        self, events: Sequence[NoteEvent], program: int, bank: int, n_samples: int, rng: np.random.Generator
    ) -> Wave:
        """`(n_samples,)` by an instrument that `rng` sets."""
        return DRAWN[program](rng).play(events, n_samples, rng)
