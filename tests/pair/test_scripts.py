"""Users' scripts: which run, with which words, in which order, as whom."""
import os
import pwd
import re

import pytest

from lab.configuration import global_defs, instance, sync_group
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


class Diary:
    """Scripts that write a line each time they run."""

    def __init__(self, pair, tag):
        self.directory = pair.path("scripts-" + tag)
        os.mkdir(self.directory)
        self.file = os.path.join(self.directory, "diary")
        open(self.file, "w").close()

    def script(self, name, before=""):
        """The path of a script that writes its name and its words."""
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write('#!/bin/sh\n%s\necho "%s $*" >>%s\n' % (before, name, self.file))
        os.chmod(path, 0o755)
        return path

    def lines(self):
        with open(self.file) as file:
            return [line.strip() for line in file]

    def notify_lines(self, prefix=""):
        return ['%s "%s"' % (word, self.script(prefix + word)) for word in
                ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify")]


def read(path):
    with open(path) as file:
        return file.read()


def by_kind(lines, kind):
    return [line for line in lines if line.split()[0] == kind]


def test_each_change_runs_its_script_and_the_general_one(pair):
    diary = Diary(pair, "a")
    a = pair.start("a", global_defs() + instance(200, name="web", lines=diary.notify_lines()))
    pair.wait_master("a")
    until(lambda: "notify INSTANCE web MASTER 200" in diary.lines(), 3, "the notify script of MASTER")
    until(lambda: by_kind(diary.lines(), "notify_master"), 3, "notify_master")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: "notify INSTANCE web FAULT 200" in diary.lines(), 3, "the notify script of FAULT")
    pair.network.plug(pair.boxes["a"])
    pair.wait_master("a")
    until(lambda: diary.lines().count("notify INSTANCE web MASTER 200") == 2, 3, "MASTER a second time")
    a.stop()
    until(lambda: "notify INSTANCE web STOP 200" in diary.lines(), 3, "the notify script of STOP")
    until(lambda: by_kind(diary.lines(), "notify_stop"), 3, "notify_stop")
    states = [line.split()[3] for line in by_kind(diary.lines(), "notify")]
    assert states == ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"]


def test_scripts_of_one_instance_run_one_after_the_other_in_order(pair):
    diary = Diary(pair, "a")
    slow = diary.script("slow", before="sleep 1")
    fast = diary.script("fast")
    pair.start("a", global_defs() + instance(255, state="MASTER", lines=[
        'notify_master "%s master"' % slow, 'notify_fault "%s fault"' % fast]))
    pair.wait_master("a")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: by_kind(diary.lines(), "fast"), 5, "the later script")
    assert [line.split()[:2] for line in diary.lines()] == [["slow", "master"], ["fast", "fault"]]


def test_a_removed_instance_hears_deleted_or_fault(pair):
    diary = Diary(pair, "a")
    lines = diary.notify_lines()
    deleted = lines + ['notify_deleted "%s"' % diary.script("notify_deleted")]
    stays = instance(200, name="stays", vips=["10.9.0.101"], vrid=52)
    a = pair.start("a", global_defs() + stays + instance(200, name="web", lines=deleted) +
                   instance(200, name="old", vrid=53, vips=["10.9.0.102"], lines=lines))
    for address in (VIP, "10.9.0.101", "10.9.0.102"):
        pair.wait_master("a", address)
    a.reload(global_defs() + stays)
    until(lambda: "notify INSTANCE web DELETED 200" in diary.lines(), 10, "DELETED")
    until(lambda: "notify INSTANCE old FAULT 200" in diary.lines(), 10, "FAULT where there is no notify_deleted")
    until(lambda: by_kind(diary.lines(), "notify_deleted") and by_kind(diary.lines(), "notify_fault"), 10, "both scripts")
    assert "notify INSTANCE web FAULT 200" not in diary.lines()
    pair.wait_without("a")


def test_a_sync_group_tells_of_itself(pair):
    diary = Diary(pair, "a")
    text = global_defs() + sync_group("pairs", ["V51", "V52"], ['notify "%s"' % diary.script("notify")])
    text += instance(150) + instance(150, vips=["10.9.0.101"], vrid=52)
    pair.start("a", text)
    pair.wait_master("a", "10.9.0.101")
    until(lambda: "notify GROUP pairs MASTER 0" in diary.lines(), 3, "the group's script")
    assert diary.lines().count("notify GROUP pairs MASTER 0") == 1


