#include "clinux_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Linux 5.14's headers have them. */
#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_GET 0
#endif

int clinux_probe_landlock(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

int clinux_probe_seccomp_action(uint32_t action)
{
    return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

/* A call with senseless arguments: a kernel that has it says EINVAL or EFAULT, a filter or an old kernel something
 * else. */
static int known_call(long result)
{
    if (result >= 0 || errno == EINVAL || errno == EFAULT || errno == EBADF) {
        return 0;
    }
    return -1;
}

int clinux_probe_clone3(void)
{
    return known_call(syscall(SYS_clone3, NULL, 0));
}

int clinux_probe_openat2(void)
{
    return known_call(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0));
}

int clinux_probe_core_scheduling(void)
{
    unsigned long cookie = 0;
    return prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0 /* PIDTYPE_PID */, (unsigned long)&cookie);
}

static int wait_for(pid_t child, int *status)
{
    pid_t result;
    do {
        result = waitpid(child, status, 0);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : 0;
}

int clinux_probe_namespaces(int flags)
{
    pid_t child = fork();
    if (child < 0) {
        return -1;
    }
    if (child == 0) {
        int failed = unshare(CLONE_NEWUSER) < 0 || (flags != 0 && unshare(flags) < 0);
        _exit(failed ? errno : 0);
    }
    int status = 0;
    if (wait_for(child, &status) < 0) {
        return -1;
    }
    if (!WIFEXITED(status)) {
        errno = EINTR;
        return -1;
    }
    if (WEXITSTATUS(status) != 0) {
        errno = WEXITSTATUS(status);
        return -1;
    }
    return 0;
}

/* Writes the one line of /proc/PID/NAME. */
static int write_map(pid_t pid, const char *name, uint32_t first)
{
    char path[64];
    char line[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int length = snprintf(line, sizeof line, "0 %u 65536\n", first);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    ssize_t written = write(file, line, (size_t)length);
    int error = errno;
    close(file);
    errno = error;
    return written == length ? 0 : -1;
}

/* Tells through READY how the unshare went, and lives until it is killed. */
static void live_in_user_namespace(int ready)
{
    int error = unshare(CLONE_NEWUSER) < 0 ? errno : 0;
    if (write(ready, &error, sizeof error) == (ssize_t)sizeof error && error == 0) {
        for (;;) {
            pause();
        }
    }
    _exit(0);
}

static int map_and_open(pid_t child, int ready, uint32_t first)
{
    int error = EIO;
    ssize_t got;
    do {
        got = read(ready, &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof error || error != 0) {
        errno = got == (ssize_t)sizeof error ? error : EIO;
        return -1;
    }
    if (write_map(child, "uid_map", first) < 0 || write_map(child, "gid_map", first) < 0) {
        return -1;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int clinux_probe_user_namespace(uint32_t first)
{
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) < 0) {
        return -1;
    }
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        /* A parent that dies takes it along. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) {
            live_in_user_namespace(ready[1]);
        }
        _exit(0);
    }
    int namespace = -1;
    int error = errno;
    close(ready[1]);
    if (child > 0) {
        namespace = map_and_open(child, ready[0], first);
        error = errno;
        kill(child, SIGKILL);
        wait_for(child, NULL);
    }
    close(ready[0]);
    errno = error;
    return namespace;
}
