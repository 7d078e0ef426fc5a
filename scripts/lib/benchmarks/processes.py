"""Processes of a measurement: what they have used of the processors, and how they end."""

import os
import subprocess
from pathlib import Path

TICK_MICROSECONDS = 1_000_000 / os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 60


def processor_microseconds(pids):
    """What these processes have used so far, in user and system mode together."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += (int(fields[11]) + int(fields[12])) * TICK_MICROSECONDS
    return total


def resident_megabytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
