"""Patches of synthesizers, drawn: leads, basses and pads."""

import numpy as np

from timbre.features.effects.amplifier import Amplifier
from timbre.features.effects.echo import Echo
from timbre.features.effects.effect import Effect
from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.synthesizer.frequency_modulation import FrequencyModulation, Pair
from timbre.features.synthesizer.instrument import Envelope, Instrument, log_uniform
from timbre.features.synthesizer.subtractive import MovingLowPass, Oscillator, Subtractive

SUB_OCTAVE, FIFTH, OCTAVE = 0.5, 1.5, 2.0
_MODULATED_BASS_SHARE, _ACID_SHARE, _SUPERSAW_SHARE = 0.25, 0.2, 0.25
_CHORUS_SHARE = 0.7  # of the pads
_SUPERSAW = (Oscillator("saw", ratio=1.0, level=1.0),)


def drawn_lead(rng: np.random.Generator) -> Instrument:
    """One to three oscillators, or a saw in wide unison; vibrato that comes late, often an echo."""
    is_super = rng.random() < _SUPERSAW_SHARE
    envelope = Envelope(
        log_uniform(rng, 0.002, 0.06), 0.3, rng.uniform(0.5, 1.0), log_uniform(rng, 0.03, 0.4)
    )
    low_pass = MovingLowPass(
        cutoff_hz=log_uniform(rng, 500.0, 8_000.0),
        poles=int(rng.choice([2, 4])),
        resonance=log_uniform(rng, 0.7, 6.0),
        tracking=rng.uniform(0.3, 1.0),
        envelope=Envelope(0.005, log_uniform(rng, 0.05, 1.0), rng.uniform(0.0, 0.8), envelope.release_s),
        envelope_octaves=rng.uniform(0.0, 3.0),
    )
    return Subtractive(
        release_s=envelope.release_s,
        cents=rng.uniform(-4.0, 4.0),
        effects=_lead_effects(rng),
        oscillators=_SUPERSAW if is_super else _oscillators(rng, (1.0, OCTAVE, SUB_OCTAVE, FIFTH)),
        low_pass=low_pass,
        envelope=envelope,
        unison=7 if is_super else int(rng.choice([1, 1, 2])),
        spread_cents=rng.uniform(8.0, 28.0) if is_super else rng.uniform(2.0, 12.0),
        noise=rng.uniform(0.0, 0.03) if rng.random() < 0.3 else 0.0,
        vibrato_cents=rng.uniform(5.0, 35.0) if rng.random() < 0.6 else 0.0,
        vibrato_hz=rng.uniform(4.0, 7.0),
        vibrato_s=rng.uniform(0.1, 0.8),
        glide_s=log_uniform(rng, 0.01, 0.12) if rng.random() < 0.4 else 0.0,
        sense=rng.uniform(0.0, 0.6),
    )


def drawn_bass(rng: np.random.Generator) -> Instrument:
    """Two operators, an acid line, or a plucked filter over a sub oscillator."""
    if rng.random() < _MODULATED_BASS_SHARE:
        return _modulated_bass(rng)
    is_acid = rng.random() < _ACID_SHARE
    envelope = Envelope(
        log_uniform(rng, 0.002, 0.02), log_uniform(rng, 0.1, 1.0), rng.uniform(0.2, 1.0), 0.06
    )
    low_pass = MovingLowPass(
        cutoff_hz=log_uniform(rng, 150.0, 500.0 if is_acid else 1_800.0),
        poles=4,
        resonance=log_uniform(rng, 4.0, 12.0) if is_acid else log_uniform(rng, 0.7, 3.0),
        tracking=rng.uniform(0.0, 0.6),
        envelope=Envelope(0.003, log_uniform(rng, 0.05, 0.5), rng.uniform(0.0, 0.3), 0.06),
        envelope_octaves=rng.uniform(2.0, 4.5) if is_acid else rng.uniform(0.5, 4.0),
    )
    drive = (_overdrive(rng, 18.0),) if rng.random() < (0.5 if is_acid else 0.15) else ()
    return Subtractive(
        release_s=envelope.release_s,
        cents=rng.uniform(-4.0, 4.0),
        effects=drive,
        oscillators=_acid(rng) if is_acid else _oscillators(rng, (1.0, SUB_OCTAVE, OCTAVE)),
        low_pass=low_pass,
        envelope=envelope,
        unison=1 if is_acid else int(rng.choice([1, 1, 2, 3])),
        spread_cents=rng.uniform(2.0, 12.0),
        glide_s=log_uniform(rng, 0.01, 0.08) if rng.random() < (0.6 if is_acid else 0.15) else 0.0,
        sense=rng.uniform(0.2, 0.7),
    )


