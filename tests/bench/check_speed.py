#!/usr/bin/env python3
"""How long `-t` of large configurations takes, beside another daemon in the same run.

    sudo ./check_speed.py --tandem BUILD/tandemd --peer '/usr/sbin/keepalived -t -f {conf}'

For each kind of file, at a quarter, half and all of its size, both programs take turns; a round is one run of
each. Printed are the medians of the rounds and their ratios (peer / tandem: above 1, tandem needs less), and
how each grows when the file doubles. The instances stand on veth interfaces of a network namespace of our
own, which is why root is needed: a name that no interface has would be complained of, and one interface has
only 255 router ids.

The machine may have other work to do: CPU time and, where perf can count them, instructions tell more then
than the clock. Nothing here passes or fails."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

IN_NAMESPACE = "CHECK_SPEED_IN_NAMESPACE"
INTERFACES = 64         # of 255 router ids each
POLL_SECONDS = 0.001    # between two looks at the peak

GLOBAL = """global_defs {
    router_id bench
    script_user root
    enable_script_security
}
"""


# ---------------------------------------------------------------- files

def servers(count, reals):
    """count virtual servers of that many real servers each, with TCP checks."""
    text = [GLOBAL]
    for i in range(count):
        text.append("virtual_server 10.%d.%d.%d 80 {\n    delay_loop 600\n    lb_algo rr\n    lb_kind NAT\n"
                    "    protocol TCP\n" % (100 + i // 62500, i // 250 % 250, i % 250 + 1))
        for j in range(i * reals, (i + 1) * reals):
            text.append("    real_server 127.%d.%d.%d 8080 {\n        weight 1\n        TCP_CHECK {\n"
                        "            connect_timeout 1\n        }\n    }\n"
                        % (1 + j // 62500, j // 250 % 250 + 1, j % 250 + 1))
        text.append("}\n")
    return "".join(text)


def instances(count, _):
    """count VRRP instances of one address each."""
    text = [GLOBAL]
    for i in range(count):
        text.append("vrrp_instance VI_%d {\n    state BACKUP\n    interface check%d\n    version 3\n"
                    "    virtual_router_id %d\n    priority 100\n    advert_int 1\n    virtual_ipaddress {\n"
                    "        10.%d.%d.%d/32\n    }\n}\n"
                    % (i, i // 255, i % 255 + 1, i // 62500, i // 250 % 250, i % 250 + 1))
    return "".join(text)


CASES = {
    "16,000 instances": (instances, 16000, 0),
    "8,000 virtual servers x 4": (servers, 8000, 4),
    "1 virtual server x 8,000": (lambda _, reals: servers(1, reals), 0, 8000),
}


def parts(case):
    """The file's text at a quarter, half and all of its size."""
    make, count, reals = CASES[case]
    for divisor in (4, 2, 1):
        yield 1 / divisor, make(count // divisor, reals if count else reals // divisor)


# ---------------------------------------------------------------- one run

def peak_kib(pid):
    try:
        with open("/proc/%d/status" % pid) as status:
            return max((int(line.split()[1]) for line in status if line.startswith("VmHWM")), default=0)
    except OSError:
        return 0


def run(command):
    """Seconds of the clock and of CPU, peak memory in MiB; waits for the end."""
    null = os.open("/dev/null", os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    os.close(null)
    peak = 0
    while True:
        ended, _, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        peak = max(peak, peak_kib(pid))
        time.sleep(POLL_SECONDS)
    return {"ms": (time.monotonic() - start) * 1e3, "CPU ms": (usage.ru_utime + usage.ru_stime) * 1e3,
            "peak MiB": peak / 1024}


def instructions(command):
    """Millions executed in user mode; None where they cannot be counted."""
    if shutil.which("perf") is None:
        return None
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", out.name, "--", *command],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for line in out:
            field = line.split(",")
            if len(field) > 2 and field[2].startswith("instructions") and field[0].isdigit():
                return int(field[0]) / 1e6
    return None


# ---------------------------------------------------------------- turns and tables

def measure(commands, rounds):
    """{program: {figure: median}}"""
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    medians = {name: {figure: statistics.median(r[figure] for r in samples) for figure in samples[0]}
               for name, samples in runs.items()}
    for name, command in commands.items():
        count = instructions(command)
        if count is not None:
            medians[name]["million instructions"] = count
    return medians


def table(case, sizes):
    print("\n%s" % case)
    figures = [f for f in sizes[-1][1]["tandem"] if all(f in m[p] for _, m in sizes for p in m)]
    for figure in figures:
        print("  %-22s" % figure, end="")
        for part, medians in sizes:
            mine, theirs = medians["tandem"][figure], medians["peer"][figure]
            print("  | %4.2g: %8.1f %8.1f x %5.2f" % (part, theirs, mine, theirs / mine if mine else 0), end="")
        growth = [[sizes[i + 1][1][p][figure] / sizes[i][1][p][figure] for i in range(len(sizes) - 1)]
                  for p in ("peer", "tandem") if all(m[p][figure] for _, m in sizes)]
        print("  | doubled: " + ", ".join("/".join("%.2f" % g for g in row) for row in growth))


def make_interfaces():
    batch = "".join("link add check%d type veth peer name check%d\n" % (i, i + 1) for i in range(0, INTERFACES, 2))
    batch += "".join("link set check%d up\n" % i for i in range(INTERFACES))
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", required=True, help="tandemd")
    parser.add_argument("--peer", required=True, help="command with {conf} for the file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    parser.add_argument("--keep", help="directory for the files, kept afterwards")
    options = parser.parse_args()
    if IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])
    make_interfaces()
    print("figure | part of the size: peer, tandem, x peer / tandem | growth of peer, of tandem")
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(options.keep or scratch, "check.conf")
        for case in options.case or CASES:
            sizes = []
            for part, text in parts(case):
                with open(path, "w") as f:
                    f.write(text)
                commands = {"peer": [word.format(conf=path) for word in options.peer.split()],
                            "tandem": [options.tandem, "-t", "-f", path]}
                sizes.append((part, measure(commands, options.rounds)))
            table(case, sizes)


if __name__ == "__main__":
    main()
