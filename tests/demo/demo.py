#!/usr/bin/python3
"""Shows two boxes sharing a virtual IP and balancing HTTP over two web servers, and tells what happens.

Called by `sudo ./bootstrap demo`, in a kernel with IPVS. Every sentence is checked against the kernel or the wire; the exit
status is 0 only if each step did what it says.  --hold: leaves all running at the end.
"""
import collections
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from machine import Machine  # noqa: E402
from poller import Poller  # noqa: E402
from lab import timers  # noqa: E402
from lab.balancer import INNER_VIP, SERVERS, VIP, Balancer, get  # noqa: E402
from lab.configuration import global_defs, http_get, instance, real_server, virtual_server  # noqa: E402
from lab.daemon import is_own  # noqa: E402
from lab.waiting import until  # noqa: E402

SERVICE = "TCP %s:80" % VIP
SERVER_ADDRESSES = {name: "10.8.0.%d" % number for name, number in SERVERS.items()}
CHECK_INTERVAL_S, RETRY_DELAY_S = 2, 1
DIRECTORS = {"a": 200, "b": 100}


def configuration(priority):
    servers = [real_server(address, 80, http_get(delay=RETRY_DELAY_S)) for address in SERVER_ADDRESSES.values()]
    return (global_defs() + instance(priority, vips=[VIP, INNER_VIP + " dev eth1"], name="front")
            + virtual_server(VIP, 80, "NAT", servers, delay=CHECK_INTERVAL_S))


class Story:
    """Says what happens, with the time since the beginning, and keeps the results for the end."""

    def __init__(self):
        self._begin = time.monotonic()
        self.results = []

    def say(self, text):
        print("[%6.1f s] %s" % (time.monotonic() - self._begin, text), flush=True)

    def step(self, name, function):
        """Runs a step; it returns (good, what was seen). An AssertionError is a step that failed."""
        try:
            good, seen = function()
        except AssertionError as error:
            good, seen = False, str(error)
        self.results.append((name, good, seen))
        self.say("%s%s" % ("" if good else "NOT AS IT SHOULD BE: ", seen))
        return good

    def table(self):
        width = max(len(name) for name, _, _ in self.results)
        print("\nSummary")
        for name, good, seen in self.results:
            print("  %-6s %-*s  %s" % ("ok" if good else "FAILED", width, name, seen))
        return all(good for _, good, _ in self.results)


