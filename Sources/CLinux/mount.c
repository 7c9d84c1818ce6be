#include "clinux_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_mount_unshare(void)
{
    return unshare(CLONE_NEWNS);
}

int clinux_mount_clone(int directory, const char *path, int recursive)
{
    unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return (int)syscall(SYS_open_tree, directory, path, flags);
}

static int set_attributes(int mount, unsigned int flags, struct mount_attr change)
{
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | flags, &change, sizeof change);
}

int clinux_mount_set_attributes(int mount, uint64_t set, uint64_t clear, int recursive)
{
    return set_attributes(mount, recursive ? AT_RECURSIVE : 0, (struct mount_attr){.attr_set = set, .attr_clr = clear});
}

int clinux_mount_map_ids(int mount, int user_namespace)
{
    return set_attributes(mount, 0,
                          (struct mount_attr){.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)user_namespace});
}

int clinux_mount_make_slave(const char *path)
{
    return mount("", path, NULL, MS_REC | MS_SLAVE, NULL);
}

static int make(const char *type, const char *mode, uint64_t attributes)
{
    int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
    if (context < 0)
        return -1;
    int mount = -1;
    if (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "mode", mode, 0) == 0 &&
        syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
    close(context);
    return mount;
}

int clinux_mount_tmpfs(const char *mode, uint64_t attributes)
{
    return make("tmpfs", mode, attributes);
}

int clinux_mount_ramfs(const char *mode, uint64_t attributes)
{
    return make("ramfs", mode, attributes);
}

int clinux_mount_freeze(int mount)
{
    int context = (int)syscall(SYS_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
    if (context < 0)
        return -1;
    int result = (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "ro", NULL, 0);
    if (result == 0)
        result = (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
    int error = errno;
    close(context);
    errno = error;
    return result;
}

int clinux_mount_attach(int mount, int target)
{
    return (int)syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}
