#include "channel.h"
#include "kernel.h"
#include "mounts.h"
#include "stages.h"

#include <linux/errno.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>

struct root {
    const char *staging; /* path of the host's directory that the new root hangs on until it is pivoted into */
    const int *trees;
    size_t tree_count;
    int directory;  /* the new root */
    int empty;      /* a read-only, empty tmpfs for masked directories, or -1 */
    int null_device; /* O_PATH of /dev/null inside, or -1 */
};

static int tree_at(const struct root *root, uint32_t index)
{
    if (index >= root->tree_count)
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "tree");
    return root->trees[index];
}

static const char *record_end(const struct record *record)
{
    return (const char *)record->payload + record->size;
}

/* The root has to hang somewhere before anything can be mounted on it: on an empty directory that only the daemon
 * can reach. */
static void attach_at_staging(const struct root *root, int mount)
{
    int target = (int)check(kernel(__NR_openat, AT_FDCWD, root->staging, O_PATH | O_DIRECTORY | O_CLOEXEC),
                            TENANT_STAGE_ROOT, "openat", root->staging);
    attach_at(mount, target, root->staging);
    kernel(__NR_close, target);
}

static void stage_root(struct root *root, int mount)
{
    attach_at_staging(root, mount);
    root->directory = mount;
}

static void overlay_option(char *option, size_t size, const char *key, int directory)
{
    size_t end = text_append(option, size, 0, key);
    end = text_append(option, size, end, "=/proc/self/fd/");
    text_append_number(option, size, end, (uint64_t)directory);
}

/* Overlay of a read-only lower tree and either a directory of the host or a fresh tmpfs. The layers must be attached
 * while the overlay is made, and go with the old root. */
