"""`make service`: deploy/smsc.service under a real systemd, tried the way an operator lives with it.

    python tools/service.py [WHEEL]       # dist/'s wheel of CPython 3.11 for this machine

systemd is Debian's, in a root of its own and in namespaces of its own: process 1 of its world, nothing of
this machine's. It needs root. The unit must become active by its notification, run as nobody in particular
with its store at the promised place, come back after a kill with what it had acknowledged, and stop in time.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import debian
import smoke

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "service"
PYTHON = "3.11"
PACKAGES = ("systemd", "systemd-sysv", "dbus")
PATIENCE = 120.0
TOKEN = "tried"
#: Of `systemd-analyze security`: 0 is shut in, 10 is open.
EXPOSURE = 2.0

#: Where control groups are, of the one or the other generation: one of our own below each.
HIERARCHIES = [Path("/sys/fs/cgroup", name) for name in ("systemd", "unified", "")]

#: Mounts of a world of its own; then systemd takes its place as process 1.
BOOT = r"""
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
  set -- $device
  mknod -m 666 "$root/dev/$1" c "$2" "$3"
done
if test -d /sys/fs/cgroup/systemd; then
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
ip link set lo up 2>/dev/null || true
cd "$root"
pivot_root . mnt
umount -l mnt
exec env -i container=smsc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd
"""


def install(root: Path, wheel: Path) -> None:
    """The wheel and what it needs in /opt/smsc, the unit, and a configuration."""
    folder = root / "opt" / "smsc"
    shutil.rmtree(folder, ignore_errors=True)
    run("chroot", root, "python3", "-m", "venv", "--without-pip", "/opt/smsc")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
    pip += ["--upgrade", "--target", str(folder / "lib" / f"python{PYTHON}" / "site-packages")]
    run(*pip, "--require-hashes", "--only-binary=:all:", f"--python-version={PYTHON}", "-r", smoke.LOCK)
    run(*pip, "--no-index", wheel)
    command = folder / "bin" / "smsc"
    command.write_text(
        "#!/opt/smsc/bin/python3\nfrom smsc.__main__ import main\n\nmain()\n", encoding="utf-8"
    )
    command.chmod(0o755)
    units = root / "etc" / "systemd" / "system"
    shutil.copy(ROOT / "deploy" / "smsc.service", units)
    wanted = units / "multi-user.target.wants" / "smsc.service"
    wanted.parent.mkdir(exist_ok=True)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to("../smsc.service")
    (root / "etc" / "smsc").mkdir(exist_ok=True)
    (root / "etc" / "smsc" / "smsc.toml").write_text('extends = "demo"\n', encoding="utf-8")
    secrets = root / "etc" / "smsc" / "secrets.env"
    secrets.write_text(f"SMSC_HTTP__TOKEN={TOKEN}\n", encoding="utf-8")
    secrets.chmod(0o600)
    shutil.rmtree(root / "var" / "lib" / "private", ignore_errors=True)


def run(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}")


class World:
    """A booted systemd, by its process id out here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def ask(self, *command: str) -> str:
        """What a command in there prints, whatever its exit status."""
        words = ["nsenter", f"--target={self.pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        words += [f"--root=/proc/{self.pid}/root", "--wd=/", *command]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SMSC_HTTP__TOKEN": TOKEN, "LANG": "C.UTF-8"}
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE
        )
        return (done.stdout + done.stderr).strip()

    def show(self, key: str) -> str:
        return self.ask("systemctl", "show", "--value", f"--property={key}", "smsc.service")

    def until(self, key: str, wanted: str) -> float:
        """Wait for a property of the unit; seconds it took."""
        begun = time.monotonic()
        while (found := self.show(key)) != wanted:
            if time.monotonic() - begun > PATIENCE or self.show("ActiveState") == "failed":
                log = self.ask("journalctl", "--no-pager", "--lines=40")
                raise smoke.Failed(f"{key} is {found}, expected {wanted}\n{log}")
            time.sleep(0.1)
        return time.monotonic() - begun


