/* The mount API by descriptors: open_tree(2), move_mount(2), mount_setattr(2). */
#ifndef CLINUX_MOUNT_H
#define CLINUX_MOUNT_H

#include <stdint.h>

/* MOUNT_ATTR_* of <linux/mount.h>, which can't be included beside the C library's <sys/mount.h> everywhere. */
enum {
    CLINUX_MOUNT_READ_ONLY = 0x1,
    CLINUX_MOUNT_NO_SET_ID = 0x2,
    CLINUX_MOUNT_NO_DEVICES = 0x4,
    CLINUX_MOUNT_NO_EXECUTION = 0x8,
};

/* unshare(2) of the calling thread's mount namespace. */
int clinux_mount_unshare(void);

/* A detached copy of the mount at PATH, with all that is mounted beneath it if RECURSIVE; close-on-exec. */
int clinux_mount_clone(int directory, const char *path, int recursive);

/* Sets and clears MOUNT_ATTR_* on a mount, and on all beneath it if RECURSIVE. */
int clinux_mount_set_attributes(int mount, uint64_t set, uint64_t clear, int recursive);

/* Maps the ids of a detached mount through a user namespace (MOUNT_ATTR_IDMAP). */
int clinux_mount_map_ids(int mount, int user_namespace);

/* Makes the mounts at and beneath PATH receive the host's mounts and send it none. */
int clinux_mount_make_slave(const char *path);

/* A new tmpfs whose root has MODE (octal digits) as a detached mount; close-on-exec. */
int clinux_mount_tmpfs(const char *mode, uint64_t attributes);

/* A new ramfs, which is never swapped and has no bound of its own, likewise. */
int clinux_mount_ramfs(const char *mode, uint64_t attributes);

/* Makes the file system that MOUNT is of read-only for everybody, wherever it is mounted. */
int clinux_mount_freeze(int mount);

/* Moves a detached mount onto TARGET, an O_PATH descriptor. */
int clinux_mount_attach(int mount, int target);

#endif
