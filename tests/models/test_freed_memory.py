"""Whether memory that was freed stays with the process, as the system counts it: pages asked for anew."""

import platform
import subprocess
import sys

import pytest

N_STEPS = 20
# A tensor of 40 MB a step, in a process of its own: what malloc is told cannot be taken back.
STEPS = f"""
import resource
import torch
from timbre.models.freed_memory import keep_freed_memory

def step():
    torch.ones(10_000_000).exp_().sum()

keep_freed_memory()
for _ in range({N_STEPS}):  # until there is a place for each
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({N_STEPS}):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_a_step_finds_the_memory_of_the_one_before():
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    assert int(done.stdout) < N_STEPS
