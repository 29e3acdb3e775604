"""What repeats tests that failed while the machine stood still (lab/repetition.py, lab/again).

Those alone, not for ever, and not silently.
"""
import os
import subprocess
import sys
import time

import pytest

from lab.repetition import REPETITIONS
from lab.stalls import ATTEMPTS, DIRECTORY

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


def note_a_wait(directory, stalls_s):
    """A folder of metronomes that noted one wait as long."""
    noted = directory / "noted"
    noted.mkdir()
    (noted / "0").write_text("%.6f %.6f\n" % (time.time(), time.time() + stalls_s))
    return {DIRECTORY: str(noted)}


def run(directory, stalls_s, good_from, tests=1):
    """Runs such tests, which are good from that run on, where the metronomes noted one wait as long: (status, output, runs)."""
    noted = note_a_wait(directory, stalls_s)
    (directory / "test_it.py").write_text(TEST % (tests, good_from))
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "-p", "no:xdist",
                           "--rootdir", ".", "test_it.py"], cwd=directory, text=True, stdout=subprocess.PIPE,
                          env=dict(environment, PYTHONPATH=here, TANDEM_KERNEL="host", **noted))
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


def again(directory, stalls_s, good_from):
    """The same with a command of the shell: (status, output, what ran)."""
    command = "echo %%s >>diary; test $(wc -l <diary) -ge %d" % good_from
    done = subprocess.run([os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab", "again"),
                           command % "all", command % "failed"], cwd=directory, text=True, stdout=subprocess.PIPE,
                          env=dict(os.environ, **note_a_wait(directory, stalls_s)))
    return done.returncode, done.stdout, (directory / "diary").read_text().split()


def test_a_command_that_fails_on_a_machine_that_ran_is_not_repeated(tmp_path):
    assert again(tmp_path, 0, good_from=2) == (1, "", ["all"])


def test_a_command_that_failed_while_the_machine_stood_still_is_repeated_and_told(tmp_path):
    status, said, ran = again(tmp_path, 1000, good_from=2)
    assert (status, ran) == (0, ["all", "failed"]), said
    assert "REPEATED" in said and "the machine stood still" in said


def test_a_command_that_is_broken_fails_though_the_machine_stood_still(tmp_path):
    status, said, ran = again(tmp_path, 1000, good_from=99)
    assert (status, ran) == (1, ["all", "failed", "failed"]), said


def test_a_command_that_is_good_runs_once(tmp_path):
    assert again(tmp_path, 1000, good_from=1) == (0, "", ["all"])
