"""How long this machine kept real-time work waiting: what a verdict about punctuality has to take off.

A metronome for each processor, in the class and with the priority of tandem-vrrp, wakes every few milliseconds and notes when
it was not woken in time. A host that takes the processor away delays it as it delays the daemon, and so does a busy machine
or another daemon's real-time work; what the daemon delays itself, waiting for a disk, a lock or another process, does not.
"""
import bisect
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PERIOD = 0.002
PERIOD_LAB = 0.010  # in User Mode Linux, where 500 wakes a second would cost a tenth of the only processor
LATE = 0.001
PRIORITY = 2
STALL_S = 0.1  # one wait as long as this is a stall
SLOW_SHARE = 0.25  # and so are many short ones that take this part of the time
ATTEMPTS = 3  # of what failed while the machine stood still
DIRECTORY = "TANDEM_STALLS"  # the variable that names where a run's metronomes write
PR_SET_PDEATHSIG = 1


class Metronomes:
    """Those of a run of pytest, from the beginning of a with block to its end: the Stalls of all its processes read them."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="tandem-stalls-")
        self._processes = [subprocess.Popen([sys.executable, __file__, str(cpu), self.directory], stdin=subprocess.DEVNULL)
                           for cpu in os.sched_getaffinity(0)]
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.wait()
        shutil.rmtree(self.directory)


class Stalls:
    """Reads what the run's metronomes note, or starts its own, from the beginning of a with block to its end."""

    def __enter__(self):
        self._metronomes = None
        self._read_to, self._due, self._came = {}, {}, {}
        self._directory = os.environ.get(DIRECTORY)
        if not self._directory:
            self._metronomes = Metronomes()
            self._directory = self._metronomes.__enter__().directory
        return self

    def __exit__(self, *_):
        if self._metronomes:
            self._metronomes.__exit__()

    def _read(self):
        for name in os.listdir(self._directory):
            due, came = self._due.setdefault(name, []), self._came.setdefault(name, [])
            with open(os.path.join(self._directory, name)) as file:
                file.seek(self._read_to.get(name, 0))
                text = file.read()
            text = text[:text.rfind("\n") + 1]
            self._read_to[name] = self._read_to.get(name, 0) + len(text)
            for line in text.splitlines():
                words = line.split()
                due.append(float(words[0]))
                came.append(float(words[1]))

    def _waits(self, begin, end):
        """{processor: [(begin, end) of each wait]} between the two times."""
        self._read()
        found = {}
        for name, due in self._due.items():
            came = self._came[name]
            first, behind = bisect.bisect_right(came, begin), bisect.bisect_left(due, end)
            found[name] = [(max(due[i], begin), min(came[i], end)) for i in range(first, behind)]
        return found

    def within(self, begin, end):
        """Seconds between the two times (CLOCK_REALTIME) in which some processor made real-time work wait."""
        total, counted_to = 0.0, begin
        for due, came in sorted(wait for waits in self._waits(begin, end).values() for wait in waits):
            total += max(0.0, came - max(due, counted_to))
            counted_to = max(counted_to, came)
        return total

    def longest(self, begin, end):
        """Seconds of the longest wait between the two times."""
        return max([0.0] + [came - due for waits in self._waits(begin, end).values() for due, came in waits])

    def share(self, begin, end):
        """Which part of that time the processor that was worst off made real-time work wait."""
        return max([0.0] + [sum(came - due for due, came in waits)
                            for waits in self._waits(begin, end).values()]) / (end - begin)

    def stood_still(self, begin):
        """In words, how the machine did from then to now; None when it ran."""
        now = time.time()
        longest, share = self.longest(begin, now), self.share(begin, now)
        if longest < STALL_S and share < SLOW_SHARE:
            return None
        return "the machine stood still for up to %.2f s, %.0f %% of %.1f s" % (longest, 100 * share, now - begin)

    def longest_gap(self, adverts):
        """Seconds between two adverts, less what the machine has to answer for."""
        times = [advert.time for advert in adverts]
        return max(later - earlier - self.within(earlier, later) for earlier, later in zip(times, times[1:]))


def watch(cpu, directory):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    period = PERIOD_LAB if os.environ.get("TANDEM_KERNEL") == "lab" else PERIOD
    os.sched_setaffinity(0, {cpu})
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except PermissionError:
        pass  # it waits more often then, and so would the daemon
    with open(os.path.join(directory, str(cpu)), "w", buffering=1) as file:
        while True:
            due = time.time() + period
            time.sleep(period)
            came = time.time()
            if came - due > LATE:
                file.write("%.6f %.6f\n" % (due, came))


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
