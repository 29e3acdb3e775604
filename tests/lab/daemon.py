"""The daemon under test: started in a namespace, watched, signalled and stopped by its own process ids.

Which daemon is a parameter, so that a test can be tried against another implementation: TANDEM_DAEMON is its command,
with {build}, {conf} and {dir} filled in.
"""
import ctypes
import os
import re
import shlex
import shutil
import signal
import subprocess
import time

from lab.waiting import PATIENCE, until

OWN_COMMAND = "{build}/tandemd -n -l -D -f {conf} -p {dir}/tandem.pid"
KEEPALIVED = "keepalived -n -l -D -f {conf} -p {dir}/k.pid -r {dir}/k-vrrp.pid -c {dir}/k-check.pid"
SUPERVISOR = "tandemd"

PR_SET_CHILD_SUBREAPER = 36
# Orphans of a killed daemon become ours, to be waited for.
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def build_directory():
    """Where the programs under test are: TANDEM_BUILD, or build/ at the top of the source."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.path.abspath(os.environ.get("TANDEM_BUILD", os.path.join(top, "build")))


def copy_programs(directory):
    """The daemon's programs in a directory of their own, where a test can spoil one; the command that runs them."""
    os.mkdir(directory)
    for name in os.listdir(build_directory()):
        if re.fullmatch("tandemd|tandem-[a-z]+", name):
            shutil.copy2(os.path.join(build_directory(), name), directory)
    return directory + "/tandemd -n -l -D -f {conf} -p {dir}/tandem.pid"


def is_sanitized():
    """The programs under test carry the address sanitizer: what they execute takes several times as long to begin."""
    with open(os.path.join(build_directory(), "tandemd"), "rb") as file:
        return b"__asan_init" in file.read()


def daemon_command():
    return os.environ.get("TANDEM_DAEMON", OWN_COMMAND)


def is_own():
    """False while another implementation stands in."""
    return "TANDEM_DAEMON" not in os.environ


def _stat(pid):
    """(state, parent) of a process, or None when it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[1])
    except OSError:
        return None


def is_alive(pid):
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def process_tree(root):
    """The process and all below it, parents first; zombies left out."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = _stat(int(name))
            if stat and stat[0] not in "ZX":
                parents[int(name)] = stat[1]
    found = [root] if root in parents else []
    for pid in found:
        found += sorted(child for child, parent in parents.items() if parent == pid)
    return found


def program(pid):
    """The file name of the program a process runs; "" when it is gone."""
    try:
        return os.path.basename(os.readlink("/proc/%d/exe" % pid))
    except OSError:
        return ""


class Daemon:
    """One daemon. directory keeps its configuration, pid file and log; wrapper is put before its command."""

    def __init__(self, box, directory, text, command=None, wrapper=()):
        self.box, self.directory = box, directory
        self.configuration = os.path.join(directory, "test.conf")
        self.log_path = os.path.join(directory, "log")
        self.pid_file = os.path.join(directory, "tandem.pid")
        self.command = command or daemon_command()
        self.wrapper = list(wrapper)
        self.process = None
        self._known = set()
        os.makedirs(directory, exist_ok=True)
        self.configure(text)

    # ---------------------------------------------------------------- life

    def configure(self, text):
        """At once, as a careful editor does: a reload under way never reads half of it."""
        with open(self.configuration + ".new", "w") as file:
            file.write(text)
        os.rename(self.configuration + ".new", self.configuration)

    def words(self):
        return shlex.split(self.command.format(build=build_directory(), conf=self.configuration, dir=self.directory))

    def start(self):
        """Starts it and returns at once; the log grows over several starts."""
        if self.command == KEEPALIVED:
            self._remove_stale_pid_files()
        with open(self.log_path, "a") as log:
            log.write("--- %.3f start in %s\n" % (time.time(), self.box.name))
            log.flush()
            self.process = subprocess.Popen(self.box.command(*self.wrapper, *self.words()), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        return self

    def _remove_stale_pid_files(self):
        """A killed keepalived leaves them, and its successor refuses to start if anybody has got such a number since."""
        for name in os.listdir(self.directory):
            if name.endswith(".pid"):
                os.unlink(os.path.join(self.directory, name))

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, timeout=15):
        """SIGTERM, then waits for the end; seconds it took. A daemon that does not end in that time (times PATIENCE) fails
        the test."""
        begin = time.monotonic()
        if self.is_running():
            self.processes()
            self.process.terminate()
            self.process.wait(timeout * PATIENCE)
            until(lambda: not self.survivors(), 10, "the children to end after their supervisor")
        return time.monotonic() - begin

    def kill_all(self):
        """SIGKILL of every process, none of which runs in between; the time of it."""
        victims = self.freeze()
        killed = time.time()
        for pid in victims:
            _signal(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not self.survivors(), 5, "killed processes to be gone")
        return killed

    def freeze(self):
        """SIGSTOP of every process, scripts included: their ids."""
        frozen = []
        while set(self.processes()) - set(frozen):  # one may have been starting another
            for pid in self.processes():
                _signal(pid, signal.SIGSTOP)
                frozen.append(pid)
        return self.processes()

    def wake(self):
        """SIGCONT to every process, children first; the time of the first."""
        woken = time.time()
        for pid in reversed(self.processes()):
            _signal(pid, signal.SIGCONT)
        return woken

    def pause(self, seconds):
        """SIGSTOP and SIGCONT of every process with that time in between, and no more: nothing is looked up meanwhile."""
        paused = self.processes()
        for pid in paused:
            _signal(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in reversed(paused):
            _signal(pid, signal.SIGCONT)

    def clear_away(self):
        """For the end of a test, whatever state it left: nothing of it runs afterwards."""
        if self.process is None:
            return
        if self.is_running():
            self.kill_all()
        for pid in self.survivors():
            _signal(pid, signal.SIGKILL)
        until(lambda: not self.survivors(), 5, "processes to be gone")

    def wait_for_end(self, timeout=10):
        """Waits until it has ended by itself: its exit status."""
        return self.process.wait(timeout * PATIENCE)

    # ---------------------------------------------------------------- processes

    def processes(self):
        """Ids of its processes, the supervisor first."""
        tree = process_tree(self.process.pid)
        self._known.update(tree)
        return tree

    def survivors(self):
        """Processes ever seen of it that still live, though orphaned."""
        alive = []
        for pid in self._known - {self.process.pid}:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            if is_alive(pid):
                alive.append(pid)
        return alive

    def child(self, role):
        """The id of the (first) process of a role, such as "vrrp"; None when there is none."""
        for pid in self.processes():
            if program(pid) == "tandem-" + role:
                return pid
        return None

    def roles(self):
        """{program name: pid} of the processes that run now."""
        return {program(pid): pid for pid in self.processes()}

    # ---------------------------------------------------------------- signals and words

    def signal(self, number):
        """Sends it to the supervisor; the time just before."""
        sent = time.time()
        self.process.send_signal(number)
        return sent

    def reload(self, text=None):
        if text is not None:
            self.configure(text)
        return self.signal(signal.SIGHUP)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def wait_for_log(self, words, timeout=10, start=0):
        """Waits until the log, from character start on, has the words."""
        until(lambda: words in self.log()[start:], timeout, "the log line %r" % words)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
