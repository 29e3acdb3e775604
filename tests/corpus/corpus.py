"""Where other people's configuration files are, and those of them that cannot run, with the reason.

The files lie beside the checkout and are no part of it. Without them every test here is skipped.
"""
import csv
import os

FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "corpus"))
ABSENT = "SKIPPED: there is no corpus of configurations at " + FOLDER

# Files that ask for nothing a daemon could do: the reason is a mistake in the file, and what keepalived 2.4.3 makes of it
# is the same.
UNFIT = {
    "052-elyesbenamor-IP-failover-keepalived-vrrp.conf":
        "mcast_src_ip has a block where its address belongs; without the argument nothing can start",
    "054-fcwu-glusterfs-keepalived.conf":
        "interface has no argument: a template whose fields were never filled in",
    "065-hanxueluo-gittrace.conf":
        "a sync group of two instances, and neither instance is in the file",
    "073-hsksyusk-topecongiro-etc.conf":
        "virtual_server_group is written where virtual_server is meant: no virtual server is left",
}
# A promise: of the users' files no more than these may be unfit.
MOST_UNFIT = 8


def is_here():
    return os.path.isdir(FOLDER)


def users_files():
    """Names of the files that somebody ran, or meant to."""
    if not is_here():
        return []
    with open(os.path.join(FOLDER, "sources.tsv"), newline="") as table:
        return [row["file"] for row in csv.DictReader(table, delimiter="\t") if row["origin"] == "user"]


def text(name):
    """Byte for byte what the author left: carriage returns, and bytes that are no UTF-8 as surrogates."""
    with open(os.path.join(FOLDER, "conf", name), encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()
