"""The score as a MIDI file, played as people play: not quite together, not quite evenly."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import mido

from timbre.data.example_song.notation import BEATS_PER_BAR, Note, bar
from timbre.data.example_song.score import TEMPI, TITLE, Part, Swell

_TICKS_PER_BEAT = 960
_SWELL_STEP_BEATS = 0.125
_SEED = 1729
_TIMING_STD_BEATS = 0.012  # 7.5 ms at 96 beats per minute
_TIMING_MAX_BEATS = 0.03
_VELOCITY_STD = 4.0
_DOWNBEAT_VELOCITY = 5  # the first beat of a bar is leant on

_VOLUME, _PAN, _EXPRESSION, _REVERB = 7, 10, 11, 91

# At the same tick: notes end, then controllers move, then notes begin.
_ORDER = {"note_off": 0, "program_change": 1, "control_change": 2, "note_on": 3}


@dataclass(frozen=True)
class Event:
    """A message of one track at its time in seconds."""

    time_s: float
    message: mido.Message


def write_midi(path: Path, parts: list[Part]) -> None:
    """Write the parts as a type-1 MIDI file: a track of tempi, then a track each. The same every time."""
    random = Random(_SEED)
    file = mido.MidiFile(type=1, ticks_per_beat=_TICKS_PER_BEAT)
    file.tracks.append(_tempo_track())
    file.tracks += [_part_track(part, random) for part in parts]
    file.save(path)


def read_tracks(path: Path) -> dict[str, list[Event]]:
    """The events of each instrument's track, by the track's name (a leaf of the taxonomy)."""
    file = mido.MidiFile(path)
    tempi = [(tick, m.tempo) for tick, m in _absolute(file.tracks[0]) if m.type == "set_tempo"]
    return {
        track.name: [
            Event(_seconds(tick, tempi, file.ticks_per_beat), message)
            for tick, message in _absolute(track)
            if not message.is_meta
        ]
        for track in file.tracks[1:]
    }


def _tempo_track() -> mido.MidiTrack:
    messages = [(0, mido.MetaMessage("track_name", name=TITLE))]
    messages += [(0, mido.MetaMessage("time_signature", numerator=BEATS_PER_BAR, denominator=4))]
    for number, beats_per_minute in TEMPI:
        tempo = mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(beats_per_minute))
        messages.append((_tick(bar(number)), tempo))
    return _track(messages)


def _part_track(part: Part, random: Random) -> mido.MidiTrack:
    channel = part.channel
    start: list[tuple[int, mido.Message | mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=part.label)),
        (0, mido.Message("program_change", channel=channel, program=part.program)),
    ]
    controllers = ((_VOLUME, part.volume), (_PAN, part.pan), (_REVERB, part.reverb), (_EXPRESSION, 127))
    start += [(0, _control(channel, control, value)) for control, value in controllers]
    events = [event for swell in part.swells for event in _swell_events(swell, channel)]
    for note in part.notes:
        events += _note_events(note, channel, random)
    events.sort(key=lambda event: (event[0], _ORDER[event[1].type]))
    return _track(start + events)


def _swell_events(swell: Swell, channel: int) -> list[tuple[int, mido.Message]]:
    n = round((swell.end_beat - swell.start_beat) / _SWELL_STEP_BEATS)
    steps = [(swell.start_beat + i * _SWELL_STEP_BEATS, i / n) for i in range(n)]
    values = [(beat, round(swell.first + (swell.last - swell.first) * part)) for beat, part in steps]
    return [(_tick(beat), _control(channel, _EXPRESSION, value)) for beat, value in values]


def _note_events(note: Note, channel: int, random: Random) -> list[tuple[int, mido.Message]]:
    shift = max(-_TIMING_MAX_BEATS, min(_TIMING_MAX_BEATS, random.gauss(0.0, _TIMING_STD_BEATS)))
    lean = _DOWNBEAT_VELOCITY if note.start_beat % BEATS_PER_BAR == 0 else 0
    velocity = max(1, min(127, round(note.velocity + lean + random.gauss(0.0, _VELOCITY_STD))))
    start = _tick(max(0.0, note.start_beat + shift))
    # Ended a little early, so that a repeated note is not cut off by the end of the one before it.
    end = max(start + 1, _tick(note.start_beat + note.beats - 1.5 * _TIMING_MAX_BEATS))
    on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)
    off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
    return [(start, on), (end, off)]


def _control(channel: int, control: int, value: int) -> mido.Message:
    return mido.Message("control_change", channel=channel, control=control, value=value)


def _tick(beat: float) -> int:
    return round(beat * _TICKS_PER_BEAT)


def _track(events: list[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    """A track of events given at absolute ticks, in order."""
    track, now = mido.MidiTrack(), 0
    for tick, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _absolute(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    events, now = [], 0
    for message in track:
        now += message.time
        events.append((now, message))
    return events


def _seconds(tick: int, tempi: list[tuple[int, int]], ticks_per_beat: int) -> float:
    """The time of a tick; `tempi` are (from this tick, microseconds a beat), the first from tick 0."""
    ends = [start for start, _ in tempi[1:]] + [tick]
    return sum(
        max(0, min(end, tick) - start) * tempo / (1e6 * ticks_per_beat)
        for (start, tempo), end in zip(tempi, ends, strict=True)
    )
