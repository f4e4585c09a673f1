"""From a file or a growing stream to waveform, segments, log-mel and picture: numpy only."""
