"""An embedded service run by a test alone, without a supervisor."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator

from embedded.postgres import Placement
from embedded.service import Service
from suoi.clock import SystemClock, until

PATIENCE = 60.0


@contextlib.contextmanager
def running(service: Service, placement: Placement) -> Iterator[None]:
    """From prepared and ready to stopped, with what it has outside its home taken away."""
    service.prepare()
    user = service.user
    process = subprocess.Popen(
        service.command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=service.folder,
        env={**os.environ, **service.env},
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    try:
        ready = until(lambda: service.ready(process.pid), PATIENCE, SystemClock(), pause=0.1)
        assert ready, f"{service.name} does not answer"
        yield
    finally:
        process.send_signal(service.stop_signal)
        process.wait(PATIENCE)
        if placement.outside:
            shutil.rmtree(placement.outside)
