"""Other people's configuration files run: two boxes with each elect a master, and the other takes over when it dies.

What a file asks for is found by a reader of our own (reading.py). keepalived 2.4.3 in the same scene does the same with the
same files: try it with TANDEM_DAEMON. A placeholder left where an address belongs is skipped with a complaint, so that a
few files elect a master of no address at all; with keepalived they do, too. Files that have only virtual servers are seen in test_tables.py.
"""
import pytest

import corpus
import reading
from lab.waiting import until
from scene import TAGS, Scene

pytestmark = [pytest.mark.host, pytest.mark.skipif(not corpus.is_here(), reason=corpus.ABSENT)]

LONG_INTERVAL = 3.0  # of adverts, in seconds: an election and a takeover of these wait for half a minute
# Patience: a loaded machine may take this long to start two daemons and run their first scripts.
START = 30
LOOK = 0.05  # seconds between two looks at one pair of many


class Unfit(AssertionError):
    """The file does not run."""


def files(long):
    """Parameters for the files with instances whose adverts are long apart, or not."""
    found = []
    for name in corpus.users_files():
        instances = reading.instances(reading.parse(corpus.text(name)))
        if instances and name not in corpus.UNFIT and (max(i.interval for i in instances) > LONG_INTERVAL) == long:
            found.append(name)
    return found or [pytest.param("none", marks=pytest.mark.skip(reason=corpus.ABSENT))]


def check_alive(scene, tags=TAGS):
    for tag in tags:
        daemon = scene.daemons[tag]
        if not daemon.is_running():
            raise Unfit("the daemon of box %s ended with %s:\n%s" % (tag, daemon.process.returncode, daemon.log()))


def masters(scene):
    """{instance: tag} once each instance has one master, who alone holds its VIPs; else None."""
    check_alive(scene)
    found = {}
    for instance in scene.instances:
        tag = scene.master(instance)
        wanted = {vip for vip, _ in instance.vips}
        if tag is None or scene.holds(tag, instance) != wanted or scene.holds(other(tag), instance):
            return None
        found[instance.name] = tag
    return found


def other(tag):
    return "b" if tag == "a" else "a"


def has_taken_over(scene, tag, since):
    check_alive(scene, [tag])
    return all(scene.holds(tag, instance) == {vip for vip, _ in instance.vips}
               and any(time > since for time in scene.adverts(tag, instance)) for instance in scene.instances)


def run_file(name, root):
    """Runs the pair through election and takeover; raises Unfit when the file cannot."""
    scene = Scene(corpus.text(name), root)
    try:
        if not scene.instances and not reading.services(scene.tree):
            raise Unfit("it asks for no instance and no virtual server")
        for tag in TAGS:
            scene.daemons[tag].start()
        patience = START + 8 * max([instance.interval for instance in scene.instances] or [0])
        found = until(lambda: masters(scene), patience, "one master of each instance, with its VIPs", LOOK)
        victim = found[scene.instances[0].name]
        killed = scene.daemons[victim].kill_all()
        until(lambda: has_taken_over(scene, other(victim), killed), patience, "%s to take over" % other(victim), LOOK)
    except AssertionError as error:
        raise type(error)("%s\n%s" % (error, scene.sections())) from None
    finally:
        scene.close()


@pytest.mark.long
@pytest.mark.parametrize("name", files(long=True))
def test_a_pair_of_rare_adverts_elects_a_master_and_survives_its_death(name, root):
    run_file(name, root)


@pytest.mark.parametrize("name", files(long=False))
def test_a_pair_elects_a_master_and_survives_its_death(name, root):
    run_file(name, root)


@pytest.mark.parametrize("name", sorted(corpus.UNFIT))
def test_a_file_called_unfit_is(name, root):
    with pytest.raises(Unfit):
        run_file(name, root)


def test_nearly_all_files_run():
    assert len(corpus.UNFIT) <= corpus.MOST_UNFIT
    assert set(corpus.UNFIT) <= set(corpus.users_files())


def test_every_file_is_tried():
    """Here as a pair, or in test_tables.py for its virtual servers, or it is called unfit."""
    for name in corpus.users_files():
        tree = reading.parse(corpus.text(name))
        assert reading.instances(tree) or reading.services(tree) or name in corpus.UNFIT, name
