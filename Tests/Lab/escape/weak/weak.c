/* The test-only tenant-init: the product's own, less the defences that the tenant's policy names in the variable
 * WITHOUT, such as "WITHOUT=seccomp,capabilities". It is never installed; a daemon of the test's own runs it.
 *
 * Each defence is one or a few system calls of tenant-init, so leaving it out means not making them, or making them
 * with other flags. What the daemon does from outside (the group with its limits and device filter) is left out by
 * starting in another group. */
#include "kernel.h"
#include "plan.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/capability.h>
#include <linux/time_types.h>

long weak_call(long number, long a, long b, long c, long d, long e, long f);

/* The bits of `without`, in the order of `words`. */
enum {
    SECCOMP = 1 << 0,      /* the system call filter */
    CAPABILITIES = 1 << 1, /* dropping capabilities */
    INHERITABLE = 1 << 2,  /* an empty inheritable set */
    PRIVILEGES = 1 << 3,   /* no_new_privs */
    USER = 1 << 4,         /* the user namespace: root inside is the host's */
    PID = 1 << 5,
    NETWORK = 1 << 6,
    UTS = 1 << 7,
    IPC = 1 << 8,
    CGROUP = 1 << 9,       /* the cgroup namespace */
    OLD_ROOT = 1 << 10,    /* taking the old root away after pivot_root */
    MASKS = 1 << 11,       /* masked files of /proc */
    PROC = 1 << 12,        /* read-only parts of /proc */
    READ_ONLY = 1 << 13,   /* read-only mounts, the groups' file system among them */
    NO_SETID = 1 << 14,    /* nosuid */
    NO_DEVICES = 1 << 15,  /* nodev */
    DUMPABLE = 1 << 16,    /* PID 1 isn't dumpable */
    DESCRIPTORS = 1 << 17, /* closing descriptors; a directory of the host is left open, as runc did (CVE-2024-21626) */
    WORKING = 1 << 18,     /* checking the working directory */
    STREAMS = 1 << 19,     /* refusing a directory as a standard stream */
    RESOLVE = 1 << 20,     /* the RESOLVE_ flags of openat2 */
    SESSION = 1 << 21,     /* a session of its own */
    SIZES = 1 << 22,       /* sizes of memory file systems */
    GROUP = 1 << 23,       /* the tenant's control group: limits and device filter */
    LOGS = 1 << 24,        /* the bound on the output's rate */
    CORE = 1 << 25,        /* the limit of core dumps */
    ACCOUNT = 1 << 26,     /* an account of its own for what the kernel counts by user */
    TERMINALS = 1 << 27,   /* the bound on pseudo-terminals */
    LANDLOCK = 1 << 28,    /* the Landlock domain */
};

static const char *const words[] = {
    "seccomp", "capabilities", "inheritable", "no-new-privs", "user",    "pid",         "network",
    "uts",     "ipc",          "cgroup",      "old-root",     "masks",   "proc",        "read-only",
    "nosuid",  "nodev",        "dumpable",    "descriptors",  "working", "streams",     "resolve",
    "session", "sizes",        "group",       "logs",         "core",    "account",     "terminals",
    "landlock",
};

static unsigned int without;
static bool is_payload;
static bool is_entering;    /* a further command, about to be executed */
static bool has_begun;      /* it has its plan, or has said something */
static int leaked = -1;     /* the host's root, opened before it was left */
static int user_limit = -1; /* user.max_user_namespaces: with the host's user namespace it would be the host's limit */

static bool has_prefix(const char *text, const char *prefix)
{
    while (*prefix != '\0')
        if (*text++ != *prefix++)
            return false;
    return true;
}

static bool equal(const char *text, size_t length, const char *word)
{
    return text_length(word) == length && memcmp(text, word, length) == 0;
}

