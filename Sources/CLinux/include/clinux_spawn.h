#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* CLONE_NEW* for the kinds of namespaces, of <linux/sched.h>. */
enum {
    CLINUX_NAMESPACE_TIME = 0x80,
    CLINUX_NAMESPACE_MOUNT = 0x20000,
    CLINUX_NAMESPACE_CGROUP = 0x2000000,
    CLINUX_NAMESPACE_UTS = 0x4000000,
    CLINUX_NAMESPACE_IPC = 0x8000000,
    CLINUX_NAMESPACE_USER = 0x10000000,
    CLINUX_NAMESPACE_PID = 0x20000000,
    CLINUX_NAMESPACE_NETWORK = 0x40000000,
};

/* What clinux_spawn starts, and where. */
struct clinux_spawn_request {
    int executable;         /* descriptor of the program, run by execveat(AT_EMPTY_PATH) */
    int cgroup;             /* directory descriptor of the cgroup v2 group that the child is born in; -1: the caller's */
    const int *descriptors; /* become 0, 1, 2 … in the child; all others close at exec */
    unsigned int descriptor_count;
    char *const *arguments;
    char *const *environment;
};

/* What became of it. */
struct clinux_spawn_result {
    pid_t pid;
    int pidfd;               /* close-on-exec; owned by the caller */
    int error;               /* an errno, or 0 */
    const char *failed_call; /* the system call that failed, or NULL */
};

/* Starts a program with clone3(CLONE_VFORK | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND [| CLONE_INTO_CGROUP]) and
 * execveat, and returns once it runs or has failed. A child that fails before its exec is reaped here. The memory is
 * shared with the child until its exec, so that a large parent costs nothing; the child has a stack of its own. */
struct clinux_spawn_result clinux_spawn(const struct clinux_spawn_request *request);

#endif
