"""A process that appends under load and says so, line by line, as soon as each append has returned.

`python -m tests.ingest.capture.appending_process LANDING PREFIX APPENDS [HOW]`; HOW is `exit` (the default), `fork` or
`limited`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from pathlib import Path

from ingest.capture.spool import Spool
from tests.ingest.capture.spool_reading import record

THREADS = 4


def append_and_say(spool: Spool, prefix: str, appends: int) -> None:
    """Append from several threads; report each record that the spool has taken by one line on standard output."""

    def work(thread: int) -> None:
        for number in range(appends // THREADS):
            name = f"{prefix}-{thread}-{number}"
            spool.append(record(name))
            os.write(1, f"{name}\n".encode())

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Append, and end without closing the spool."""
    landing, prefix, appends = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    how = sys.argv[4] if len(sys.argv) > 4 else "exit"
    spool = Spool(landing, flush_seconds=0.001, rotate_bytes=20_000)
    if how == "fork":
        append_and_say(spool, f"{prefix}-early", appends)
        child = os.fork()
        append_and_say(spool, f"{prefix}-{'parent' if child else 'child'}", appends)
        if not child:
            spool.close()
            os._exit(0)
        os.waitpid(child, 0)
    elif how == "limited":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        append_and_say(spool, prefix, appends)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    else:
        append_and_say(spool, prefix, appends)


if __name__ == "__main__":
    main()
