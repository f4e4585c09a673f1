"""Simple models beside the network, on the same clips and the same division."""