static void make_overlay(struct root *root, const struct record *record)
{
    uint32_t layers[2];
    record_copy(record, layers, sizeof layers);
    int scratch = make_filesystem("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, "mode=0700", NULL);
    attach_at_staging(root, scratch);
    static const char *const names[] = {"lower", "upper", "root"};
    int points[3];
    for (size_t index = 0; index < 3; index++) {
        check(kernel(__NR_mkdirat, scratch, names[index], 0755), TENANT_STAGE_ROOT, "mkdirat", names[index]);
        points[index] = open_beneath(scratch, names[index], O_DIRECTORY);
        check(points[index], TENANT_STAGE_ROOT, "openat2", names[index]);
    }
    int lower = tree_at(root, layers[0]);
    int upper = layers[1] != TENANT_PLAN_NO_TREE
                    ? tree_at(root, layers[1])
                    : make_filesystem("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                                      record_text(record, sizeof layers), record_end(record));
    attach_at(lower, points[0], "lower");
    attach_at(upper, points[1], "upper");

    static const char *const halves[] = {"data", "work"};
    int half[2];
    for (size_t index = 0; index < 2; index++) {
        long made = kernel(__NR_mkdirat, upper, halves[index], 0755);
        if (made < 0 && made != -EEXIST)
            fail(TENANT_STAGE_ROOT, "mkdirat", made, halves[index]);
        half[index] = open_beneath(upper, halves[index], O_DIRECTORY);
        check(half[index], TENANT_STAGE_ROOT, "openat2", halves[index]);
    }
    char options[3][48];
    overlay_option(options[0], sizeof options[0], "lowerdir", lower);
    overlay_option(options[1], sizeof options[1], "upperdir", half[0]);
    overlay_option(options[2], sizeof options[2], "workdir", half[1]);
    int context =
        (int)check(kernel(__NR_fsopen, "overlay", FSOPEN_CLOEXEC), TENANT_STAGE_ROOT, "fsopen", "overlay");
    for (size_t index = 0; index < 3; index++) {
        char *value = options[index];
        while (*value != '=')
            value++;
        *value++ = '\0';
        check(kernel(__NR_fsconfig, context, FSCONFIG_SET_STRING, options[index], value, 0), TENANT_STAGE_ROOT,
              "fsconfig", options[index]);
    }
    check(kernel(__NR_fsconfig, context, FSCONFIG_SET_FLAG, "userxattr", NULL, 0), TENANT_STAGE_ROOT, "fsconfig",
          "userxattr");
    check(kernel(__NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), TENANT_STAGE_ROOT, "fsconfig",
          "overlay");
    int mount = (int)check(kernel(__NR_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID),
                           TENANT_STAGE_ROOT, "fsmount", "overlay");
    attach_at(mount, points[2], "/");
    root->directory = mount;
}

static void make_directory(const struct root *root, const struct record *record)
{
    struct tenant_node node;
    const char *name, *path = record_text(record, sizeof node);
    record_copy(record, &node, sizeof node);
    int parent = open_parent(root->directory, path, &name);
    long made = kernel(__NR_mkdirat, parent, name, node.mode);
    /* What the image or the allow-list brings along is as good to mount on; where a read-only parent lacks it, the
     * mount will fail. */
    if (made != -EEXIST && made != -EROFS) {
        check(made, TENANT_STAGE_ROOT, "mkdirat", path);
        if (node.uid != 0 || node.gid != 0)
            check(kernel(__NR_fchownat, parent, name, node.uid, node.gid, AT_SYMLINK_NOFOLLOW), TENANT_STAGE_ROOT,
                  "fchownat", path);
    }
    kernel(__NR_close, parent);
}

static void make_symlink(const struct root *root, const struct record *record)
{
    const char *target = record_text(record, 0), *path = record_next_text(record, target), *name;
    int parent = open_parent(root->directory, path, &name);
    long made = kernel(__NR_symlinkat, target, parent, name);
    if (made < 0 && made != -EEXIST)
        fail(TENANT_STAGE_ROOT, "symlinkat", made, path);
    kernel(__NR_close, parent);
}

static bool is_directory(int descriptor, const char *path)
{
    struct statx status;
    check(kernel(__NR_statx, descriptor, "", AT_EMPTY_PATH, STATX_TYPE, &status), TENANT_STAGE_ROOT, "statx", path);
    return (status.stx_mode & S_IFMT) == S_IFDIR;
}

static void make_mount_point(const struct root *root, const char *path, bool directory)
{
    const char *name;
    int parent = open_parent(root->directory, path, &name);
    long made = directory ? kernel(__NR_mkdirat, parent, name, 0755)
                          : kernel(__NR_mknodat, parent, name, S_IFREG | 0644, 0);
    if (made != -EEXIST && made != -EROFS)
        check(made, TENANT_STAGE_ROOT, directory ? "mkdirat" : "mknodat", path);
    kernel(__NR_close, parent);
}

static void attach_tree(const struct root *root, const struct record *record)
{
    uint32_t index;
    record_copy(record, &index, sizeof index);
    const char *path = record_text(record, sizeof index);
    int tree = tree_at(root, index);
    make_mount_point(root, path, is_directory(tree, path));
    int target = open_beneath(root->directory, path, 0);
    check(target, TENANT_STAGE_ROOT, "openat2", path);
    attach_at(tree, target, path);
    kernel(__NR_close, target);
}

static void mount_filesystem(const struct root *root, const struct record *record)
{
    uint64_t attributes;
    record_copy(record, &attributes, sizeof attributes);
    const char *type = record_text(record, sizeof attributes), *path = record_next_text(record, type);
    int target = open_beneath(root->directory, path, O_DIRECTORY);
    check(target, TENANT_STAGE_ROOT, "openat2", path);
    int mount = make_filesystem(type, attributes, record_next_text(record, path), record_end(record));
    attach_at(mount, target, path);
    kernel(__NR_close, target);
    kernel(__NR_close, mount);
}

static int clone_mount(int descriptor, const char *path)
{
    return (int)check(kernel(__NR_open_tree, descriptor, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH),
                      TENANT_STAGE_ROOT, "open_tree", path);
}

/* /dev/null of the new root, only if it truly is the null device. */
static int verified_null_device(struct root *root)
{
    struct statx status;
    if (root->null_device >= 0)
        return root->null_device;
    int device = open_beneath(root->directory, "dev/null", 0);
    check(device, TENANT_STAGE_ROOT, "openat2", "dev/null");
    check(kernel(__NR_statx, device, "", AT_EMPTY_PATH, STATX_TYPE, &status), TENANT_STAGE_ROOT, "statx", "dev/null");
    if ((status.stx_mode & S_IFMT) != S_IFCHR || status.stx_rdev_major != 1 || status.stx_rdev_minor != 3)
        fail(TENANT_STAGE_ROOT, "statx", -ENODEV, "dev/null");
    return root->null_device = device;
}

static void mask(struct root *root, const struct record *record)
{
    const char *path = record_text(record, 0);
    int target = open_beneath(root->directory, path, 0), cover;
    if (target == -ENOENT)
        return;
    check(target, TENANT_STAGE_ROOT, "openat2", path);
    if (!is_directory(target, path)) {
        cover = clone_mount(verified_null_device(root), path);
        set_attributes(cover, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID);
    } else if (root->empty >= 0) {
        cover = clone_mount(root->empty, path);
    } else if ((cover = open_beneath(root->directory, "dev/.masked", O_DIRECTORY)) >= 0) {
        root->empty = cover;
        cover = clone_mount(cover, path);
    } else {
        cover = make_filesystem("tmpfs", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                                NULL, NULL);
        root->empty = cover;
    }
    attach_at(cover, target, path);
    if (cover != root->empty)
        kernel(__NR_close, cover);
    kernel(__NR_close, target);
}

static void make_read_only(const struct root *root, const struct record *record)
{
    const char *path = record_text(record, 0);
    int target = open_beneath(root->directory, path, 0);
    if (target == -ENOENT)
        return;
    check(target, TENANT_STAGE_ROOT, "openat2", path);
    int copy = clone_mount(target, path);
    check(set_attributes(copy, MOUNT_ATTR_RDONLY), TENANT_STAGE_ROOT, "mount_setattr", path);
    attach_at(copy, target, path);
    kernel(__NR_close, copy);
    kernel(__NR_close, target);
}

/* A file beneath proc/sys, only if it truly lies on a proc file system: a write that lands elsewhere could be turned
 * against the host's security labels (CVE-2019-16884, CVE-2025-52881). */
static void write_sysctl(const struct root *root, const struct record *record)
{
    const char *name = record_text(record, 0), *value = record_next_text(record, name);
    struct open_how how = {.flags = O_WRONLY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
    struct statfs filesystem;
    char path[256];
    text_append(path, sizeof path, text_append(path, sizeof path, 0, "proc/sys/"), name);
    int file = (int)check(kernel(__NR_openat2, root->directory, path, &how, sizeof how), TENANT_STAGE_SETTINGS,
                          "openat2", path);
    check(kernel(__NR_fstatfs, file, &filesystem), TENANT_STAGE_SETTINGS, "fstatfs", path);
    if (filesystem.f_type != PROC_SUPER_MAGIC)
        fail(TENANT_STAGE_SETTINGS, "fstatfs", -EXDEV, path);
    check(kernel(__NR_write, file, value, text_length(value)), TENANT_STAGE_SETTINGS, "write", path);
    kernel(__NR_close, file);
}

/* The old root goes from under the new one: pivot_root onto itself stacks the old root on top, and one detach takes
 * it away, so that no directory for it is needed and none remains. */
static void pivot(const struct root *root, const struct record *record)
{
    uint32_t read_only;
    record_copy(record, &read_only, sizeof read_only);
    if (read_only != 0)
        check(set_attributes(root->directory, MOUNT_ATTR_RDONLY), TENANT_STAGE_PIVOT, "mount_setattr", "/");
    check(kernel(__NR_fchdir, root->directory), TENANT_STAGE_PIVOT, "fchdir", "/");
    check(kernel(__NR_pivot_root, ".", "."), TENANT_STAGE_PIVOT, "pivot_root", "/");
    check(kernel(__NR_umount2, ".", 2 /* MNT_DETACH */), TENANT_STAGE_PIVOT, "umount2", "the host's root");
    check(kernel(__NR_chdir, "/"), TENANT_STAGE_PIVOT, "chdir", "/");
}

static void run_record(struct root *root, const struct record *record)
{
    uint32_t tree;
    switch (record->type) {
    case TENANT_RECORD_ROOT_TREE:
        record_copy(record, &tree, sizeof tree);
        stage_root(root, tree_at(root, tree));
        break;
    case TENANT_RECORD_ROOT_OVERLAY:
        make_overlay(root, record);
        break;
    case TENANT_RECORD_DIRECTORY:
        make_directory(root, record);
        break;
    case TENANT_RECORD_SYMLINK:
        make_symlink(root, record);
        break;
    case TENANT_RECORD_ATTACH:
        attach_tree(root, record);
        break;
    case TENANT_RECORD_MOUNT:
        mount_filesystem(root, record);
        break;
    case TENANT_RECORD_MASK:
        mask(root, record);
        break;
    case TENANT_RECORD_READ_ONLY:
        make_read_only(root, record);
        break;
    case TENANT_RECORD_SYSCTL:
        write_sysctl(root, record);
        break;
    case TENANT_RECORD_PIVOT:
        pivot(root, record);
        break;
    }
}

void build_root(const struct plan *plan, const int *trees, size_t tree_count)
{
    struct root root = {.trees = trees, .tree_count = tree_count, .directory = -1, .empty = -1, .null_device = -1};
    struct mount_attr change = {.propagation = 1 << 18 /* MS_PRIVATE */};
    struct plan_cursor cursor = {0};
    struct record record;

    if (!plan_find(plan, TENANT_RECORD_STAGING, &record))
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "staging");
    root.staging = record_text(&record, 0);
    kernel(__NR_umask, 0);
    check(kernel(__NR_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &change, sizeof change), TENANT_STAGE_ROOT,
          "mount_setattr", "/");
    while (plan_next(plan, &cursor, &record)) {
        bool first = record.type <= TENANT_RECORD_ROOT_OVERLAY;
        if (record.type < TENANT_RECORD_ROOT_TREE || record.type > TENANT_RECORD_PIVOT)
            continue;
        if (first != (root.directory < 0))
            fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "root");
        run_record(&root, &record);
    }
    /* A mount's descriptor keeps it alive and reachable: none may outlive this stage. The plan is mapped, and its own
     * descriptor was only kept so that no mount takes its number. */
    kernel(__NR_close, TENANT_DESCRIPTOR_PLAN);
    kernel(__NR_close_range, TENANT_DESCRIPTOR_ATTACH + 1, ~0U, 0);
}
