"""From log-mel to probabilities: network, training, evaluation, checkpoint, and the tagger that serves."""