@contextlib.contextmanager
def booted(root: Path) -> Iterator[World]:
    """systemd as process 1 of namespaces that end with the block."""
    log = (WORK / "boot.log").open("wb")
    groups = [path / "smsc-service" for path in HIERARCHIES if (path / "cgroup.procs").exists()]
    for group in groups:
        group.mkdir(exist_ok=True)
    join = "".join(f"echo $$ > {group}/cgroup.procs; " for group in groups) + 'exec "$@"'
    spaces = ["--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup", "--kill-child=KILL"]
    outer = subprocess.Popen(
        ["sh", "-c", join, "join", "unshare", *spaces, "sh", "-c", BOOT, "boot", str(root)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        begun = time.monotonic()
        while True:
            children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
            found = children.read_text().split() if children.exists() else []
            if found and Path(f"/proc/{found[0]}/comm").read_text().strip() == "systemd":
                break
            if outer.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise smoke.Failed(f"systemd did not start: {(WORK / 'boot.log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield World(int(found[0]))
        os.kill(int(found[0]), signal.SIGKILL)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(outer.pid, signal.SIGKILL)
        outer.wait()
        log.close()
        for group in groups:
            remove(group)


def remove(group: Path) -> None:
    """A control group and those below it, once the last of their processes is gone."""
    deadline = time.monotonic() + PATIENCE
    while group.exists() and time.monotonic() < deadline:
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        time.sleep(0.05)


def attempt(world: World) -> str:
    """All that the unit promises; a line on what was seen."""
    started = world.until("ActiveState", "active")
    smsc = ("/opt/smsc/bin/smsc",)
    told = world.ask(*smsc, "send", "--from", "4790000001", "--to", "4799000020", "Er du framme?")
    expect("the message", told, "accepted: ")
    process = world.show("MainPID")
    status = world.ask("cat", f"/proc/{process}/status")
    expect(
        "a user of its own", str("Uid:\t0" not in status and "CapEff:\t0000000000000000" in status), "True"
    )
    expect("the store", world.ask("ls", "/var/lib/private/smsc"), "smsc.db")
    world.ask("systemctl", "kill", "--signal=KILL", "smsc.service")
    world.until("NRestarts", "1")
    again = world.until("ActiveState", "active")
    ident = told.split()[1]
    kept = world.ask(*smsc, "explain", ident, "--token", TOKEN)
    expect("what was acknowledged", kept, f"Message {ident} ")
    told = world.ask("systemd-analyze", "security", "--no-pager", "smsc.service").rpartition(
        "smsc.service: "
    )[2]
    exposure = float(told.split()[0])
    if exposure > EXPOSURE:
        raise smoke.Failed(f"exposure {exposure}, expected {EXPOSURE} or less")
    begun = time.monotonic()
    world.ask("systemctl", "stop", "smsc.service")
    stopped = time.monotonic() - begun
    expect("the end", f"{world.show('ActiveState')} {world.show('Result')}", "inactive success")
    version = world.ask("systemctl", "--version").split()[1]
    return (
        f"systemd {version}: active after {started:.1f} s, after kill -9 again in {again:.1f} s with what it "
        f"had acknowledged, stopped in {stopped:.1f} s; exposure {exposure}"
    )


def expect(what: str, found: str, wanted: str) -> None:
    if wanted not in found:
        raise smoke.Failed(f"{what}: {found!r}, expected {wanted!r}")


def main(arguments: list[str]) -> int:
    if os.geteuid() != 0:
        sys.exit("root is needed, for namespaces with a control group of their own")
    pattern = f"*-cp{PYTHON.replace('.', '')}-*{os.uname().machine}.whl"
    wheels = [Path(one) for one in arguments] or sorted((ROOT / "dist").glob(pattern))
    if not wheels:
        sys.exit(f"no dist/{pattern}: make wheel")
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        root = debian.root(PYTHON, os.uname().machine, WORK, *PACKAGES, variant="minbase")
    except debian.Unavailable as why:
        sys.exit(f"no systemd to try it with: {why}")
    install(root, wheels[-1].resolve())
    try:
        with booted(root) as world:
            print(f"smsc.service under {attempt(world)}")
    except smoke.Failed as why:
        sys.exit(str(why))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
