"""What a stop leaves in the kernel's IPVS table."""
import pytest

from lab.balancer import VIP
from lab.configuration import global_defs, instance, real_server, virtual_server
from lab.waiting import until

pytestmark = pytest.mark.lab

OWN = "{build}/tandemd -n -l -D -f {conf} -p {dir}/tandem.pid"
SERVICE, OTHER = "TCP %s:80" % VIP, "TCP %s:81" % VIP


def service(port):
    return virtual_server(VIP, port, "NAT", [real_server("10.8.0.11", 80), real_server("10.8.0.12", 80)])


def start(balancer, text, option):
    return balancer.start("a", global_defs() + text, command=OWN + option)


def test_a_stop_empties_the_table(balancer):
    a = start(balancer, service(80), "")
    until(lambda: SERVICE in balancer.table().services, 10, "the service")
    a.stop()
    assert not balancer.table().services


@pytest.mark.parametrize("only", ["", " -C"], ids=["all", "checkers"])
def test_a_stop_that_leaves_the_table(balancer, only):
    """The next start takes it over, and knows that what is no longer configured was ours."""
    router = instance(255, vips=[VIP], name="front", state="MASTER")
    a = start(balancer, router + service(80) + service(81), " --dont-release-ipvs" + only)
    until(lambda: {SERVICE, OTHER} <= set(balancer.table().services), 15, "the services")
    left = balancer.table().services
    a.stop()
    assert balancer.table().services == left
    a.configure(global_defs() + router + service(80))
    a.start()
    until(lambda: set(balancer.table().services) == {SERVICE}, 15, "the other to go")
    assert balancer.table().services[SERVICE] == left[SERVICE]


def test_no_balancing_with_vrrp_alone(balancer):
    a = start(balancer, instance(255, vips=[VIP], name="front", state="MASTER") + service(80), " -P")
    balancer.wait_master("a", timeout=15)
    assert not balancer.table().services
    a.stop()