class Demo:
    """The steps, in order. Each looks at the kernel's tables or asks as a client, never at the daemon's word."""

    def __init__(self, scene, story):
        self.scene, self.say = scene, story.say
        self.machine = Machine()

    def weights(self, tag):
        return self.machine.look(lambda: self.scene.table(tag).weights(SERVICE))

    def both_in_table(self, tag):
        return self.weights(tag) == {address + ":80": 1 for address in SERVER_ADDRESSES.values()}

    def ask(self, count):
        """{server: answers} of that many requests; None counts failures."""
        return dict(collections.Counter(get(self.scene.client) for _ in range(count)))

    def election(self):
        for tag, priority in DIRECTORS.items():
            self.say("director %s starts with priority %d" % (tag, priority))
            self.scene.start(tag, configuration(priority))
        begin = time.monotonic()
        self.scene.wait_master("a", VIP, timeout=20)
        took = time.monotonic() - begin
        for tag in DIRECTORS:
            until(lambda tag=tag: self.both_in_table(tag), 20, "both servers in the table of " + tag)
        alone = not self.scene.has("b", VIP)
        return alone, "director a is master and holds %s, %.1f s after the start; b is its backup" % (VIP, took)

    def requests(self):
        answers = self.ask(20)
        good = answers == {"s1": 10, "s2": 10}
        return good, "20 requests to http://%s/ were answered by %s" % (VIP, told(answers))

    def server_dies(self):
        self.say("web server s2 is stopped")
        begin = time.monotonic()
        self.scene.web["s2"].stop()
        until(lambda: list(self.weights("a") or {}) == [SERVER_ADDRESSES["s1"] + ":80"], 15, "s2 to leave the table",
              every=0.05)
        took = time.monotonic() - begin
        answers = self.ask(10)
        in_time, excuse = self.machine.judge(took, CHECK_INTERVAL_S + RETRY_DELAY_S)
        return (in_time and answers == {"s1": 10},
                "s2 was out of the table after %.1f s (checked every %d s, one retry); then %s%s" %
                (took, CHECK_INTERVAL_S, told(answers), excuse))

    def server_returns(self):
        self.say("web server s2 is started again")
        self.scene.web["s2"].start()
        until(lambda: get(self.scene.web["s2"].space, SERVER_ADDRESSES["s2"]) == "s2", 15, "s2 to answer")
        begin = time.monotonic()
        until(lambda: self.both_in_table("a"), 15, "s2 to return to the table", every=0.05)
        took = time.monotonic() - begin
        answers = self.ask(10)
        # As in keepalived, the page that failed must be seen once, and then all pages of the check.
        in_time, excuse = self.machine.judge(took, 2 * CHECK_INTERVAL_S)
        return (in_time and answers == {"s1": 5, "s2": 5},
                "s2 was back %.1f s after it answered; then %s%s" % (took, told(answers), excuse))

    def polled(self, change, until_master, protocol_s):
        """The longest gap that the client sees while change() happens and until that director is master: (seconds, good,
        words of excuse)."""
        poller = Poller(self.scene.client, VIP)
        poller.start()
        until(lambda: len(poller.answers) > 20, 10, "the polling client's first answers")
        change()
        self.scene.wait_master(until_master, VIP, timeout=20)
        answered = len(poller.answers)
        until(lambda: len(poller.answers) > answered + 50, 20, "answers by way of " + until_master)
        poller.finish()
        begin, end = poller.longest_gap()
        return end - begin, *self.machine.judge(end - begin, protocol_s, poller.not_run_s(begin, end))

    def master_dies(self):
        def lose_power():
            self.say("director a loses its power while a client asks every 10 ms: processes, table and cables are gone")
            self.scene.power_off("a")

        limit = timers.master_down(DIRECTORS["b"])
        gap, in_time, excuse = self.polled(lose_power, "b", limit)
        return (in_time and self.scene.has("b", VIP),
                "director b is master; the longest gap the client saw: %.2f s (by the protocol: at most %.2f s)%s" %
                (gap, limit, excuse))

    def master_returns(self):
        def restart():
            self.say("director a is plugged in and starts again")
            self.scene.power_on("a")
            self.scene.daemons["a"].start()
            until(lambda: self.both_in_table("a"), 20, "both servers in the table of a")

        gap, in_time, excuse = self.polled(restart, "a", 0)
        self.scene.wait_without("b", VIP, timeout=3)
        return in_time, "director a is master again; the longest gap the client saw: %.0f ms%s" % (gap * 1000, excuse)

    def steps(self):
        return [("a master is elected", self.election),
                ("requests are balanced", self.requests),
                ("a dead server is taken out", self.server_dies),
                ("its return is seen", self.server_returns),
                ("a killed master is replaced", self.master_dies),
                ("the old master returns", self.master_returns)]


def told(answers):
    names = {None: "nobody"}
    return ", ".join("%s %d times" % (names.get(name, name), count) for name, count in sorted(answers.items(), key=str))


def hold(scene, story):
    """Leaves it running: with a shell where there is a terminal, else until we are told to end."""
    a, client = scene.boxes["a"].name, scene.client.name
    story.say("all is left running. To look around:")
    lines = ["ip netns exec %s ipvsadm -Ln" % a, "ip netns exec %s ip -br addr" % a,
             "ip netns exec %s curl -s http://%s/" % (client, VIP),
             "cat %s" % scene.daemons["a"].configuration, "tail %s" % scene.daemons["a"].log_path]
    if is_own():
        socket = scene.daemons["a"].pid_file.replace(".pid", ".sock")
        lines.insert(0, "%s/tandemctl -s %s status" % (os.environ.get("TANDEM_BUILD", "build"), socket))
    print("".join("    %s\n" % line for line in lines))
    if sys.stdin.isatty():
        print("This is a shell; leave it (exit, Ctrl-D) to end the demo.", flush=True)
        subprocess.call(["sh", "-i"])
    else:
        print("End the demo by Ctrl-C or SIGTERM.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


def main():
    story = Story()
    story.say("two directors, two web servers and a client are built of network namespaces")
    scene = Balancer()
    try:
        demo = Demo(scene, story)
        for name, function in demo.steps():
            demo.machine.begin_step()
            if not story.step(name, function):
                break
        good = story.table() and len(story.results) == len(demo.steps())
        if not good:
            for title, text in scene.logs():
                print("\n--- %s\n%s" % (title, text[-5000:]))
        if "--hold" in sys.argv[1:]:
            hold(scene, story)
    finally:
        scene.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
