"""What repeats tests that failed while the machine stood still (lab/repetition.py): those alone, not for ever, and not silently."""
import os
import subprocess
import sys
import time

import pytest

from lab.repetition import ATTEMPTS, REPETITIONS
from lab.stalls import DIRECTORY

pytestmark = pytest.mark.host

TEST = """
import pytest

@pytest.mark.host
@pytest.mark.parametrize("number", range(%d))
def test_it(number):
    with open("diary", "a") as file:
        file.write("x")
    with open("diary") as file:
        assert len(file.read()) >= %d, "too few"
"""


def run(directory, stalls_s, good_from, tests=1):
    """Runs such tests, which are good from that run on, where the metronomes noted one wait as long: (status, output, runs)."""
    noted = directory / "noted"
    noted.mkdir()
    (noted / "0").write_text("%.6f %.6f\n" % (time.time(), time.time() + stalls_s))
    (directory / "test_it.py").write_text(TEST % (tests, good_from))
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "-p", "no:xdist",
                           "--rootdir", ".", "test_it.py"], cwd=directory, text=True, stdout=subprocess.PIPE,
                          env=dict(environment, PYTHONPATH=here, TANDEM_KERNEL="host", **{DIRECTORY: str(noted)}))
    return done.returncode, done.stdout, len((directory / "diary").read_text())


def test_a_failure_on_a_machine_that_ran_is_not_repeated(tmp_path):
    status, said, runs = run(tmp_path, 0, good_from=2)
    assert (status, runs) == (1, 1), said
    assert "REPEATED" not in said


def test_a_failure_while_the_machine_stood_still_is_repeated_and_told(tmp_path):
    status, said, runs = run(tmp_path, 1000, good_from=2)
    assert (status, runs) == (0, 2), said
    assert "REPEATED test_it.py::test_it[0]: the machine stood still" in said and "too few" in said


def test_what_is_broken_fails_though_the_machine_stood_still(tmp_path):
    status, said, runs = run(tmp_path, 1000, good_from=99)
    assert (status, runs) == (1, ATTEMPTS), said


def test_not_everything_is_repeated(tmp_path):
    status, said, runs = run(tmp_path, 1000, good_from=99, tests=10)
    assert (status, runs) == (1, 10 + REPETITIONS), said
