"""Runs inside a tenant: tells in JSON what it is and what it gets away with, then waits to be ended.

Every attempt reports "did it" or the error's name; a test decides what it should have been.
"""

import ctypes
import errno
import fcntl
import glob
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID = 0x10000000, 0x00020000, 0x40000000, 0x20000000
X86_64 = dict(mount=165, umount2=166, pivot_root=155, chroot=161, unshare=272, setns=308, mknodat=259, ptrace=101,
              clone3=435, keyctl=250, bpf=321, perf_event_open=298, io_uring_setup=425, userfaultfd=323,
              kexec_load=246, init_module=175, finit_module=313, swapon=167, reboot=169, syslog=103, acct=163,
              settimeofday=164, clock_settime=227, open_by_handle_at=304, process_vm_readv=310, pidfd_getfd=438,
              open_tree=428, fsopen=430, move_mount=429, mount_setattr=442, sethostname=170, iopl=172,
              fanotify_init=300, quotactl=179, add_key=248, request_key=249)
AARCH64 = dict(mount=40, umount2=39, pivot_root=41, chroot=51, unshare=97, setns=268, mknodat=33, ptrace=117,
               clone3=435, keyctl=219, bpf=280, perf_event_open=241, io_uring_setup=425, userfaultfd=282,
               kexec_load=104, init_module=105, finit_module=273, swapon=224, reboot=142, syslog=116, acct=89,
               settimeofday=170, clock_settime=112, open_by_handle_at=265, process_vm_readv=270, pidfd_getfd=438,
               open_tree=428, fsopen=430, move_mount=429, mount_setattr=442, sethostname=161, iopl=-1,
               fanotify_init=262, quotactl=60, add_key=217, request_key=218)
NUMBERS = AARCH64 if os.uname().machine == "aarch64" else X86_64


def outcome(action):
    """What comes of it: "did it", or the name of the error."""
    try:
        action()
        return "did it"
    except OSError as fault:
        return errno.errorcode.get(fault.errno, str(fault.errno))


def call(name, *arguments):
    """Makes a system call by its number, so that no library stands between."""
    def action():
        values = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
        if libc.syscall(ctypes.c_long(NUMBERS[name]), *values) < 0:
            raise OSError(ctypes.get_errno(), name)
    return outcome(action)


def in_child(action):
    """The same in a child, for what would change this process if it succeeded."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, action().encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 100).decode()
    os.close(reader)
    os.waitpid(child, 0)
    return said or "died"


def text(path):
    with open(path) as file:
        return file.read()


def writes(path, data=b"1"):
    def action():
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
    return outcome(action)


def reads(path):
    def action():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.read(descriptor, 1)
        finally:
            os.close(descriptor)
    return outcome(action)


def take_descriptor():
    if libc.syscall(ctypes.c_long(NUMBERS["pidfd_getfd"]), os.pidfd_open(1), 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")


def attempts():
    return {
        "mount a tmpfs": call("mount", b"none", b"/tmp", b"tmpfs", 0, 0),
        "make the root writable": call("mount", b"none", b"/", b"", 32 | 4096, 0),
        "take a mask away": call("umount2", b"/proc/kcore", 2),
        "make a mount context": call("fsopen", b"tmpfs", 0),
        "copy a mount": call("open_tree", -100, b"/usr", 1),
        "change a mount": call("mount_setattr", -100, b"/", 0, 0, 0),
        "pivot the root": call("pivot_root", b"/tmp", b"/tmp"),
        "chroot": in_child(lambda: call("chroot", b"/tmp")),
        "unshare a user namespace": in_child(lambda: call("unshare", CLONE_NEWUSER)),
        "unshare a mount namespace": in_child(lambda: call("unshare", CLONE_NEWNS)),
        "unshare a network namespace": in_child(lambda: call("unshare", CLONE_NEWNET)),
        "clone3": in_child(lambda: call("clone3", b"\0" * 88, 88)),
        "join the namespaces of PID 1": in_child(lambda: outcome(
            lambda: os.setns(os.open("/proc/1/ns/mnt", os.O_RDONLY), 0))),
        "make a disk's node": outcome(lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(254, 0))),
        "make a null node": outcome(lambda: os.mknod("/tmp/null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))),
        "trace PID 1": call("ptrace", 16, 1, 0, 0),
        "read the program of PID 1": reads("/proc/1/exe"),
        "see the program of PID 1": outcome(lambda: os.readlink("/proc/1/exe")),
        "read the memory of PID 1": reads("/proc/1/mem"),
        "read the environment of PID 1": reads("/proc/1/environ"),
        "see the descriptors of PID 1": outcome(lambda: os.listdir("/proc/1/fd")),
        "enter the root of PID 1": outcome(lambda: os.listdir("/proc/1/root/")),
        "take a descriptor of PID 1": outcome(take_descriptor),
        "kill PID 1": outcome(lambda: os.kill(1, signal.SIGKILL)),
        "use keys": call("keyctl", 0, -3, 0),
        "load a BPF program": call("bpf", 5, 0, 0),
        "count performance events": call("perf_event_open", 0, 0, -1, -1, 0),
        "make an io_uring": call("io_uring_setup", 1, 0),
        "handle page faults": call("userfaultfd", 0),
        "load a kernel": call("kexec_load", 0, 0, 0, 0),
        "load a module": call("init_module", 0, 0, 0),
        "swap": call("swapon", b"/tmp/x", 0),
        "reboot": call("reboot", 0xFEE1DEAD, 672274793, 0),
        "read the kernel's log": call("syslog", 3, 0, 0),
        "write accounts": call("acct", 0),
        "set the clock": call("clock_settime", 0, struct.pack("qq", 1, 0)),
        "open a file by its handle": call("open_by_handle_at", -100, b"\0" * 64, 0),
        "watch a file system": call("fanotify_init", 0, 0),
        "set the host name": call("sethostname", b"other", 5),
        "write /proc/sys": writes("/proc/sys/kernel/core_pattern"),
        "write sysrq-trigger": writes("/proc/sysrq-trigger", b"h"),
        "read kcore": reads("/proc/kcore") if os.path.getsize("/proc/kcore") else "empty",
        "make a group": outcome(lambda: os.mkdir("/sys/fs/cgroup/more")),
        "raise its own memory limit": writes("/sys/fs/cgroup/memory.max", b"max"),
        "leave its group": writes("/sys/fs/cgroup/cgroup.procs", b"0"),
        "write into the root": outcome(lambda: os.mkdir("/more")),
        "write into /usr": outcome(lambda: os.mkdir("/usr/more")),
        "write into /etc": outcome(lambda: os.mkdir("/etc/more")),
        "write into /dev": outcome(lambda: os.mkdir("/dev/more")),
        "read /etc/shadow": reads("/etc/shadow"),
        "read the lab's secret": reads("/etc/ssl/lab-secret"),
        "lower its OOM score": writes("/proc/self/oom_score_adj", b"-500"),
        "raise its priority": in_child(lambda: outcome(lambda: os.nice(-5))),
        "open a raw socket": outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()),
        "reach out": outcome(lambda: socket.create_connection(("192.0.2.1", 80), 1)),
    }


def interfaces():
    """Names of the network's interfaces, each with whether it is up."""
    found = {}
    for line in text("/proc/net/dev").splitlines()[2:]:
        name = line.split(":")[0].strip()
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                flags = fcntl.ioctl(probe, 0x8913, struct.pack("16sH14x", name.encode(), 0))
            found[name] = "up" if struct.unpack("16sH14x", flags)[1] & 1 else "down"
        except OSError as fault:
            found[name] = errno.errorcode.get(fault.errno)
    return found