def drawn_pad(rng: np.random.Generator) -> Instrument:
    """Slow to come and to go, wide, its filter on the move; mostly with chorus; a hall comes with the mix."""
    envelope = Envelope(log_uniform(rng, 0.15, 1.5), 1.0, rng.uniform(0.7, 1.0), log_uniform(rng, 0.4, 2.0))
    low_pass = MovingLowPass(
        cutoff_hz=log_uniform(rng, 300.0, 4_000.0),
        poles=int(rng.choice([2, 4])),
        resonance=log_uniform(rng, 0.7, 4.0),
        tracking=rng.uniform(0.2, 0.8),
        envelope=Envelope(log_uniform(rng, 0.3, 3.0), 2.0, rng.uniform(0.3, 1.0), envelope.release_s),
        envelope_octaves=rng.uniform(0.0, 2.5),
        sweep_octaves=rng.uniform(0.0, 1.2) if rng.random() < 0.5 else 0.0,
        sweep_hz=log_uniform(rng, 0.05, 2.0),
    )
    return Subtractive(
        release_s=envelope.release_s,
        cents=rng.uniform(-4.0, 4.0),
        effects=_pad_effects(rng),
        oscillators=_oscillators(rng, (1.0, SUB_OCTAVE, OCTAVE)),
        low_pass=low_pass,
        envelope=envelope,
        unison=int(rng.integers(1, 4)),
        spread_cents=rng.uniform(4.0, 18.0),
        noise=rng.uniform(0.005, 0.04) if rng.random() < 0.25 else 0.0,
        vibrato_cents=rng.uniform(0.0, 6.0),
        sense=rng.uniform(0.0, 0.4),
    )


def _modulated_bass(rng: np.random.Generator) -> FrequencyModulation:
    decay_s = log_uniform(rng, 0.2, 1.5)
    body = Pair(
        carrier=1.0,
        modulator=float(rng.choice([0.5, 1.0, 1.0, 2.0, 3.0])),
        index=rng.uniform(1.0, 5.0),
        index_s=log_uniform(rng, 0.04, 0.5),
        index_left=rng.uniform(0.0, 0.3),
        level=1.0,
        decay_s=decay_s,
    )
    return FrequencyModulation(release_s=0.06, cents=rng.uniform(-4.0, 4.0), pairs=(body,), sense=0.5)


def _acid(rng: np.random.Generator) -> tuple[Oscillator, ...]:
    return (Oscillator(str(rng.choice(["saw", "square"])), ratio=1.0, level=1.0),)


def _oscillators(rng: np.random.Generator, ratios: tuple[float, ...]) -> tuple[Oscillator, ...]:
    """One to three: the first plays the note, the others one of `ratios` of its frequency, almost."""
    drawn = [_oscillator(rng, ratio=1.0, level=1.0)]
    for _ in range(int(rng.integers(0, 3))):
        ratio = float(rng.choice(ratios)) * 2 ** (rng.normal(0.0, 5.0) / 1_200)
        drawn.append(_oscillator(rng, ratio, level=rng.uniform(0.2, 0.8)))
    return tuple(drawn)


def _oscillator(rng: np.random.Generator, ratio: float, level: float) -> Oscillator:
    wave = str(rng.choice(["saw", "saw", "pulse", "square", "triangle", "sine"]))
    width, swing_hz = rng.uniform(0.15, 0.5), log_uniform(rng, 0.2, 3.0)
    # A pulse of no width would be silent, and upside down beyond.
    swing = rng.uniform(0.05, min(0.3, width - 0.05)) if rng.random() < 0.5 else 0.0
    return Oscillator(wave, ratio, level, width, swing, swing_hz)


def _lead_effects(rng: np.random.Generator) -> tuple[Effect, ...]:
    # Part of the patch, and so counted as played: 20 dB down in 0.6 s at the longest.
    echo = Echo(rng.uniform(0.1, 0.3), rng.uniform(0.15, 0.4), rng.uniform(0.1, 0.25))
    is_driven, has_echo = rng.random(2) < (0.2, 0.4)
    return (*([_overdrive(rng, 25.0)] if is_driven else []), *([echo] if has_echo else []))


def _pad_effects(rng: np.random.Generator) -> tuple[Effect, ...]:
    if rng.random() >= _CHORUS_SHARE:
        return ()
    rate_hz = log_uniform(rng, 0.2, 1.2)
    chorus = Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=0.008,
        swing_s=swing_s(rng.uniform(4.0, 12.0), rate_hz),
        wet=0.5,
        tremolo_db=0.0,
    )
    return (chorus,)


def _overdrive(rng: np.random.Generator, most_db: float) -> Amplifier:
    return Amplifier(
        drive_db=rng.uniform(0.0, most_db),
        bias=rng.uniform(0.0, 0.4),
        low_hz=40.0,
        high_hz=rng.uniform(4_500.0, 9_000.0),
        presence_hz=2_500.0,
        presence_db=2.0,
    )
