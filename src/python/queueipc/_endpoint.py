"""Where a broker is, and the socket to it."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import struct
import sys
import time
from typing import Optional

from ._errors import BrokerUnavailable

ENDPOINT_VARIABLE = "QUEUEIPC_ENDPOINT"
DEFAULT_NAME = "default"
_PATH_BYTES_MAX = 103 if sys.platform == "linux" else 99
_PAUSE_FIRST, _PAUSE_MAX = 0.001, 0.05  # seconds between tries


def endpoint_of(broker: Optional[str]) -> str:
    """The endpoint of a broker that is named by its endpoint, its name, or not at all (then by the environment)."""
    if broker is None:
        broker = os.environ.get(ENDPOINT_VARIABLE) or DEFAULT_NAME
    if os.path.isabs(broker):
        return broker
    if not broker or "/" in broker or "\0" in broker:
        raise ValueError(f"{broker!r} is neither a broker's name nor an absolute path to its socket.")
    directory = _directory()
    path = f"{directory}/{broker}.sock"
    if len(os.fsencode(path)) > _PATH_BYTES_MAX:
        path = f"{directory}/{hashlib.sha256(broker.encode()).hexdigest()[:16]}.sock"
    return path


def is_unnamed(endpoint: str) -> bool:
    """Whether it is that of a broker without a name, whose place nobody takes when it has gone."""
    return re.search(r"b-[0-9a-f]{32}\.sock$", endpoint) is not None


def _directory() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        return os.path.join(runtime, "queueipc")
    # As .NET has it: TMPDIR or /tmp, and no other variable.
    return os.path.join(os.environ.get("TMPDIR") or "/tmp", f"queueipc-{os.getuid()}")


def open_socket(endpoint: str, timeout: float) -> socket.socket:
    """Connects, trying again for `timeout` seconds while nobody is there."""
    if not hasattr(socket, "AF_UNIX"):
        raise BrokerUnavailable("This client connects over Unix domain sockets, which this system does not have.")
    deadline, pause = time.monotonic() + timeout, _PAUSE_FIRST
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(endpoint)
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError) as why:
            sock.close()
            left = deadline - time.monotonic()
            if left <= 0:
                raise BrokerUnavailable(
                    f"No broker listens at {endpoint} ({why.strerror}). Start one there ('queueipc serve'), or say where it is: "
                    f"its name or endpoint, or {ENDPOINT_VARIABLE} in the environment."
                ) from why
            # There is nothing to wait on: the system does not tell when somebody begins to listen.
            time.sleep(min(pause, left))
            pause = min(pause * 2, _PAUSE_MAX)
        except PermissionError as why:
            sock.close()
            raise PermissionError(f"The broker at {endpoint} belongs to another user: it serves its own user only.") from why
        except BaseException:
            sock.close()
            raise
        else:
            _check_owner(sock, endpoint)
            return sock


def _check_owner(sock: socket.socket, endpoint: str) -> None:
    """Another user may have put a socket of its own in the broker's place."""
    if not hasattr(socket, "SO_PEERCRED"):
        return
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if uid != os.getuid():
        sock.close()
        raise PermissionError(f"Whoever listens at {endpoint} is another user (uid {uid}).")
