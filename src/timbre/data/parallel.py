"""How many processes a piece of work is worth."""

import os

TASKS_WORTH_A_PROCESS = 64


def n_jobs(n_tasks: int, tasks_worth_a_process: int = TASKS_WORTH_A_PROCESS) -> int:
    """Processes for joblib: starting one takes seconds, so little work stays in this one."""
    return max(1, min(os.cpu_count() or 1, n_tasks // tasks_worth_a_process))
