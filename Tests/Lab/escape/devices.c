/* Device nodes and terminals. */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>

static int open_node(const char *path, mode_t kind, unsigned int major, unsigned int minor, int flags)
{
    unlink(path);
    must(mknod(path, kind | 0600, makedev(major, minor)), "mknod");
    return (int)must(open(path, flags), "open the node");
}

static void disk_node(void)
{
    char block[4096];
    int disk = open_node("/tmp/disk", S_IFBLK, (unsigned int)fact("DISK_MAJOR"), (unsigned int)fact("DISK_MINOR"),
                         O_RDONLY);
    must(read(disk, block, sizeof block), "read the disk");
    escaped("read the host's disk");
}

static void memory_node(void)
{
    open_node("/tmp/mem", S_IFCHR, 1, 1, O_RDWR);
    escaped("opened the machine's memory");
}

static void log_node(void)
{
    open_node("/tmp/kmsg", S_IFCHR, 1, 11, O_WRONLY);
    escaped("opened the kernel's log for writing");
}

static void null_node(void)
{
    open_node("/tmp/null", S_IFCHR, 1, 3, O_WRONLY);
    escaped("made a device node");
}

static _Noreturn void open_first(const char *path, const char *through_old_root, const char *what)
{
    if (open(path, O_RDWR | O_NONBLOCK) >= 0)
        escaped("opened %s", path);
    if (errno == ENOENT && open(through_old_root, O_RDWR | O_NONBLOCK) >= 0)
        escaped("opened %s", through_old_root);
    refused("open %s", what);
}

static void host_disk(void)
{
    open_first("/dev/vda", "/../dev/vda", "the host's disk");
}

static void tunnel(void)
{
    open_first("/dev/net/tun", "/../dev/net/tun", "/dev/net/tun");
}

static void fuse(void)
{
    open_first("/dev/fuse", "/../dev/fuse", "/dev/fuse");
}

/* A pseudo-terminal of its own, as the controlling terminal. The attack's process leads a group already and can't lead
 * a session: a child of it goes on. */
static int own_terminal(void)
{
    int status;
    pid_t child = (pid_t)must(fork(), "fork");
    if (child > 0) {
        waitpid(child, &status, 0);
        _exit(0);
    }
    setsid();
    int unlocked = 0, master = (int)must(open("/dev/ptmx", O_RDWR | O_NOCTTY), "open /dev/ptmx");
    must(ioctl(master, TIOCSPTLCK, &unlocked), "unlock the terminal");
    int slave = (int)must(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY), "open the terminal");
    ioctl(slave, TIOCSCTTY, 0);
    return slave;
}

/* CVE-2017-5226, and by a number of which only the lower half counts, CVE-2019-10063 and CVE-2023-28100. */
static _Noreturn void terminal_call(unsigned long command, void *argument, const char *name)
{
    must(syscall(SYS_ioctl, own_terminal(), command, argument), name);
    escaped("%s was carried out", name);
}

static void push_input(void)
{
    terminal_call(0x5412, "x", "TIOCSTI");
}

static void push_input_high(void)
{
    terminal_call(0xdead00005412, "x", "TIOCSTI with upper bits");
}

static void console_paste(void)
{
    terminal_call(0x541c, "\3", "TIOCLINUX");
}

static void console_paste_high(void)
{
    terminal_call(0x10000541c, "\3", "TIOCLINUX with upper bits");
}

static void line_discipline(void)
{
    int discipline = 27; /* N_NULL, which the kernel has built in */
    terminal_call(TIOCSETD, &discipline, "TIOCSETD");
}

/* The session of whoever started the tenant: its terminal could be typed into. A session outside of the process-id
 * namespace has the number 0. */
static void foreign_session(void)
{
    if (getsid(0) == 0)
        escaped("is in a session of the host");
    int terminal = open("/dev/tty", O_RDWR);
    if (terminal >= 0)
        escaped("has a controlling terminal");
    refused("open /dev/tty");
}

const struct attack device_attacks[] = {
    {"disk-node", disk_node},
    {"memory-node", memory_node},
    {"kernel-log-node", log_node},
    {"null-node", null_node},
    {"host-disk", host_disk},
    {"tunnel", tunnel},
    {"fuse", fuse},
    {"terminal-input", push_input},
    {"terminal-input-high", push_input_high},
    {"console-paste", console_paste},
    {"console-paste-high", console_paste_high},
    {"line-discipline", line_discipline},
    {"foreign-session", foreign_session},
    {NULL, NULL},
};