/* An unknown word ends the start: a misspelt defence must not look like one that holds. */
static unsigned int bits_of(const char *list)
{
    unsigned int bits = 0;
    while (*list != '\0') {
        size_t length = 0, index = 0;
        while (list[length] != '\0' && list[length] != ',')
            length++;
        while (index < sizeof words / sizeof *words && !equal(list, length, words[index]))
            index++;
        if (index == sizeof words / sizeof *words)
            terminate(126);
        bits |= 1U << index;
        list += length + (list[length] == ',' ? 1 : 0);
    }
    return bits;
}

/* The plan lies in a private mapping of this process, so changing its bytes changes nobody else's. */
static void unbound_logs(const struct plan *plan)
{
    struct record record;
    if (!plan_find(plan, TENANT_RECORD_LOGS, &record))
        return;
    struct tenant_logs *logs = (struct tenant_logs *)(uintptr_t)record.payload;
    logs->bytes_per_second = logs->burst = UINT64_C(1) << 40;
}

static void leave_group(void)
{
    static const char path[] = "/sys/fs/cgroup/escape-free/cgroup.procs";
    long file = kernel_call(__NR_openat, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC, 0, 0, 0);
    if (file < 0 || kernel_call(__NR_write, file, (long)"0", 1, 0, 0, 0) < 0)
        terminate(125);
    kernel_call(__NR_close, file, 0, 0, 0, 0, 0);
}

static void learn(const unsigned char *bytes, size_t size)
{
    struct plan plan;
    struct record record;
    if (plan_check(bytes, size, &plan) != NULL || !plan_find(&plan, TENANT_RECORD_ENVIRONMENT, &record))
        return;
    for (const char *text = record_text(&record, 0); text != NULL; text = record_next_text(&record, text))
        if (has_prefix(text, "WITHOUT="))
            without = bits_of(text + 8);
    if ((without & GROUP) != 0)
        leave_group();
    if ((without & LOGS) != 0)
        unbound_logs(&plan);
}

/* The daemon maps the ids of its child, which therefore goes into the user namespace as always; a copy of it stays
 * outside and becomes the tenant. The child waits until the copy has done its part. */
static void stay_outside(long flags)
{
    int ready[2], copy = -1;
    if (kernel_call(__NR_pipe2, (long)ready, O_CLOEXEC, 0, 0, 0, 0) < 0)
        terminate(124);
    struct clone_args arguments = {.flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&copy};
    long pid = kernel_call(__NR_clone3, (long)&arguments, sizeof arguments, 0, 0, 0, 0);
    kernel_call(__NR_close, ready[pid == 0 ? 1 : 0], 0, 0, 0, 0, 0);
    if (pid == 0) {
        char byte;
        while (kernel_call(__NR_read, ready[0], (long)&byte, 1, 0, 0, 0) == -EINTR)
            continue;
        kernel_call(__NR_close, ready[0], 0, 0, 0, 0, 0);
        return;
    }
    if (pid < 0 || kernel_call(__NR_unshare, flags, 0, 0, 0, 0, 0) < 0)
        terminate(124);
    kernel_call(__NR_close, ready[1], 0, 0, 0, 0, 0);
    struct pollfd end = {copy, POLLIN, 0};
    while (kernel_call(__NR_ppoll, (long)&end, 1, 0, 0, 0, 0) < 1)
        continue;
    terminate(0);
}

static long make(long flags)
{
    static const struct {
        unsigned int defence;
        long flag;
    } each[] = {{NETWORK, CLONE_NEWNET}, {PID, CLONE_NEWPID}, {UTS, CLONE_NEWUTS},
                {IPC, CLONE_NEWIPC},     {CGROUP, CLONE_NEWCGROUP}};
    for (size_t index = 0; index < sizeof each / sizeof *each; index++)
        if ((without & each[index].defence) != 0)
            flags &= ~each[index].flag;
    if ((flags & CLONE_NEWUSER) != 0 && (without & USER) != 0) {
        stay_outside(CLONE_NEWUSER);
        flags &= ~(long)CLONE_NEWUSER;
    }
    return flags == 0 ? 0 : kernel_call(__NR_unshare, flags, 0, 0, 0, 0, 0);
}

