"""One scene for all IPVS tests: building it takes seconds in User Mode Linux. Each test starts its own daemons."""
import subprocess

import pytest

from lab.balancer import Balancer
from lab.waiting import until


@pytest.fixture(scope="session")
def standing_scene():
    scene = Balancer()
    yield scene
    scene.close()


def clear(scene, tag):
    """Nothing is started for what is not there: a process costs 0.15 s."""
    box, held = scene.boxes[tag], scene.addresses[tag].held
    if scene.table(tag).services:
        box.run("ipvsadm", "-C")
    lines = ["addr del %s/32 dev %s" % (address, device) for address, device in (
        ("10.9.0.100", "eth0"), ("10.9.0.200", "eth0"), ("10.8.0.100", "eth1")) if address in held]
    if lines:  # one whose lifetime has just ended is no mistake
        subprocess.run(["ip", "-n", box.name, "-force", "-batch", "-"], input="\n".join(lines), text=True,
                       stderr=subprocess.DEVNULL)


@pytest.fixture
def balancer(standing_scene):
    """Directors without a daemon and with an empty table, both web servers running."""
    yield standing_scene
    for daemon in standing_scene.daemons.values():
        daemon.clear_away()
    standing_scene.daemons.clear()
    for tag in "ab":
        clear(standing_scene, tag)
    for server in standing_scene.web.values():
        if server.process is None:
            server.start()
    until(lambda: not standing_scene.addresses["a"].held.intersection({"10.9.0.100"}), 5, "the addresses to go")
