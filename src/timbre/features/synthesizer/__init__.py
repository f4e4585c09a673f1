"""A synthesizer: organs, electric pianos, leads, basses and pads, another patch for every phrase.

What is sampled has one sound a program; what has drawbars and knobs on the real instrument is computed here,
so that a thousand phrases are a thousand settings of them.
"""
