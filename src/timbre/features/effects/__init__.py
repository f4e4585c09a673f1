"""What happens to a sound on its way into a recording, each a pure function of waveform and parameters."""
