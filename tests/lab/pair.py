"""Two daemons on one LAN, "a" and "b": the scene of most tests."""
import os
import shutil
import tempfile
import time

from lab.daemon import Daemon
from lab.network import Network
from lab.observer import AddressWatch, Capture, Observer
from lab.waiting import until

# Owned by root and closed to others on the whole way, as script security wants it; a tmpfs in the guest.
SCRATCH = "/run"


class Pair:
    """Makes the LAN, watches both boxes, starts daemons. Usable with more boxes, or with one."""

    def __init__(self, *tags):
        self.directory = tempfile.mkdtemp(prefix="tandem-lab-", dir=SCRATCH)
        os.chmod(self.directory, 0o755)
        self.observer = Observer()
        self.daemons = {}
        self.network = None
        try:
            self.network = Network(*(tags or ("a", "b")))
            self.boxes = {box.tag: box for box in self.network.boxes}
            self.capture = {tag: self.observer.watch(Capture(self.network.switch, box.port))
                            for tag, box in self.boxes.items()}
            self.addresses = {tag: self.observer.watch(AddressWatch(box)) for tag, box in self.boxes.items()}
        except BaseException:
            self.close()
            raise

    def path(self, name):
        return os.path.join(self.directory, name)

    def daemon(self, tag, text, command=None, wrapper=(), name=None):
        """A daemon for that box, not yet started."""
        name = name or tag
        self.daemons[name] = Daemon(self.boxes[tag], self.path(name), text, command, wrapper)
        return self.daemons[name]

    def start(self, tag, text, command=None, wrapper=()):
        return self.daemon(tag, text, command, wrapper).start()

    # ---------------------------------------------------------------- what is so

    def has(self, tag, address="10.9.0.100"):
        return address in self.addresses[tag].held

    def wait_master(self, tag, address="10.9.0.100", timeout=10):
        """Until the box holds the address and is heard with a priority above 0."""
        until(lambda: self.has(tag, address), timeout, "%s to hold %s" % (tag, address))
        begin = time.time() - 0.2
        until(lambda: [a for a in self.capture[tag].since(begin) if a.priority > 0], timeout,
              "%s to send adverts" % tag)

    def wait_without(self, tag, address="10.9.0.100", timeout=10):
        until(lambda: not self.has(tag, address), timeout, "%s to give %s up" % (tag, address))

    def both(self, text_a, text_b, address="10.9.0.100"):
        """a is master and b is its backup, which has heard it; both were started."""
        a = self.start("a", text_a)
        self.wait_master("a", address)
        b = self.start("b", text_b)
        until(lambda: self.is_listening(b), 10, "b to run as backup")
        listening = time.time()
        until(lambda: self.capture["a"].since(listening), 10, "an advert for b to hear")
        return a, b

    @staticmethod
    def is_listening(daemon):
        """Its log says that an instance entered BACKUP."""
        return "BACKUP" in daemon.log().upper()

    # ---------------------------------------------------------------- the end

    def logs(self):
        """[(title, text)] of all logs, for a failed test."""
        found = []
        for name, daemon in self.daemons.items():
            if os.path.exists(daemon.log_path):
                found.append(("log of daemon " + name, daemon.log()))
        for tag in getattr(self, "addresses", {}):
            events = ["%.3f %s %s" % (e.time, "+" if e.added else "-", e.address)
                      for e in self.addresses[tag].events[-200:]]
            adverts = ["%.3f vrid %d priority %d" % (a.time, a.vrid, a.priority)
                       for a in self.capture[tag].adverts[-200:]]
            found.append(("addresses of " + tag, "\n".join(events)))
            found.append(("adverts of " + tag, "\n".join(adverts)))
        return found

    def close(self):
        for daemon in self.daemons.values():
            daemon.clear_away()
        self.observer.close()
        if self.network:
            self.network.delete()
        shutil.rmtree(self.directory, ignore_errors=True)
