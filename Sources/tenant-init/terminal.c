#include "terminal.h"

#include "channel.h"
#include "kernel.h"

#include <asm-generic/ioctls.h>
#include <asm-generic/termios.h>
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>

enum { PTMX_MAJOR = 5, PTMX_MINOR = 2, FIRST_SLAVE_MAJOR = 136, LAST_SLAVE_MAJOR = 143, CHARACTER_DEVICE = 0020000 };

bool terminal_planned(const struct plan *plan, struct tenant_terminal *terminal)
{
    struct record record;
    if (!plan_find(plan, TENANT_RECORD_TERMINAL, &record))
        return false;
    record_copy(&record, terminal, sizeof *terminal);
    return true;
}

/* Whatever a tenant may have put at a path, it counts only if the kernel says that it is what it should be
 * (CVE-2025-52565). Answers the device's numbers, of a file on a devpts. */
static struct statx verified(int file, const char *path)
{
    struct statfs filesystem = {0};
    struct statx status = {0};
    check(kernel(__NR_fstatfs, file, &filesystem), TENANT_STAGE_TERMINAL, "fstatfs", path);
    check(kernel(__NR_statx, file, "", AT_EMPTY_PATH, STATX_TYPE, &status), TENANT_STAGE_TERMINAL, "statx", path);
    if (filesystem.f_type != DEVPTS_SUPER_MAGIC)
        fail(TENANT_STAGE_TERMINAL, "fstatfs", -ENOTTY, path);
    return status;
}

static bool is_device(const struct statx *status, uint32_t lowest, uint32_t highest)
{
    return (status->stx_mode & 0170000) == CHARACTER_DEVICE && status->stx_rdev_major >= lowest &&
           status->stx_rdev_major <= highest;
}

/* The directory is looked at before anything in it is opened: opening a device can have effects. Nothing can be made on
 * a devpts but by its ptmx, and nothing mounted there is entered. */
static int open_master(void)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int directory = (int)check(kernel(__NR_openat2, AT_FDCWD, "/dev/pts", &how, sizeof how), TENANT_STAGE_TERMINAL,
                               "openat2", "/dev/pts");
    verified(directory, "/dev/pts");
    how = (struct open_how){.flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
                            .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};
    int master = (int)check(kernel(__NR_openat2, directory, "ptmx", &how, sizeof how), TENANT_STAGE_TERMINAL, "openat2",
                            "/dev/pts/ptmx");
    kernel(__NR_close, directory);
    struct statx status = verified(master, "/dev/pts/ptmx");
    if (!is_device(&status, PTMX_MAJOR, PTMX_MAJOR) || status.stx_rdev_minor != PTMX_MINOR)
        fail(TENANT_STAGE_TERMINAL, "statx", -ENOTTY, "/dev/pts/ptmx");
    return master;
}

/* By the master and no path. */
static int open_slave(int master)
{
    int unlocked = 0;
    check(kernel(__NR_ioctl, master, TIOCSPTLCK, &unlocked), TENANT_STAGE_TERMINAL, "ioctl", "TIOCSPTLCK");
    int slave = (int)check(kernel(__NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                           TENANT_STAGE_TERMINAL, "ioctl", "TIOCGPTPEER");
    struct statx status = verified(slave, "terminal");
    if (!is_device(&status, FIRST_SLAVE_MAJOR, LAST_SLAVE_MAJOR))
        fail(TENANT_STAGE_TERMINAL, "statx", -ENOTTY, "terminal");
    return slave;
}

/* The command may open it by its name too. */
static void give_to_command(const struct plan *plan, int slave)
{
    struct record record;
    struct tenant_identity identity = {0};
    if (plan_find(plan, TENANT_RECORD_IDENTITY, &record))
        record_copy(&record, &identity, sizeof identity);
    check(kernel(__NR_fchown, slave, identity.uid, identity.gid), TENANT_STAGE_TERMINAL, "fchown", "terminal");
}

int open_terminal(const struct plan *plan)
{
    struct tenant_terminal terminal;
    if (!terminal_planned(plan, &terminal))
        return -1;
    struct winsize size = {.ws_row = terminal.rows, .ws_col = terminal.columns};
    int master = open_master();
    int slave = open_slave(master);
    check(kernel(__NR_ioctl, master, TIOCSWINSZ, &size), TENANT_STAGE_TERMINAL, "ioctl", "TIOCSWINSZ");
    give_to_command(plan, slave);
    for (int stream = 0; stream <= 2; stream++)
        check(kernel(__NR_dup3, slave, stream, 0), TENANT_STAGE_TERMINAL, "dup3", NULL);
    /* No copy of the slave stays here: the last one that closes must be the command's, or its end hangs the terminal up
     * and throws away what it has just written. */
    kernel(__NR_close, slave);
    return master;
}

void take_terminal(const struct plan *plan)
{
    struct tenant_terminal terminal;
    if (terminal_planned(plan, &terminal))
        check(kernel(__NR_ioctl, 0, TIOCSCTTY, 0), TENANT_STAGE_TERMINAL, "ioctl", "TIOCSCTTY");
}
