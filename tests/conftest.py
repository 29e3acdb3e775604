"""What all network tests share: the fixtures, the rule which kernel runs what, and the logs shown on failure.

Every test is marked with the kernel it needs: `host` (any Linux) or `lab` (one with IPVS: User Mode Linux, or the
running kernel when it has ip_vs). tests/lab/run starts pytest once for each; nothing else leaves a test out.
"""
import contextlib
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab.pair import Pair  # noqa: E402
from lab.repetition import Repetition  # noqa: E402
from lab.stalls import DIRECTORY, Metronomes, Stalls  # noqa: E402

KERNELS = ("host", "lab")


def pytest_configure(config):
    config.addinivalue_line("markers", "host: needs nothing but network namespaces")
    config.addinivalue_line("markers", "lab: needs a kernel with IPVS")
    config.addinivalue_line("markers", "long: takes minutes; begins with the others, each in a process of its own")
    watch_the_machine(config)


def watch_the_machine(config):
    """One set of metronomes a run, which the first of its processes starts."""
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    if DIRECTORY not in os.environ:
        os.environ[DIRECTORY] = stack.enter_context(Metronomes()).directory
    config.pluginmanager.register(Repetition(stack.enter_context(Stalls())))


def pytest_collection_modifyitems(config, items):
    here = os.environ.get("TANDEM_KERNEL", "host")
    unmarked = [item.nodeid for item in items if not any(item.get_closest_marker(name) for name in KERNELS)]
    if unmarked:
        raise pytest.UsageError("tests without the mark of a kernel (host or lab): " + ", ".join(unmarked))
    elsewhere = [item for item in items if not item.get_closest_marker(here)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]
    items[:] = spread(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))


def spread(items, workers):
    """The tests with a long one at the head of each worker's first share, which xdist cuts from the list in this size."""
    share = max(2, len(items) // workers // 4)
    ordered = [item for item in items if not item.get_closest_marker("long")]
    for number, item in enumerate(item for item in items if item.get_closest_marker("long")):
        ordered.insert(number * share, item)
    return ordered


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    scenes = [scene for scene in getattr(item, "funcargs", {}).values() if isinstance(scene, Pair)]
    for scene in scenes if report.failed and call.when == "call" else []:
        report.sections += [(title, text[-20000:]) for title, text in scene.logs()]


@pytest.fixture
def pair():
    """Two boxes, a and b, on a LAN; no daemon runs yet."""
    scene = Pair()
    yield scene
    scene.close()


@pytest.fixture
def stalls():
    """What the machine has to answer for, when adverts come late."""
    with Stalls() as watched:
        yield watched
