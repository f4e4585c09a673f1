"""Songs of half a minute, played by the held-out patch set, with the truth of every second."""

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.features import audibility
from timbre.features import general_midi as gm
from timbre.features.effects.chain import draw_effects
from timbre.features.ensembles import WILDCARD, Variant, read_ensembles
from timbre.features.material import active_rms
from timbre.features.note_events import NoteEvent
from timbre.features.playing.drums import kit_events
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.phrase import played_events
from timbre.features.soundfonts import SOUNDFONTS
from timbre.features.timidity import PatchSet
from timbre.taxonomy import BY_ID, DRUM_KIT

SONG_S = 30
GAIN_DB = 7.0  # at most, up or down
ENTRY_S, LAST_S = (3.0, 14.0), (15.0, 30.0)  # of those who do not play from the first second to the last
MARGIN_S = 0.5  # what sounds so near a second may be heard in it
LEAST_LEVEL = 1e-5
N_PLAYERS = (2, 6)
PRESENT, UNKNOWN = 1, -1
RATE_HZ = FRONT_END.sample_rate_hz
_CELL = 1_024  # samples


class Band:
    """Plays songs with `PatchSet`, each by its number alone."""

    def __init__(self, labels: tuple[str, ...]):
        self.labels = labels
        path = next(font.path for font in SOUNDFONTS if font.held_out)
        self._patches = PatchSet(Path(str(path)))
        self._presets: defaultdict[str, list[gm.Preset]] = defaultdict(list)
        for preset in gm.PRESETS:
            if preset.leaf in labels and self._patches.has(preset.program, preset.bank):
                self._presets[preset.leaf].append(preset)
        self._having = {*self._presets, *({DRUM_KIT} & set(labels))}
        ensembles = [one for one in read_ensembles() if one.name != WILDCARD]
        self._variants = [
            v for one in ensembles for v in one.variants if len(self._having & v.weights.keys()) > 1
        ]

    def song(self, number: int) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """The waveform, and `(SONG_S, n_labels)`: 1 present, -1 unknown, 0 absent."""
        rng = np.random.default_rng(number)
        harmony = Harmony.drawn(int(rng.integers(12)), rng)
        tracks: dict[str, NDArray[np.float32]] = {}
        while not tracks:
            played = {leaf: self._track(leaf, harmony, rng) for leaf in self._players(rng)}
            tracks = {leaf: track for leaf, track in played.items() if track is not None}
        mix = np.sum(list(tracks.values()), axis=0)
        for effect in draw_effects(rng):
            mix = effect(mix)
        return (mix / np.abs(mix).max() * 0.5).astype(np.float32), self._truth(tracks)

    def _players(self, rng: np.random.Generator) -> list[str]:
        variant: Variant = self._variants[int(rng.integers(len(self._variants)))]
        leaves = [leaf for leaf in variant.weights if leaf in self._having]
        weights = variant.weights_of(leaves)
        n = min(len(leaves), int(rng.integers(*N_PLAYERS)))
        return [str(leaf) for leaf in rng.choice(leaves, n, replace=False, p=weights / weights.sum())]

    def _track(self, leaf: str, harmony: Harmony, rng: np.random.Generator) -> NDArray[np.float32] | None:
        """One player from entry to end; None if nothing of it sounds."""
        events, program, bank = self._played(leaf, harmony, rng)
        first_s = 0.0 if rng.random() < 0.5 else rng.uniform(*ENTRY_S)
        last_s = SONG_S if rng.random() < 0.5 else rng.uniform(*LAST_S)
        events = [event for event in events if first_s <= event.start_s < last_s]
        if not events:
            return None
        waveform = self._patches.render(events, program, bank, SONG_S * RATE_HZ)
        level = active_rms(waveform)
        gain_db = rng.uniform(-GAIN_DB, GAIN_DB)
        return waveform / level * np.float32(10 ** (gain_db / 20)) if level > LEAST_LEVEL else None

    def _played(
        self, leaf: str, harmony: Harmony, rng: np.random.Generator
    ) -> tuple[list[NoteEvent], int, int]:
        """Notes of a whole song, program and bank."""
        if leaf == DRUM_KIT:
            return kit_events(SONG_S, rng), 0, gm.DRUM_BANK
        preset = self._presets[leaf][int(rng.integers(len(self._presets[leaf])))]
        return played_events(preset, harmony, SONG_S, rng), preset.program, preset.bank

    def _truth(self, tracks: dict[str, NDArray[np.float32]]) -> NDArray[np.int8]:
        truth = np.zeros((SONG_S, len(self.labels)), np.int8)
        cells = [audibility.cell_powers(track) for track in tracks.values()]
        if DRUM_KIT in tracks:  # which of its pieces sounds when is not followed
            truth[:, [BY_ID[label].piece_of == DRUM_KIT for label in self.labels]] = UNKNOWN
        for second in range(SONG_S):
            inner, around = _shares(cells, second, 0.0), _shares(cells, second, MARGIN_S)
            for leaf, share, wider in zip(tracks, inner, around, strict=True):
                if share >= audibility.AUDIBLE_SHARE:
                    truth[second, self.labels.index(leaf)] = PRESENT
                elif max(share, wider) >= audibility.INAUDIBLE_SHARE:
                    truth[second, self.labels.index(leaf)] = UNKNOWN
        return truth


def _shares(cells: list[NDArray[np.float32]], second: int, margin_s: float) -> NDArray[np.float32]:
    """Of each track the share of the sounding cells where it is not masked, in a second and a margin."""
    first = max(0, int((second - margin_s) * RATE_HZ / _CELL))
    last = int((second + 1 + margin_s) * RATE_HZ / _CELL)
    return audibility.audible_shares([track[:, first:last] for track in cells])
