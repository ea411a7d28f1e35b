"""Counts the words of the files that it is told, until there are no more."""

import os
import threading
from pathlib import Path

import queueipc

jobs, progress = queueipc.from_environment()
for job in jobs.leases():
    with job:  # acked at the end; if this process dies, the file goes to another worker
        told = {"Worker": f"Python {os.getpid()}", "File": job.item}
        progress.put(told)
        if os.environ.get("HANGS"):
            threading.Event().wait()  # as if the file were a long one: this worker is killed here
        words = len(Path(job.item).read_text(encoding="utf-8").split())
        progress.put({**told, "Words": words})
