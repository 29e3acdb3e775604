"""tshark, an independent decoder, reads what we send and finds nothing wrong."""
import struct
import subprocess

import pytest

from lab.configuration import global_defs, instance, password
from lab.waiting import until

pytestmark = pytest.mark.host

FIELDS = ["vrrp.version", "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.addr_count", "vrrp.checksum.status",
          "vrrp.ip_addr", "vrrp.ipv6_addr", "ip.ttl", "ipv6.hlim", "ip.checksum.status", "_ws.malformed"]
GOOD = "1"  # tshark's status of a checksum it computed and found right


def decode(frames, path):
    """tshark's fields of each frame, as dictionaries."""
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for time, data in frames:
            file.write(struct.pack("=IIII", int(time), int(time % 1 * 1e6), len(data), len(data)) + data)
    words = ["tshark", "-r", path, "-Y", "vrrp", "-T", "fields", "-E", "separator=|", "-o", "ip.check_checksum:TRUE"]
    for field in FIELDS:
        words += ["-e", field]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [dict(zip(FIELDS, line.split("|"))) for line in text.splitlines()]


@pytest.mark.parametrize("version, vip, lines", [
    pytest.param(2, "10.9.0.100", [], id="v2"),
    pytest.param(2, "10.9.0.100", password("s3cret"), id="v2-password"),
    pytest.param(3, "10.9.0.100", [], id="v3"),
    pytest.param(3, "fd00:9::100", [], id="v3-ipv6"),
])
def test_adverts_decode_with_good_checksums(pair, version, vip, lines):
    a = pair.start("a", global_defs() + instance(200, vips=[vip], version=version, lines=lines))
    pair.wait_master("a", vip)
    until(lambda: len(pair.capture["a"].adverts) >= 2, 5, "two adverts")
    a.stop()
    until(lambda: pair.capture["a"].adverts[-1].priority == 0, 2, "its farewell")
    decoded = decode(pair.capture["a"].frames, pair.path("adverts.pcap"))
    assert len(decoded) == len(pair.capture["a"].adverts)
    assert [advert["vrrp.prio"] for advert in decoded] == ["200"] * (len(decoded) - 1) + ["0"]
    for advert in decoded:
        assert advert["_ws.malformed"] == ""
        assert advert["vrrp.checksum.status"] == GOOD
        assert (advert["vrrp.version"], advert["vrrp.virt_rtr_id"]) == (str(version), "51")
        assert vip in (advert["vrrp.ip_addr"], advert["vrrp.ipv6_addr"])
        assert "255" in (advert["ip.ttl"], advert["ipv6.hlim"])
        assert advert["ip.checksum.status"] in (GOOD, "")
