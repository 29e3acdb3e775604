"""Other people's virtual servers: the IPVS table becomes what the file asks for, in a kernel that has IPVS.

One box a file, a few at once: they mostly wait for their first checks. Every server answers, with a page that no digest
was made of; so a table is the file's less what cannot pass. That both boxes of a pair hold the same table, before and
after a takeover, is shown in tests/ipvs.
"""
import pytest

import corpus
import reading
from answering import Answering
from lab.balancer import Table
from lab.waiting import until
from scene import Scene

pytestmark = [pytest.mark.lab, pytest.mark.skipif(not corpus.is_here(), reason=corpus.ABSENT)]
PATIENCE = 120  # the first check of a server comes within delay_loop; a guest has one slow processor


TOGETHER = 6  # files whose daemons run at once: all of them keep the guest's one processor from ever being idle


def files():
    found = [name for name in corpus.users_files() if reading.services(reading.parse(corpus.text(name)))]
    return found or [pytest.param("none", marks=pytest.mark.skip(reason=corpus.ABSENT))]


class Scenes:
    """The scenes of a few files, with the daemon of box a running in each: of the file asked for and of those after it."""

    def __init__(self, root):
        self.root = root
        self.made = {}
        self.answering = None

    def of(self, name):
        if name not in self.made:
            self.close()
            self.answering = Answering()
            names = files()
            first = names.index(name)
            for each in names[first:first + TOGETHER]:
                text = corpus.text(each)
                self.made[each] = started(text, reading.services(reading.parse(text)), self.root, self.answering)
        return self.made[name]

    def close(self):
        for scene in self.made.values():
            scene.daemons["a"].process.terminate()  # all at once, each on its own
        for scene in self.made.values():
            scene.daemons["a"].process.wait(PATIENCE)
            scene.close()
        self.made = {}
        if self.answering:
            self.answering.close()
        self.answering = None


@pytest.fixture(scope="module")
def scenes(root):
    made = Scenes(root)
    try:
        yield made
    finally:
        made.close()


def started(text, services, root, answering):
    servers = [server for service in services for server in service.servers]
    scene = Scene(text, root, ["a"], dict.fromkeys(server.host for server in servers))
    for space in (scene.lan, scene.boxes["a"]):
        answering.listen(space, [port for server in servers for port in server.ports])
    scene.daemons["a"].start()
    return scene


def has_table(scene, services):
    assert scene.daemons["a"].is_running(), scene.sections()
    table = Table.of(scene.boxes["a"])
    return (table.services == {service.name: service.table() for service in services}
            and table.schedulers == {service.name: service.scheduler for service in services}
            and table.persistence == {service.name: service.persistence for service in services})


@pytest.mark.parametrize("name", files())
def test_the_table_is_what_the_file_asks_for(scenes, name):
    scene = scenes.of(name)
    services = reading.services(scene.tree)
    try:
        until(lambda: has_table(scene, services), PATIENCE, "the table of " + name, every=0.5)
    except AssertionError as error:
        raise AssertionError("%s\nwanted: %s\ntable:\n%s\n%s" % (
            error, [(service.name, service.table()) for service in services],
            scene.boxes["a"].run("ipvsadm", "-Ln"), scene.sections())) from None
