"""From the table of clips to mixes, log-mel windows and multi-hot targets."""
