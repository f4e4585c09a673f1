"""The example song: composed here, rendered with a free soundfont, its instruments known for every second.

`python -m timbre.data.example_song` makes `static/example/` again, the same MIDI file and truth
every time. `score` is the music, `midi` writes and reads it, `stems` renders each instrument by
itself, `truth` measures in which seconds each can be heard.
"""
