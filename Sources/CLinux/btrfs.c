#include "clinux_btrfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

int clinux_btrfs_subvolume(int file, uint64_t *subvolume)
{
    struct btrfs_ioctl_ino_lookup_args lookup;
    memset(&lookup, 0, sizeof lookup);
    lookup.objectid = BTRFS_FIRST_FREE_OBJECTID;
    if (ioctl(file, BTRFS_IOC_INO_LOOKUP, &lookup) < 0)
        return -1;
    *subvolume = lookup.treeid;
    return 0;
}

int clinux_btrfs_identity(int file, uint8_t identity[16])
{
    struct btrfs_ioctl_fs_info_args information;
    memset(&information, 0, sizeof information);
    if (ioctl(file, BTRFS_IOC_FS_INFO, &information) < 0)
        return -1;
    memcpy(identity, information.fsid, sizeof information.fsid);
    return 0;
}

/* FILEID_BTRFS_WITHOUT_PARENT (linux/exportfs.h): inode and subvolume, 64 bits each, and 0 for any generation (32 bits). */
int clinux_btrfs_open_top(int file)
{
    const uint64_t inode = BTRFS_FIRST_FREE_OBJECTID, subvolume = BTRFS_FS_TREE_OBJECTID;
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + 20];
    } top;
    memset(&top, 0, sizeof top);
    top.handle.handle_bytes = 20;
    top.handle.handle_type = 0x4d;
    memcpy(top.room + sizeof top.handle, &inode, sizeof inode);
    memcpy(top.room + sizeof top.handle + 8, &subvolume, sizeof subvolume);
    return open_by_handle_at(file, &top.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int clinux_btrfs_write_in_place(int file)
{
    int flags = 0;
    if (ioctl(file, FS_IOC_GETFLAGS, &flags) < 0)
        return -1;
    flags = (flags & ~FS_COMPR_FL) | FS_NOCOW_FL;
    return ioctl(file, FS_IOC_SETFLAGS, &flags);
}

int clinux_btrfs_find(int file, struct clinux_btrfs_item *item)
{
    struct btrfs_ioctl_search_args search;
    memset(&search, 0, sizeof search);
    search.key = (struct btrfs_ioctl_search_key){
        .tree_id = item->tree,
        .min_objectid = item->object,
        .max_objectid = item->object,
        .min_offset = item->offset,
        .max_offset = UINT64_MAX,
        .max_transid = UINT64_MAX,
        .min_type = item->type,
        .max_type = item->type,
        .nr_items = 1,
    };
    if (ioctl(file, BTRFS_IOC_TREE_SEARCH, &search) < 0)
        return -1;
    if (search.key.nr_items == 0)
        return 0;

    struct btrfs_ioctl_search_header header;
    memcpy(&header, search.buf, sizeof header);
    size_t length = header.len;
    if (length > sizeof search.buf - sizeof header) {
        errno = EOVERFLOW;
        return -1;
    }
    if (length > sizeof item->data)
        length = sizeof item->data;
    memset(item->data, 0, sizeof item->data);
    memcpy(item->data, search.buf + sizeof header, length);
    item->length = (uint32_t)length;
    item->offset = header.offset;
    return 1;
}

static int change(int file, uint64_t group, uint64_t create)
{
    struct btrfs_ioctl_qgroup_create_args arguments = {.create = create, .qgroupid = group};
    return ioctl(file, BTRFS_IOC_QGROUP_CREATE, &arguments);
}

int clinux_qgroup_create(int file, uint64_t group)
{
    return change(file, group, 1);
}

int clinux_qgroup_remove(int file, uint64_t group)
{
    return change(file, group, 0);
}

static int relate(int file, uint64_t member, uint64_t group, uint64_t assign)
{
    struct btrfs_ioctl_qgroup_assign_args arguments = {.assign = assign, .src = member, .dst = group};
    return ioctl(file, BTRFS_IOC_QGROUP_ASSIGN, &arguments);
}

int clinux_qgroup_assign(int file, uint64_t member, uint64_t group)
{
    return relate(file, member, group, 1);
}

int clinux_qgroup_unassign(int file, uint64_t member, uint64_t group)
{
    return relate(file, member, group, 0);
}

int clinux_qgroup_limit(int file, uint64_t group, uint64_t most_bytes)
{
    struct btrfs_ioctl_qgroup_limit_args arguments = {
        .qgroupid = group,
        .lim = {.flags = BTRFS_QGROUP_LIMIT_MAX_RFER, .max_rfer = most_bytes},
    };
    return ioctl(file, BTRFS_IOC_QGROUP_LIMIT, &arguments);
}

int clinux_qgroup_rescan(int file)
{
    struct btrfs_ioctl_quota_rescan_args arguments;
    memset(&arguments, 0, sizeof arguments);
    return ioctl(file, BTRFS_IOC_QUOTA_RESCAN, &arguments);
}

int clinux_qgroup_is_counting(int file)
{
    struct btrfs_ioctl_quota_rescan_args arguments;
    memset(&arguments, 0, sizeof arguments);
    if (ioctl(file, BTRFS_IOC_QUOTA_RESCAN_STATUS, &arguments) < 0)
        return -1;
    return arguments.flags != 0;
}
