"""Notes as people play them: what soundfonts and synthesizers are asked to play."""
