"""Attacks on a tenant's wall, from inside: wall-probe.py DEED [ARG...] [+ DEED [ARG...]]... Prints what comes of it: "did it", or the error."""

import ctypes
import errno
import fcntl
import os
import resource
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
X86_64 = os.uname().machine == "x86_64"
KEYCTL, PRCTL, MOUNT = (250, 157, 165) if X86_64 else (219, 167, 40)
MS_REMOUNT, MS_BIND = 32, 4096


def called(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def call(number, *arguments):
    values = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    return called(libc.syscall(ctypes.c_long(number), *values))


def remount(path):
    """The trick of whoever holds CAP_SYS_ADMIN inside: the mount's own read-only flag taken off."""
    call(MOUNT, b"none", path.encode(), b"", MS_REMOUNT | MS_BIND, 0)


def remount_whole(path):
    """The file system's own read-only flag taken off."""
    call(MOUNT, b"none", path.encode(), b"", MS_REMOUNT, 0)


def mount_over(path):
    call(MOUNT, b"none", path.encode(), b"tmpfs", 0, 0)


def write(path):
    file = os.open(path, os.O_WRONLY if path.startswith("/proc") else os.O_WRONLY | os.O_APPEND)
    os.write(file, b"x")
    os.close(file)


def truncate(path):
    os.truncate(path, 0)


def read(path):
    with open(path, "rb") as file:
        return file.read(4096).decode(errors="replace")


def make(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))


def mkdir(path):
    os.mkdir(path)


def rename(old, new):
    os.rename(old, new)


def link(old, new):
    os.link(old, new)


def socket_file(path):
    socket.socket(socket.AF_UNIX).bind(path)


def queue(name):
    called(libc.mq_open(name.encode(), os.O_CREAT | os.O_RDWR, 0o600, None))
    called(libc.mq_unlink(name.encode()))


def connect(name):
    socket.socket(socket.AF_UNIX).connect("\0" + name)


def bind_port(port):
    socket.socket(socket.AF_INET).bind(("127.0.0.1", int(port)))


def connect_port(port):
    socket.create_connection(("127.0.0.1", int(port)), 2)


def search_key(keyring, description):
    """A key of the host's, by what any keyring that can be reached has."""
    return str(call(KEYCTL, 10, int(keyring), b"user", description.encode(), 0))


def read_key(number):
    buffer = ctypes.create_string_buffer(64)
    got = called(libc.syscall(ctypes.c_long(KEYCTL), 11, ctypes.c_long(int(number)), buffer, 64))
    return buffer.raw[:got].decode()


def keyring(which):
    """The number of a keyring that every process has, such as -3, its session's."""
    return str(call(KEYCTL, 0, int(which), 0))


def huge_page():
    """A page that the administrator may have set aside for others."""
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, ctypes.c_size_t(2 << 20), 3, 0x40022, -1, ctypes.c_long(0)) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


def socket_family(number):
    socket.socket(int(number), socket.SOCK_DGRAM)


def raise_core():
    """A limit of 0, which handlers of core dumps do not heed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return core_limits()


def cookie():
    """The core scheduling cookie of this process: 0 shares cores with everybody."""
    value = ctypes.c_ulong(0)
    called(libc.prctl(62, 0, 0, 0, ctypes.byref(value)))
    return str(value.value)


def fill(path, mebibytes):
    written = 0
    try:
        with open(path, "wb", buffering=0) as file:
            for _ in range(int(mebibytes)):
                written += file.write(b"x" * 1048576)
            os.fsync(file.fileno())
    except OSError as fault:
        return f"{errno.errorcode[fault.errno]} after {written >> 20} MiB"
    return f"{written >> 20} MiB"


def make_many(directory, count):
    for number in range(int(count)):
        try:
            os.close(os.open(f"{directory}/{number}", os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError as fault:
            return f"{errno.errorcode[fault.errno]} after {number}"
    return f"{count} files"


def leave_project(path):
    """Back into the project of nobody, where no bound counts."""
    file = os.open(path, os.O_RDONLY)
    attributes = bytearray(28)
    fcntl.ioctl(file, 0x801C581F, attributes)
    flags, extent, extents, _, cow = struct.unpack_from("IIIII", attributes)
    fcntl.ioctl(file, 0x401C5820, struct.pack("IIIII8x", flags & ~0x200, extent, extents, 0, cow))


def new_subvolume(path):
    """Of btrfs: anybody may make one, and a bound on the subvolume around it does not count what lies in it."""
    directory, name = os.path.split(path)
    fcntl.ioctl(os.open(directory, os.O_RDONLY), 0x5000940E, bytearray(struct.pack("q4088s", 0, name.encode())))


def owners(directory):
    return " ".join(f"{name}:{os.lstat(directory + '/' + name).st_uid}" for name in sorted(os.listdir(directory)))


def unlink(path):
    os.unlink(path)


def core_limits():
    return "{} {}".format(*resource.getrlimit(resource.RLIMIT_CORE))


def crash():
    os.abort()


def main():
    deeds = [[]]
    for word in sys.argv[1:]:
        if word == "+":
            deeds.append([])
        else:
            deeds[-1].append(word)
    for deed, *arguments in deeds:
        try:
            print(globals()[deed](*arguments) or "did it", flush=True)
        except OSError as fault:
            print(errno.errorcode.get(fault.errno, str(fault.errno)), flush=True)


main()
