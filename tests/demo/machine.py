"""What this machine adds to a protocol's times, measured while they pass.

A machine that needs half a second to execute ipvsadm, or that its host leaves standing for two, must not be taken for a daemon
that is late.
"""
import time

USUAL_S = 1.5  # what a busy machine, or a kernel that is itself a program, may add
LOOKS = 10     # so many programs are executed, one after the other, between an event and our knowledge of it


class Machine:
    """Times the looks that a step takes; a look executes one program."""

    def __init__(self):
        self._slowest_s = 0.0

    def begin_step(self):
        self._slowest_s = 0.0

    def look(self, function):
        begin = time.monotonic()
        seen = function()
        self._slowest_s = max(self._slowest_s, time.monotonic() - begin)
        return seen

    def judge(self, took_s, protocol_s, not_run_s=0.0):
        """(good, words) of what took that long and should take so long by the protocol; not_run_s: of it, the client that
        measured got no processor. Words only where the usual was not enough."""
        if took_s < protocol_s + USUAL_S:
            return True, ""
        words = " (on this machine one look at the table took %.2f s" % self._slowest_s
        words += ", the client was not run for %.2f s)" % not_run_s if not_run_s else ")"
        return took_s - not_run_s < protocol_s + max(USUAL_S, LOOKS * self._slowest_s), words
