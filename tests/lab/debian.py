"""Debian packages of the source under test, and a root to install them in: this machine's files, overlaid, without a network."""
import glob
import os
import shutil
import subprocess
import tempfile

from lab.daemon import build_directory
from lab.programs import Installation


def run(*words, **more):
    """A command's output; fails the test if the command fails."""
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    assert done.returncode == 0, "%s: %d\n%s" % (" ".join(words), done.returncode, done.stdout[-20000:])
    return done.stdout


def build_packages(directory):
    """From the distribution archive, as a user would; the path of the .changes file."""
    run("make", "-s", "dist", cwd=build_directory())
    archive = sorted(glob.glob(build_directory() + "/tandem-*.tar.xz"))[-1]
    run("tar", "xf", archive, "-C", directory)
    source = archive.rpartition("/")[2].removesuffix(".tar.xz")
    # The unit tests run elsewhere.
    run("dpkg-buildpackage", "-us", "-uc", "-j%d" % os.cpu_count(), cwd=os.path.join(directory, source),
        env={**os.environ, "DEB_BUILD_OPTIONS": "nocheck"})
    return glob.glob(directory + "/*.changes")[0]


def another_version(package, version, directory, change=lambda root: None):
    """The package again, as a later version whose programs say so; its path. change(folder) may change its files."""
    ours = Installation.built_version()
    assert len(version) == len(ours)
    root = os.path.join(directory, version)
    run("dpkg-deb", "-R", package, root)
    for path in glob.glob(root + "/usr/*/tandem*") + glob.glob(root + "/usr/libexec/tandem/*"):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                program = file.read()
            with open(path, "wb") as file:
                file.write(program.replace(ours.encode(), version.encode()))
    with open(root + "/DEBIAN/control") as file:
        control = file.read()
    with open(root + "/DEBIAN/control", "w") as file:
        file.write(control.replace("Version: " + ours, "Version: " + version))
    change(root)
    path = os.path.join(directory, "tandem_%s.deb" % version)
    run("dpkg-deb", "--root-owner-group", "-b", root, path)
    shutil.rmtree(root)
    return path


SET_UP = """
set -e
mount -t tmpfs tmpfs {0}
mkdir {0}/upper {0}/work {0}/root
mount -t overlay overlay -o lowerdir=/,upperdir={0}/upper,workdir={0}/work {0}/root
mount -t proc proc {0}/root/proc
mount --rbind /dev {0}/root/dev
mount -t tmpfs tmpfs {0}/root/run
echo ready
exec sleep infinity
"""


class Root:
    """A file system to install in, seen only by its own mount namespace, which lasts until close()."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="tandem-root-", dir="/run")
        self.holder = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c",
                                        SET_UP.format(self.directory)], text=True, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == "ready\n", "no overlay of this machine's root"

    def command(self, *words):
        """The words that run a command in it."""
        return ["nsenter", "-m", "-t", str(self.holder.pid), "--", "chroot", self.directory + "/root"] + list(words)

    def run(self, *words):
        return run(*self.command(*words), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8",
                                               "PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"})

    def path(self, name):
        """Where the file of that absolute name is for us."""
        return "/proc/%d/root%s/root%s" % (self.holder.pid, self.directory, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def copy_in(self, path):
        """Under /root; the name there."""
        shutil.copy(path, self.path("/root"))
        return "/root/" + os.path.basename(path)

    def changed(self):
        """Names of all files that differ from this machine's, those removed included; not below /run."""
        upper = "/proc/%d/root%s/upper" % (self.holder.pid, self.directory)
        return sorted(os.path.join(folder, name).removeprefix(upper)
                      for folder, _, names in os.walk(upper) for name in names)

    def close(self):
        self.holder.kill()
        self.holder.wait()
        os.rmdir(self.directory)
