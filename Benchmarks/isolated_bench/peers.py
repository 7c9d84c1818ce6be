"""The commands that are compared: each runs /bin/true in what isolation it has to offer."""

import json
import shutil
import subprocess

POLICY = """\
tenant: bench
command: [/bin/true]
enforcement: best-effort
cpu: {weight: 100, max: 150%}
memory: {max: 64MiB}
pids: {max: 64}
"""

# The same directories as a tenant's root has, and the same fresh file systems.
BWRAP = """
bwrap --unshare-all --new-session --die-with-parent --cap-drop ALL --hostname bench
 --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib --symlink usr/lib64 /lib64
 --ro-bind /etc /etc --proc /proc --dev /dev --mqueue /dev/mqueue --tmpfs /dev/shm --tmpfs /tmp
 --chdir / -- /bin/true
""".split()


class Peer:
    """A command with the name under which it is reported."""

    def __init__(self, name, command, note, environment=None):
        self.name = name
        self.command = command
        self.note = note
        self.environment = environment


def start_up_peers(workspace, daemon, bin_directory):
    """All that are installed here; isolated comes last."""
    policy = daemon.policy("bench", POLICY)
    peers = [
        Peer("fork+exec", ["/bin/true"], "no isolation: the floor"),
        Peer("unshare", ["unshare", "-fpmuinUC", "/bin/true"], "7 namespaces, no root of its own"),
    ]
    if shutil.which("bwrap"):
        peers.append(Peer("bwrap", BWRAP, "7 namespaces, the same binds; no group, no seccomp"))
        peers.append(Peer("bwrap again", BWRAP, "the same again: this spread is noise"))
    for name, options in (("crun", ["--cgroup-manager=cgroupfs"]), ("runc", [])):
        if shutil.which(name):
            bundle = make_bundle(workspace.path / name, f"/{workspace.group.name}/{name}")
            command = [name, "--root", str(workspace.path / f"{name}-state"), *options, "run", "--bundle", str(bundle),
                       f"bench-{name}"]
            peers.append(Peer(name, command, "6 namespaces (no user namespace), group; no seccomp profile"))
    isoctl = [str(bin_directory / "isoctl"), "run", "-f", str(policy), "--", "/bin/true"]
    peers.append(Peer("isoctl run", isoctl, "7 namespaces with user and id range, group, seccomp, through the daemon",
                      daemon.environment()))
    return [Peer(peer.name, [shutil.which(peer.command[0]) or peer.command[0], *peer.command[1:]], peer.note,
                 peer.environment) for peer in peers]


def make_bundle(directory, group):
    """An OCI bundle as `crun spec` makes it, with the host's programs beneath a root of its own."""
    root = directory / "rootfs"
    for name in ("proc", "dev", "sys", "tmp", "usr", "etc"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    generator = "crun" if shutil.which("crun") else "runc"
    subprocess.run([generator, "spec"], cwd=directory, check=True)
    path = directory / "config.json"
    bundle = json.loads(path.read_text())
    bundle["process"]["terminal"] = False
    bundle["process"]["args"] = ["/bin/true"]
    for host in ("/usr", "/etc"):
        bundle["mounts"].append({"destination": host, "type": "bind", "source": host,
                                 "options": ["bind", "ro", "nosuid", "nodev"]})
    bundle["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]})
    bundle["linux"]["cgroupsPath"] = group
    # A device filter needs more rights than some build machines give, and the others have none here either.
    bundle["linux"]["resources"] = {}
    path.write_text(json.dumps(bundle))
    return directory
