#include "mounts.h"

#include "channel.h"
#include "kernel.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>

#define SAFE_RESOLVE (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)

int open_beneath(int root, const char *path, uint64_t flags)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW | flags, .resolve = SAFE_RESOLVE};
    return (int)kernel(__NR_openat2, root, path, &how, sizeof how);
}

int open_parent(int root, const char *path, const char **name)
{
    const char *whole = path;
    int parent = open_beneath(root, ".", O_DIRECTORY);
    char component[256];

    check(parent, TENANT_STAGE_ROOT, "openat2", path);
    for (;;) {
        while (*path == '/')
            path++;
        size_t length = 0;
        while (path[length] != '\0' && path[length] != '/')
            length++;
        if (length == 0 || length >= sizeof component)
            fail(TENANT_STAGE_ROOT, "openat2", length == 0 ? -EINVAL : -ENAMETOOLONG, whole);
        if (path[length] == '\0') {
            *name = path;
            return parent;
        }
        memcpy(component, path, length);
        component[length] = '\0';
        path += length;
        long made = kernel(__NR_mkdirat, parent, component, 0755);
        if (made < 0 && made != -EEXIST && made != -EROFS)
            fail(TENANT_STAGE_ROOT, "mkdirat", made, whole);
        int next = open_beneath(parent, component, O_DIRECTORY);
        check(next, TENANT_STAGE_ROOT, "openat2", whole);
        kernel(__NR_close, parent);
        parent = next;
    }
}

static void configure(int context, const char *type, const char *option)
{
    char key[32];
    size_t length = 0;
    long result;

    while (option[length] != '\0' && option[length] != '=' && length + 1 < sizeof key) {
        key[length] = option[length];
        length++;
    }
    key[length] = '\0';
    if (option[length] == '=')
        result = kernel(__NR_fsconfig, context, FSCONFIG_SET_STRING, key, option + length + 1, 0);
    else
        result = kernel(__NR_fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0);
    if (result < 0)
        fail(TENANT_STAGE_ROOT, "fsconfig", result, *option != '\0' ? option : type);
}

int make_filesystem(const char *type, uint64_t attributes, const char *options, const char *end)
{
    int context = (int)check(kernel(__NR_fsopen, type, FSOPEN_CLOEXEC), TENANT_STAGE_ROOT, "fsopen", type);
    for (; options != NULL && options < end; options += text_length(options) + 1)
        configure(context, type, options);
    check(kernel(__NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), TENANT_STAGE_ROOT, "fsconfig", type);
    int mount = (int)check(kernel(__NR_fsmount, context, FSMOUNT_CLOEXEC, attributes), TENANT_STAGE_ROOT, "fsmount",
                           type);
    kernel(__NR_close, context);
    return mount;
}

void attach_at(int mount, int target, const char *path)
{
    check(kernel(__NR_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
          TENANT_STAGE_ROOT, "move_mount", path);
}

long set_attributes(int descriptor, uint64_t attributes)
{
    struct mount_attr change = {.attr_set = attributes};
    return kernel(__NR_mount_setattr, descriptor, "", AT_EMPTY_PATH, &change, sizeof change);
}