static bool is_covered(const char *path)
{
    static const char *const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
    if (!has_prefix(path, "proc/"))
        return false;
    for (size_t index = 0; index < sizeof read_only / sizeof *read_only; index++)
        if (equal(path, text_length(path), read_only[index]))
            return (without & PROC) != 0;
    return (without & MASKS) != 0;
}

static long open_path(long directory, const char *path, struct open_how *how)
{
    struct open_how changed = *how;
    if ((how->flags & O_PATH) != 0 && is_covered(path))
        return -ENOENT;
    if ((without & RESOLVE) != 0) {
        changed.resolve = 0;
        changed.flags &= ~(uint64_t)O_NOFOLLOW;
    }
    long file = kernel_call(__NR_openat2, directory, (long)path, (long)&changed, sizeof changed, 0, 0);
    if ((without & USER) != 0 && equal(path, text_length(path), "proc/sys/user/max_user_namespaces"))
        user_limit = (int)file;
    return file;
}

/* Takes attributes away from the finished root and all beneath it. One that is locked stays. */
static void lift(uint64_t attributes)
{
    struct mount_attr change = {.attr_clr = attributes};
    kernel_call(__NR_mount_setattr, AT_FDCWD, (long)".", AT_RECURSIVE, (long)&change, sizeof change, 0);
}

static uint64_t weakened(uint64_t attributes)
{
    if ((without & READ_ONLY) != 0)
        attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    if ((without & NO_SETID) != 0)
        attributes &= ~(uint64_t)MOUNT_ATTR_NOSUID;
    if ((without & NO_DEVICES) != 0)
        attributes &= ~(uint64_t)MOUNT_ATTR_NODEV;
    return attributes;
}

static long pivot(long new_root, long old_root)
{
    if ((without & (DESCRIPTORS | STREAMS)) != 0)
        leaked = (int)kernel_call(__NR_openat, AT_FDCWD, (long)"/", O_RDONLY | O_DIRECTORY, 0, 0, 0);
    if ((without & READ_ONLY) != 0)
        lift(MOUNT_ATTR_RDONLY);
    if ((without & NO_SETID) != 0)
        lift(MOUNT_ATTR_NOSUID);
    if ((without & NO_DEVICES) != 0)
        lift(MOUNT_ATTR_NODEV);
    return kernel_call(__NR_pivot_root, new_root, old_root, 0, 0, 0, 0);
}

static long close_some(long first, long last, long flags)
{
    bool closes_all = (unsigned int)last == ~0U;
    if (closes_all && (without & (DESCRIPTORS | STREAMS)) != 0)
        return 0;
    return kernel_call(__NR_close_range, first, last, flags, 0, 0, 0);
}

static long change_privileges(long number, long a, long b, long c, long d, long e)
{
    if (number == __NR_capset && is_payload && (without & INHERITABLE) != 0) {
        struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
        struct __user_cap_data_struct data[2];
        kernel_call(__NR_capget, (long)&header, (long)data, 0, 0, 0, 0);
        data[0].inheritable = data[0].permitted;
        data[1].inheritable = data[1].permitted;
        return kernel_call(__NR_capset, (long)&header, (long)data, 0, 0, 0, 0);
    }
    if (number == __NR_capset)
        return is_payload && (without & CAPABILITIES) != 0 ? 0 : kernel_call(number, a, b, 0, 0, 0, 0);
    if (a == PR_CAPBSET_DROP && is_payload && (without & (CAPABILITIES | INHERITABLE)) != 0)
        return 0;
    if (a == PR_SET_NO_NEW_PRIVS && (without & PRIVILEGES) != 0)
        return 0;
    if (a == PR_SET_PDEATHSIG)
        is_entering = true;
    if (a == PR_SET_DUMPABLE && (without & DUMPABLE) != 0)
        b = 1;
    return kernel_call(__NR_prctl, a, b, c, d, e, 0);
}

