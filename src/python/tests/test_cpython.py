"""CPython's own tests of its queues, from the interpreter that runs this, on queues of this package.

What differs does so on purpose, and stands in DIFFERS with the reason.
"""

import multiprocessing
import queue as python_queue
import types
import unittest

import pytest
import queueipc

reason = "this interpreter has no test package: on Debian and Ubuntu install libpython3.N-testsuite"
cpython_processes = pytest.importorskip("test._test_multiprocessing", reason=reason)
cpython_queue = pytest.importorskip("test.test_queue", reason=reason)

DIFFERS = {
    "test_queue_feeder_donot_stop_onexc": "put raises if an item cannot be packed, where Python prints a traceback later, in another thread",
    "test_queue_feeder_on_queue_feeder_error": "there is no feeder thread, and no hook of it: put raises",
    "test_closed_queue_empty_exceptions": "a closed handle raises ValueError, which is what the other methods of Python's raise; here OSError is asked for",
    "test_shrinking_queue": "the capacity is the broker's and the same for all processes: one of them cannot change it by an attribute",
}

# CPython's queue counts what was got as over, even before task_done. Here an item in hand may come back, so the queue is not drained before task_done:
# these tests never call it.
NEVER_CALL_TASK_DONE = {"test_shutdown_get", "test_shutdown_nonempty", "test_shutdown_empty", "test_shutdown_allowed_transitions"}


class Queue(queueipc.JoinableQueue):
    """By this name CPython's tests know which order to expect."""


class Plain(queueipc.Queue):
    pass


Plain.__name__ = "Queue"
MODULE = types.SimpleNamespace(Queue=Queue, Empty=python_queue.Empty, Full=python_queue.Full, ShutDown=queueipc.ShutDown)


class ProcessTests(cpython_processes._TestQueue, unittest.TestCase):
    """multiprocessing.Queue's and JoinableQueue's tests."""

    TYPE = "processes"
    Process = multiprocessing.Process
    Event = staticmethod(multiprocessing.Event)
    Queue = queueipc.Queue
    JoinableQueue = queueipc.JoinableQueue

    def setUp(self):
        differs(self)
        # Some of them say multiprocessing.Queue where they mean the queue under test.
        patch = pytest.MonkeyPatch()
        patch.setattr(multiprocessing, "Queue", queueipc.Queue)
        patch.setattr(multiprocessing, "JoinableQueue", queueipc.JoinableQueue)
        self.addCleanup(patch.undo)


class ThreadTests(cpython_queue.BaseQueueTestMixin, unittest.TestCase):
    """queue.Queue's tests."""

    queue = MODULE

    def setUp(self):
        differs(self)
        super().setUp()
        self.type2test = Plain if self._testMethodName in NEVER_CALL_TASK_DONE else Queue


def differs(test):
    if test._testMethodName in DIFFERS:
        pytest.xfail(DIFFERS[test._testMethodName])
