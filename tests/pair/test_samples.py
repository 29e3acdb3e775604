"""The sample configurations are good ones."""
import glob
import os
import re

import pytest

from lab.daemon import build_directory
from lab.waiting import until

pytestmark = pytest.mark.host

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "conf", "samples")


def prepared(pair, name):
    """The sample with a script of ours for the one it names; the box gets the interfaces and addresses it speaks of."""
    box = pair.boxes["a"]
    box.run("ip", "addr", "add", "192.0.2.1/24", "dev", "eth0")
    box.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1peer")
    box.run("ip", "link", "set", "eth1peer", "up")
    box.run("ip", "link", "set", "eth1", "up")
    box.run("ip", "addr", "add", "10.0.0.2/24", "dev", "eth1")
    with open(os.path.join(SAMPLES, name)) as file:
        text = file.read()
    for program in ("router-changed", "check-database", "check-haproxy"):
        text = text.replace("/usr/local/sbin/" + program, "/bin/true")
    return text.replace("/run/proxy-weight", pair.path("weight"))


@pytest.mark.parametrize("name", sorted(os.path.basename(path) for path in glob.glob(SAMPLES + "/*.conf")))
def test_a_sample_passes_and_elects_a_master(pair, name):
    text = prepared(pair, name)
    path = pair.path("sample.conf")
    with open(path, "w") as file:
        file.write(text)
    printed = pair.boxes["a"].run(os.path.join(build_directory(), "tandemd"), "-t", "-f", path, check=False)
    assert printed.strip() == "", "tandemd -t says:\n" + printed
    pair.start("a", text)
    vips = re.findall(r"^\s+([0-9a-f.:]+)/\d+", text, re.M)
    until(lambda: pair.addresses["a"].held.issuperset(vips), 10, "the addresses %s" % vips)