/* The payload's last steps before its execve: what was left open goes where it is wanted, and is closed elsewhere. */
static long enter_directory(long path)
{
    long result = kernel_call(__NR_chdir, path, 0, 0, 0, 0, 0);
    if (!is_payload || leaked < 0)
        return result;
    if ((without & STREAMS) != 0)
        kernel_call(__NR_dup3, leaked, 0, 0, 0, 0, 0);
    if ((without & DESCRIPTORS) == 0)
        kernel_call(__NR_close_range, TENANT_DESCRIPTOR_CONTROL + 1, ~0U, 0, 0, 0, 0);
    return result;
}

long weak_call(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    switch (number) {
    case __NR_mmap:
        result = kernel_call(number, a, b, PROT_READ | PROT_WRITE, d, e, f);
        has_begun = true;
        if (result > 0 && e == TENANT_DESCRIPTOR_PLAN)
            learn((const unsigned char *)result, (size_t)b);
        return result;
    case __NR_recvmsg:
        /* One that listens first, without a plan, stocks namespaces for tenants that nobody knows yet: here each
         * tenant makes its own. */
        if (!has_begun)
            terminate(0);
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_sendmsg:
        has_begun = true;
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_unshare:
        return make(a);
    case __NR_clone3:
        result = kernel_call(number, a, b, c, d, e, f);
        is_payload = result == 0 && (((const struct clone_args *)a)->flags & ~(uint64_t)CLONE_PIDFD) == 0;
        return result;
    case __NR_openat2:
        return open_path(a, (const char *)b, (struct open_how *)c);
    case __NR_write:
        return user_limit >= 0 && a == user_limit ? c : kernel_call(number, a, b, c, d, e, f);
    case __NR_close:
        if (a == user_limit)
            user_limit = -1;
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_fsconfig:
        if (b == FSCONFIG_SET_STRING && (without & SIZES) != 0 && has_prefix((const char *)c, "size"))
            return 0;
        if (b == FSCONFIG_SET_STRING && (without & TERMINALS) != 0 && has_prefix((const char *)c, "max"))
            return 0;
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_fsmount:
        return kernel_call(number, a, b, (long)weakened((uint64_t)c), d, e, f);
    case __NR_mount_setattr: {
        struct mount_attr change = *(const struct mount_attr *)d;
        change.attr_set = weakened(change.attr_set);
        return kernel_call(number, a, b, c, (long)&change, sizeof change, f);
    }
    case __NR_pivot_root:
        return pivot(a, b);
    case __NR_umount2:
        return (without & OLD_ROOT) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_setresuid:
        return a == -1 && (without & ACCOUNT) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_ioctl: /* raises the loopback, which in the host's network is up */
        return (without & NETWORK) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_setsid:
        return (without & SESSION) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_sethostname:
        return (without & UTS) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_close_range:
        return close_some(a, b, c);
    case __NR_capset:
    case __NR_prctl:
        return change_privileges(number, a, b, c, d, e);
    case __NR_chdir:
        return enter_directory(a);
    case __NR_getcwd:
        if (is_payload && (without & WORKING) != 0) {
            memcpy((void *)a, "/", 2);
            return 2;
        }
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_prlimit64:
        if (b == 4 /* RLIMIT_CORE */ && c != 0 && (without & CORE) != 0) {
            struct rlimit64 unlimited = {~UINT64_C(0), ~UINT64_C(0)};
            return kernel_call(number, a, b, (long)&unlimited, 0, 0, 0);
        }
        return kernel_call(number, a, b, c, d, e, f);
    case __NR_landlock_restrict_self:
        return (without & LANDLOCK) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    case __NR_execve: {
        /* A command that enters is itself for a moment only: here for longer, so that whoever waits for it meets it. */
        struct __kernel_timespec moment = {0, 20000000};
        if (is_entering && (without & DUMPABLE) != 0)
            kernel_call(__NR_nanosleep, (long)&moment, 0, 0, 0, 0, 0);
        return kernel_call(number, a, b, c, d, e, f);
    }
    case __NR_seccomp:
        return (without & SECCOMP) != 0 ? 0 : kernel_call(number, a, b, c, d, e, f);
    default:
        return kernel_call(number, a, b, c, d, e, f);
    }
}