def test_a_script_starts_clean_and_as_its_user(pair):
    """No real-time class, no blocked or ignored signals, no descriptors of ours, no bar to gaining privileges."""
    diary = Diary(pair, "a")
    report = os.path.join(diary.directory, "report")
    os.chmod(diary.directory, 0o777)
    # What the script itself is: without a shell's fork in between, whose children and waiting have other signal masks.
    probe = diary.script("probe", before="""ls /proc/self/fd >%s.fds; chrt -p $$ >%s.class
exec grep -E '^(Uid|SigBlk|SigIgn|NoNewPrivs|Seccomp):' /proc/self/status >%s""" % (report, report, report))
    pair.start("a", global_defs() + instance(255, state="MASTER", lines=['notify_master "%s" nobody' % probe]))

    def told():
        return os.path.exists(report) and "Seccomp:" in read(report)

    until(told, 10, "the script to have run")
    text = read(report)
    fields = dict(re.findall(r"^(\w+):\s+(.*)$", text, re.M))
    assert fields["Uid"].split() == ["65534"] * 4
    assert int(fields["SigBlk"], 16) == 0
    assert int(fields["SigIgn"], 16) == 0
    assert fields["NoNewPrivs"] == "0" and fields["Seccomp"] == "0"
    assert "SCHED_OTHER" in read(report + ".class")
    descriptors = set(read(report + ".fds").split())
    assert descriptors <= {"0", "1", "2", "3"}, "descriptors inherited (3 is the directory): %s" % descriptors


def test_a_failed_script_is_logged_with_its_status(pair):
    diary = Diary(pair, "a")
    path = diary.script("broken", before="exit 7")
    a = pair.start("a", global_defs() + instance(255, state="MASTER", lines=['notify_master "%s"' % path]))
    until(lambda: re.search(r"%s.*\b7\b" % re.escape(path), a.log()), 5, "the script's exit status in the log")


def test_an_unsafe_script_is_named_with_what_is_unsafe(pair):
    diary = Diary(pair, "a")
    path = diary.script("open-to-all")
    os.chmod(path, 0o777)
    text = global_defs("enable_script_security") + instance(255, state="MASTER", lines=['notify_master "%s"' % path])
    a = pair.start("a", text)
    until(lambda: path in a.log(), 5, "the script named in the log")
    pair.wait_master("a", timeout=5)
    assert not diary.lines(), "the unsafe script ran as root"


def user_with_groups():
    """The name of some user that is in more groups than one."""
    for entry in pwd.getpwall():
        if entry.pw_uid != 0 and len(os.getgrouplist(entry.pw_name, entry.pw_gid)) > 1:
            return entry
    return pytest.skip("no user of this machine is in several groups")


def groups_script(pair, name):
    """A script that writes its groups, and the file that has them then."""
    directory = pair.path("groups-" + name)
    os.mkdir(directory)
    os.chmod(directory, 0o777)
    script, file = os.path.join(directory, "script"), os.path.join(directory, "groups")
    with open(script, "w") as out:
        out.write("#!/bin/sh\nid -G >%s.new && mv %s.new %s\n" % (file, file, file))
    os.chmod(script, 0o755)
    return script, file


def wait_groups(file):
    until(lambda: os.path.exists(file), 20, "the script's groups")
    return {int(group) for group in read(file).split()}


def test_scripts_have_the_groups_of_their_user_where_wanted(pair):
    user = user_with_groups()
    every = set(os.getgrouplist(user.pw_name, user.pw_gid))
    plain, colon = groups_script(pair, "plain"), groups_script(pair, "colon")
    lines = ["notify_backup \"%s\" %s" % (plain[0], user.pw_name), "notify_master \"%s\" %s :" % (colon[0], user.pw_name)]
    a = pair.start("a", global_defs() + instance(200, lines=lines))
    assert wait_groups(plain[1]) == {user.pw_gid}
    assert wait_groups(colon[1]) == every
    a.stop()
    tracked = groups_script(pair, "tracked")
    text = "vrrp_script groups {\n    script %s\n    interval 1\n    user %s\n}\n" % (tracked[0], user.pw_name)
    pair.start("a", global_defs("set_supplementary_groups") + text + instance(200, lines=["track_script {\n groups\n}"]))
    assert wait_groups(tracked[1]) == every


@pytest.mark.parametrize("keyword, directory", [("", "real"), ("use_symlink_paths", "link")])
def test_a_script_knows_itself_by_its_real_path_or_its_link(pair, keyword, directory):
    top, told = pair.path("links"), pair.path("told")
    os.makedirs(os.path.join(top, "real"))
    os.symlink("real", os.path.join(top, "link"))
    with open(os.path.join(top, "real", "script"), "w") as file:
        file.write("#!/bin/sh\necho $0 >%s.new && mv %s.new %s\n" % (told, told, told))
    os.chmod(os.path.join(top, "real", "script"), 0o755)
    pair.start("a", global_defs(keyword) + instance(200, lines=["notify_master " + os.path.join(top, "link", "script")]))
    until(lambda: os.path.exists(told), 20, "the script to run")
    assert read(told).strip() == os.path.join(os.path.realpath(top), directory, "script")
