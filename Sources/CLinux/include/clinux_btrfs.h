/* Subvolumes and quota groups of btrfs: ioctls of <linux/btrfs.h>, items of <linux/btrfs_tree.h>. FILE is any open file or
 * directory of the file system; all but the first two need CAP_SYS_ADMIN, or the capability that they name.
 *
 * What changes quota groups takes room for that in FILE's own subvolume, and fails with EDQUOT where a group of it is full:
 * FILE had better be the top-level subvolume. */
#ifndef CLINUX_BTRFS_H
#define CLINUX_BTRFS_H

#include <stdint.h>

/* The number of the subvolume that FILE lies in. */
int clinux_btrfs_subvolume(int file, uint64_t *subvolume);

/* The file system's UUID, 16 bytes. */
int clinux_btrfs_identity(int file, uint8_t identity[16]);

/* Opens the root directory of the top-level subvolume, also where that is mounted nowhere; CAP_DAC_READ_SEARCH. */
int clinux_btrfs_open_top(int file);

/* Has FILE, which is empty yet, be written in place: without copies, checksums or compression (FS_NOCOW_FL, chattr(1)); the
 * owner may. */
int clinux_btrfs_write_in_place(int file);

/* An item of a tree: its key, and as much of what it holds as is of use here. */
struct clinux_btrfs_item {
    uint64_t tree;
    uint64_t object;
    uint64_t offset;
    uint32_t type;
    /* Bytes of data that were filled in. */
    uint32_t length;
    uint8_t data[64];
};

/* Finds the first item of ITEM's tree, object and type from its offset on, and fills in its offset and data: 1 if there is
 * one, 0 if not; -1 and ENOENT if there is no such tree. */
int clinux_btrfs_find(int file, struct clinux_btrfs_item *item);

/* Makes a quota group, or removes one that has no members. */
int clinux_qgroup_create(int file, uint64_t group);
int clinux_qgroup_remove(int file, uint64_t group);

/* Puts a quota group into another, or takes it out. More than 0: done, and the file system has to be counted anew. */
int clinux_qgroup_assign(int file, uint64_t member, uint64_t group);
int clinux_qgroup_unassign(int file, uint64_t member, uint64_t group);

/* Bounds what the members of a group refer to, in bytes. */
int clinux_qgroup_limit(int file, uint64_t group, uint64_t most_bytes);

/* Starts to count the file system anew. */
int clinux_qgroup_rescan(int file);

/* 1 while that is under way, 0 if not. */
int clinux_qgroup_is_counting(int file);

#endif