def facts():
    status = dict(line.split(":\t", 1) for line in text("/proc/self/status").splitlines() if ":\t" in line)
    mounts = []
    for line in text("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ")
        mounts.append({"root": left.split()[3], "target": left.split()[4], "options": left.split()[5],
                       "type": right.split()[0]})
    return {
        "status": {key: status[key].strip() for key in (
            "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
            "Seccomp_filters", "SigBlk", "SigIgn", "Cpus_allowed", "Mems_allowed_list", "NSpid")},
        "securebits": libc.prctl(27),
        "dumpable": libc.prctl(3),
        "mounts": mounts,
        "descriptors": sorted(int(d) for d in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{d}")),
        "hostname": os.uname().nodename,
        "interfaces": interfaces(),
        "namespaces": {os.path.basename(path): os.readlink(path) for path in glob.glob("/proc/self/ns/*")},
        "uid_map": text("/proc/self/uid_map").split(),
        "gid_map": text("/proc/self/gid_map").split(),
        "cgroup": text("/proc/self/cgroup").split(),
        "oom_score_adj": int(text("/proc/self/oom_score_adj")),
        "nice": os.nice(0),
        "scheduler": os.sched_getscheduler(0),
        "ioprio": libc.syscall(ctypes.c_long(252 if NUMBERS is X86_64 else 31), 1, 0),
        "timer_slack": libc.prctl(30),
        "rlimits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource)
                    if name.startswith("RLIMIT_")},
        "umask": os.umask(0),
        "session": [os.getsid(0), os.getpgid(0), os.getpid(), os.getppid()],
        "directory": os.getcwd(),
        "environment": dict(os.environ),
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "user_namespaces": text("/proc/sys/user/max_user_namespaces").strip(),
        "personality": text("/proc/self/personality").strip() if os.path.exists("/proc/self/personality") else "",
        "present": [path for path in ("/run", "/var", "/home", "/root", "/srv", "/mnt", "/media", "/boot", "/opt",
                                      "/lab", "/sys/kernel", "/sys/class", "/sys/devices", "/dev/mem", "/dev/kmsg",
                                      "/dev/vda", "/dev/nvme0n1", "/etc/shadow", "/etc/gshadow", "/etc/sudoers",
                                      "/etc/machine-id", "/etc/ssh", "/etc/isolated")
                    if os.path.lexists(path)],
        "files": {path: sorted(os.listdir(path)) for path in ("/run", "/var", "/home", "/root")
                  if os.path.isdir(path)},
        "devices": sorted(name for name in os.listdir("/dev")),
        "set-id mounts": [m["target"] for m in mounts if "nosuid" not in m["options"].split(",")],
        "attempts": attempts(),
    }


if __name__ == "__main__":
    json.dump(facts(), sys.stdout)
    print(flush=True)
    if sys.argv[1:] == ["stay"]:
        time.sleep(3600)
