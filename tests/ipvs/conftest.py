"""One scene for all IPVS tests: building it takes seconds in User Mode Linux. Each test starts its own daemons."""
import pytest

from lab.balancer import Balancer
from lab.waiting import until


@pytest.fixture(scope="session")
def standing_scene():
    scene = Balancer()
    yield scene
    scene.close()


@pytest.fixture
def balancer(standing_scene):
    """Directors without a daemon and with an empty table, both web servers running."""
    yield standing_scene
    for daemon in standing_scene.daemons.values():
        daemon.clear_away()
    standing_scene.daemons.clear()
    for tag in "ab":
        box = standing_scene.boxes[tag]
        box.run("ipvsadm", "-C")
        for address, device in (("10.9.0.100", "eth0"), ("10.9.0.200", "eth0"), ("10.8.0.100", "eth1")):
            box.run("ip", "addr", "del", address + "/32", "dev", device, check=False)
    for server in standing_scene.web.values():
        if server.process is None:
            server.start()
    until(lambda: not standing_scene.addresses["a"].held.intersection({"10.9.0.100"}), 5, "the addresses to go")
