"""What training frees and soon needs again."""

import ctypes
import platform

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Have glibc keep what this process frees, for its next allocations.

    It gives the larger tensors of every step back to the system, and the next step asks for them again, page
    by page: a fifth of the CPU time of a step. Other C libraries are left as they are.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, _NEVER)
