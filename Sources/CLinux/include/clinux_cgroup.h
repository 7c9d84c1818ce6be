/* What CgroupKit needs of the kernel beyond the C library's plain functions. */
#ifndef CLINUX_CGROUP_H
#define CLINUX_CGROUP_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

/* O_PATH of open(2), which fcntl.h shows to _GNU_SOURCE only. */
extern const int clinux_o_path;

/* fstatfs(2): 1 where DIRECTORY belongs to a cgroup2 file system, 0 where not, -1 and errno on failure. */
int clinux_is_cgroup2(int directory);

/* fchownat(2) of the directory itself, which may be open with O_PATH only. */
int clinux_change_directory_owner(int directory, uid_t user, gid_t group);

/* bpf(2), BPF_PROG_LOAD: COUNT instructions of 8 bytes as a program of type BPF_PROG_TYPE_CGROUP_DEVICE.
 * Gives a descriptor; on failure the verifier's words are in LOG, which may be NULL with LOG_SIZE 0. */
int clinux_bpf_load_cgroup_device(const void *instructions, uint32_t count, const char *name, char *log,
                                  uint32_t log_size);

/* bpf(2), BPF_PROG_ATTACH to a group with BPF_F_ALLOW_MULTI; REPLACED is the descriptor of the program whose place the
 * new one takes, or -1. */
int clinux_bpf_attach_cgroup_device(int group, int program, int replaced);

/* bpf(2), BPF_PROG_DETACH from a group. */
int clinux_bpf_detach_cgroup_device(int group, int program);

/* bpf(2), BPF_PROG_QUERY: the ids of the programs attached to the group itself. *COUNT is the room in IDS going in, and
 * the number of programs coming out; ENOSPC where the room is too small. */
int clinux_bpf_query_cgroup_device(int group, uint32_t *ids, uint32_t *count);

/* bpf(2), BPF_PROG_GET_FD_BY_ID. */
int clinux_bpf_program_by_id(uint32_t id);

/* bpf(2), BPF_OBJ_GET_INFO_BY_FD: the name that the program was loaded with, in at least 16 bytes. */
int clinux_bpf_program_name(int program, char *name);

#endif
