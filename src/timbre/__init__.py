"""Timbre: upload a song and watch, in step with the playback, which instruments are playing."""

import os

# ONNX Runtime reads this when it is imported; otherwise it would keep a journal of its user and
# report to its maker. Nothing that Timbre does leaves this machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
