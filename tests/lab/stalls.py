"""How long this machine kept real-time work waiting: what a verdict about punctuality has to take off.

A metronome for each processor, in the class and with the priority of tandem-vrrp, wakes every 2 ms and notes when it was not
woken in time. A busy host, or another daemon's real-time work, delays it as it delays the daemon; what the daemon delays
itself, waiting for a disk, a lock or another process, does not.
"""
import os
import subprocess
import sys
import tempfile
import time

PERIOD = 0.002
LATE = 0.001
PRIORITY = 2


class Stalls:
    """Watches from the beginning of a with block to its end."""

    def __enter__(self):
        self._files = {cpu: tempfile.NamedTemporaryFile("r", prefix="tandem-stalls-") for cpu in os.sched_getaffinity(0)}
        self._processes = [subprocess.Popen([sys.executable, __file__, str(cpu), file.name], stdin=subprocess.DEVNULL)
                           for cpu, file in self._files.items()]
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.wait()
        for file in self._files.values():
            file.close()

    def within(self, begin, end):
        """Seconds between the two times (CLOCK_REALTIME) in which some processor made real-time work wait."""
        total = 0.0
        for file in self._files.values():
            file.seek(0)
            for line in file:
                if line.endswith("\n"):
                    due, came = map(float, line.split())
                    total += max(0.0, min(came, end) - max(due, begin))
        return total

    def longest_gap(self, adverts):
        """Seconds between two adverts, less what the machine has to answer for."""
        times = [advert.time for advert in adverts]
        return max(later - earlier - self.within(earlier, later) for earlier, later in zip(times, times[1:]))


def watch(cpu, path):
    os.sched_setaffinity(0, {cpu})
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except PermissionError:
        pass  # it waits more often then, and so would the daemon
    with open(path, "w", buffering=1) as file:
        while True:
            due = time.time() + PERIOD
            time.sleep(PERIOD)
            came = time.time()
            if came - due > LATE:
                file.write("%.6f %.6f\n" % (due, came))


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
