"""The Debian packages: built from the distribution archive, looked at by lintian, installed, upgraded under a running master,
removed, purged, in an overlay of this machine's root.
"""
import os
import re
import subprocess
import time

import pytest

from lab.configuration import global_defs, instance
from lab.debian import Root, another_version, build_packages, run
from lab.programs import NEXT_VERSION
from lab.timers import master_down
from lab.waiting import until

pytestmark = pytest.mark.host

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VIP = "10.9.0.100"
# What dpkg and the tools it calls write for any package; and the shadow suite's locks and copies.
NOT_OURS = re.compile(r"/(var/(lib/dpkg|log|cache)/|root/|etc/(\.pwd\.lock|"
                      r"(passwd|group|shadow|gshadow|subuid|subgid)-?)$)")
# Whether the unit was enabled, for an installation to come; until the package is purged.
UNTIL_PURGED = "/var/lib/systemd/deb-systemd-helper-enabled/tandem.service.dsh-also"


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    """Of the packages that were built, once for all tests here."""
    return build_packages(str(tmp_path_factory.mktemp("packages")))


@pytest.fixture(scope="module")
def package(changes):
    folder = os.path.dirname(changes)
    names = [name for name in os.listdir(folder) if re.fullmatch(r"tandem_[^_]+_[^_]+\.deb", name)]
    assert len(names) == 1
    return os.path.join(folder, names[0])


@pytest.fixture
def root():
    scene = Root()
    yield scene
    scene.close()


def install(root, path):
    return root.run("dpkg", "-i", root.copy_in(path))


def ours_among(names):
    return [name for name in names if not NOT_OURS.match(name)]


def test_lintian_has_nothing_to_say(changes):
    done = subprocess.run(["lintian", "--allow-root", "--display-info", changes], text=True, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (0, "")


def test_debug_symbols_have_a_package_of_their_own(changes, package):
    names = os.listdir(os.path.dirname(changes))
    assert [name for name in names if name.startswith("tandem-dbgsym_")]
    assert "debug" not in run("dpkg-deb", "-c", package)


def test_bootstrap_and_the_package_need_the_same_to_build():
    with open(TOP + "/bootstrap") as file:
        listed = re.search(r'BUILD_PACKAGES="([^"]*)"', file.read())[1].split()
    with open(TOP + "/debian/control") as file:
        field = re.search(r"Build-Depends:\n((?: .*\n)+)", file.read())[1]
    wanted = {re.split(r"[ (<,]", line.strip())[0] for line in field.splitlines()}
    tools = {"gcc", "libc6-dev", "make", "autoconf", "automake"}  # build-essential and debhelper bring them
    assert set(listed) - tools == wanted - {"debhelper-compat", "dh-sequence-installsysusers"}


def test_installing_starts_nothing_and_purging_leaves_nothing(root, package):
    before = {name: root.read(name) for name in ("/etc/passwd", "/etc/group")}
    install(root, package)
    assert re.search("^tandem:", root.read("/etc/passwd"), re.M)
    assert os.path.isdir(root.path("/run/tandem"))
    assert not os.path.exists(root.path("/etc/tandem")), "keepalived.conf would not be read"
    assert not os.path.exists(root.path("/run/tandem/tandemd.pid"))
    assert not [name for name in root.changed() if "wants/tandem" in name], "enabled: it would end keepalived at the next boot"
    for word in ("/usr/sbin/tandemd", "/usr/bin/tandemctl", "/usr/libexec/tandem/tandem-vrrp",
                 "/lib/systemd/system/tandem.service", "/usr/share/bash-completion/completions/tandemctl",
                 "/usr/share/man/man7/tandem-migrate.7.gz", "/usr/share/doc/tandem/samples/pair.conf"):
        assert os.path.exists(root.path(word)), word
    root.run("sh", root.copy_in(TOP + "/debian/tests/smoke"))
    root.write("/etc/tandem/tandem.conf", global_defs())
    root.run("dpkg", "-r", "tandem")
    left = ours_among(root.changed())
    assert left == ["/etc/tandem/tandem.conf", UNTIL_PURGED], "only what the administrator wrote stays"
    root.run("dpkg", "-P", "tandem")
    assert ours_among(root.changed()) == []
    assert not os.path.exists(root.path("/run/tandem")) and not os.path.exists(root.path("/etc/tandem"))
    for name, text in before.items():
        assert root.read(name) == text, name


def start_master(pair, root):
    """a runs from the root, as installed, with keepalived's file; b is its backup."""
    root.write("/etc/keepalived/keepalived.conf", global_defs() + instance(200))
    a = pair.daemon("a", "", wrapper=root.command(), command="/usr/sbin/tandemd -n -l -D").start()
    pair.wait_master("a", VIP)
    b = pair.start("b", global_defs() + instance(100))
    until(lambda: pair.is_listening(b), 10, "b to run as backup")
    until(lambda: len(pair.capture["a"].adverts) >= 3, 10, "a third advert")
    return a


def assert_unnoticed(pair, begin):
    adverts = pair.capture["a"].since(begin)
    gaps = [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]
    assert max(gaps) < master_down(100), "a gap of %.2f s between adverts" % max(gaps)
    assert {advert.priority for advert in adverts} == {200}
    assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert not pair.capture["b"].since(begin), "b became master"


def test_an_upgrade_of_the_package_does_not_flap(pair, root, package, tmp_path):
    newer = another_version(package, NEXT_VERSION, str(tmp_path))
    install(root, package)
    a = start_master(pair, root)
    begin = pair.capture["a"].adverts[-1].time
    before = a.processes()
    said = install(root, newer)
    assert "the daemon runs version " + NEXT_VERSION in said
    after = a.processes()
    assert after[0] == before[0] and not set(after[1:]) & set(before[1:])
    time.sleep(2.2)
    assert_unnoticed(pair, begin)


def test_a_version_that_takes_a_restart_says_so_and_changes_nothing(pair, root, package, tmp_path):
    def refuse(folder):
        with open(folder + "/usr/sbin/tandemd", "w") as file:
            file.write("#!/bin/sh\necho it takes a restart\nexit 3\n")

    newer = another_version(package, NEXT_VERSION, str(tmp_path), refuse)
    install(root, package)
    a = start_master(pair, root)
    begin = pair.capture["a"].adverts[-1].time
    before = a.processes()
    said = install(root, newer)
    assert "it takes a restart" in said and "systemctl restart tandem" in said
    assert a.processes() == before
    time.sleep(1.2)
    assert_unnoticed(pair, begin)


def test_removing_the_package_ends_the_daemon_with_a_farewell(pair, root, package):
    install(root, package)
    a = start_master(pair, root)
    begin = time.time()
    a.processes()
    root.run("dpkg", "-r", "tandem")
    a.wait_for_end()
    assert a.process.returncode == 0
    assert not pair.has("a") and [x for x in pair.capture["a"].since(begin) if x.priority == 0], "no farewell"
    until(lambda: not a.survivors(), 5, "its processes to end")
    pair.wait_master("b", VIP)
    assert ours_among(root.changed()) == ["/etc/keepalived/keepalived.conf", UNTIL_PURGED]
