"""Timbre: upload a song and watch, in step with the playback, which instruments are playing."""

__version__ = "0.1.0"
