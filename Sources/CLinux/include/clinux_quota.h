/* Disk quotas by project: quotactl_fd(2), and the project of a file, FS_IOC_FSSETXATTR (ioctl_xfs_fsgetxattr(2)). */
#ifndef CLINUX_QUOTA_H
#define CLINUX_QUOTA_H

#include <stdint.h>

/* What a project uses of a file system, and its hard limits; 0 is none. */
struct clinux_quota {
    uint64_t bytes;
    uint64_t inodes;
    uint64_t most_bytes;
    uint64_t most_inodes;
};

/* The project of an open file or directory, and whether what is made in it belongs to the project as well. */
int clinux_project_get(int file, uint32_t *project, int *inherits);
int clinux_project_set(int file, uint32_t project, int inherits);

/* 1 if the file system of FILE enforces limits of projects, 0 if it counts at most; -1 if it has no such quotas. */
int clinux_quota_enforced(int file);

/* The magic number of FILE's file system (linux/magic.h); 0 if that can't be told. */
int64_t clinux_file_system_kind(int file);

/* What PROJECT uses on the file system of FILE. */
int clinux_quota_get(int file, uint32_t project, struct clinux_quota *quota);

/* Sets PROJECT's hard limits; 0 takes one away. */
int clinux_quota_set(int file, uint32_t project, uint64_t most_bytes, uint64_t most_inodes);

#endif
