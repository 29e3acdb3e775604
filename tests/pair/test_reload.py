"""SIGHUP: what did not change does not notice."""
import time

import pytest

from lab.configuration import global_defs, instance
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP, SECOND = "10.9.0.100", "10.9.0.101"


def longest_gap(adverts):
    times = [advert.time for advert in adverts]
    return max(later - earlier for earlier, later in zip(times, times[1:]))


@pytest.mark.parametrize("interval", [1, 0.1])
def test_no_advert_is_late_by_more_than_a_tenth_of_the_interval(pair, interval):
    text = global_defs() + instance(200, advert_int=interval)
    a, _ = pair.both(text, global_defs() + instance(100, advert_int=interval))
    begin = time.time()
    for number in range(6):
        a.reload(text + "# %d\n" % number)
        until(lambda: len(pair.capture["a"].since(time.time() - 0.7 * interval)) > 0, 2 * interval, "an advert")
        time.sleep(0.37 * interval)
    wider = text.replace(VIP, VIP + "\n        " + SECOND)
    a.reload(wider)
    until(lambda: pair.has("a", SECOND), 5, "the new address")
    a.reload(text)
    until(lambda: not pair.has("a", SECOND), 5, "the removed address to go")
    until(lambda: len(pair.capture["a"].since(time.time() - 2.5 * interval)) > 1, 3 * interval, "adverts afterwards")
    gap = longest_gap(pair.capture["a"].since(begin))
    assert gap < 1.1 * interval, "adverts %.0f ms apart" % (gap * 1000)
    assert not pair.addresses["a"].removals(VIP, begin), "the VIP went away"
    assert not pair.addresses["b"].events or not pair.has("b"), "b took over"
    assert not [e for e in pair.addresses["b"].events if e.address == VIP and e.added and e.time > begin]


def test_a_changed_priority_is_heard_in_the_next_adverts(pair):
    a = pair.start("a", global_defs() + instance(200))
    pair.wait_master("a")
    changed = a.reload(global_defs() + instance(150))
    until(lambda: [x for x in pair.capture["a"].since(changed) if x.priority == 150], 3, "an advert with priority 150")
    assert not pair.addresses["a"].removals(VIP, changed)


def test_an_instance_added_and_removed_leaves_the_other_alone(pair):
    first = global_defs() + instance(200)
    a = pair.start("a", first)
    pair.wait_master("a")
    begin = a.reload(first + instance(200, vips=[SECOND], vrid=52))
    until(lambda: pair.has("a", SECOND), 8, "the added instance's address")
    removed = a.reload(first)
    until(lambda: not pair.has("a", SECOND), 5, "the removed instance's address to go")
    until(lambda: [x for x in pair.capture["a"].since(removed, vrid=52) if x.priority == 0], 2,
          "a farewell of the removed instance")
    assert longest_gap(pair.capture["a"].since(begin, vrid=51)) < 1.1
    assert not pair.addresses["a"].removals(VIP, begin)


def test_a_renamed_instance_is_the_same(pair):
    a = pair.start("a", global_defs() + instance(200, name="old"))
    pair.wait_master("a")
    begin = a.reload(global_defs() + instance(200, name="new"))
    time.sleep(2.2)
    assert longest_gap(pair.capture["a"].since(begin)) < 1.5
    assert {x.priority for x in pair.capture["a"].since(begin)} == {200}
    assert not pair.addresses["a"].removals(VIP, begin)


def test_an_address_that_moves_to_another_instance_is_there_afterwards(pair):
    def text(first, second):
        return global_defs() + instance(200, vips=first) + instance(200, vips=second, vrid=52)

    third = "10.9.0.102"
    a = pair.start("a", text([VIP, third], [SECOND]))
    for address in (VIP, SECOND, third):
        pair.wait_master("a", address)
    for first, second in (([VIP], [SECOND, third]), ([VIP, third], [SECOND])):
        begin = a.reload(text(first, second))
        until(lambda: [x for x in pair.capture["a"].since(begin, vrid=51) if set(x.addresses) == set(first)], 3,
              "the new list in the adverts")
        time.sleep(3)  # longer than the lease: it is renewed by its new owner
        assert pair.has("a", third), "it went with its former instance"
        assert not pair.addresses["a"].removals(VIP, begin) and not pair.addresses["a"].removals(SECOND, begin)


@pytest.mark.parametrize("part", [0, 0.5, 0.95], ids=["empty", "half", "all-but-the-end"])
def test_a_half_written_file_keeps_the_old_configuration(pair, part):
    good = global_defs() + instance(200)
    a = pair.start("a", good)
    pair.wait_master("a")
    mark = len(a.log())
    a.reload(good[:int(len(good) * part)])
    until(lambda: a.configuration + ":" in a.log()[mark:], 5, "a message with file and line")
    never(lambda: not pair.has("a"), 3, "the VIP went away")


@pytest.mark.parametrize("mistake", ["use_vmac", "priority 200\n    no_such_word"], ids=["not-built", "strict"])
def test_a_refused_file_keeps_the_old_configuration(pair, mistake):
    good = global_defs() + instance(200)
    a = pair.start("a", good)
    pair.wait_master("a")
    mark = len(a.log())
    begin = a.reload(global_defs("strict") + instance(100, lines=[mistake]))
    until(lambda: a.configuration + ":" in a.log()[mark:], 5, "a message with file and line")
    never(lambda: not pair.has("a"), 3, "the VIP went away")
    assert longest_gap(pair.capture["a"].since(begin)) < 1.1
    assert {x.priority for x in pair.capture["a"].since(begin)} == {200}
    a.reload(good.replace("priority 200", "priority 180"))
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 180], 5, "the next good file to be taken")
