#include "channel.h"
#include "kernel.h"
#include "stages.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/if.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/sockios.h>
#include <linux/wait.h>

static int open_own(const char *path)
{
    return (int)check(kernel(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC), TENANT_STAGE_NAMESPACES, "openat",
                      path);
}

static void write_own(int file, const char *path, const char *text)
{
    check(kernel(__NR_write, file, text, text_length(text)), TENANT_STAGE_NAMESPACES, "write", path);
    kernel(__NR_close, file);
}

void shed_inheritance(const struct plan *plan)
{
    static const unsigned char every_processor[1024] = {[0 ... 1023] = 0xff};
    struct record record;
    kernel(__NR_setsid);
    /* Keyrings know no namespaces: with the daemon's session keyring the tenant would have the host's keys. */
    long keyring = kernel(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);
    /* A kernel without keys; or a filter that the daemon lives under, which keeps keys from its children as well. */
    if (keyring != -ENOSYS && keyring != -EPERM)
        check(keyring, TENANT_STAGE_NAMESPACES, "keyctl", "session keyring");
    kernel(__NR_personality, 0);
    kernel(__NR_sched_setaffinity, 0, sizeof every_processor, every_processor);
    kernel(__NR_setpriority, 0, 0, 0);
    kernel(__NR_ioprio_set, 1, 0, 0);
    kernel(__NR_prctl, PR_SET_TIMERSLACK, 0);
    if (plan_find(plan, TENANT_RECORD_OOM_SCORE, &record))
        write_own(open_own("/proc/self/oom_score_adj"), "/proc/self/oom_score_adj", record_text(&record, 0));
}

/* Namespaces that were made before, for this tenant alone: a network namespace takes half a millisecond to make. */
static void join(uint32_t namespaces)
{
    check(kernel(__NR_setns, TENANT_DESCRIPTOR_USER, CLONE_NEWUSER), TENANT_STAGE_NAMESPACES, "setns", "user");
    if ((namespaces & CLONE_NEWNET) != 0)
        check(kernel(__NR_setns, TENANT_DESCRIPTOR_NETWORK, CLONE_NEWNET), TENANT_STAGE_NAMESPACES, "setns",
              "network");
    kernel(__NR_close_range, TENANT_DESCRIPTOR_USER, TENANT_DESCRIPTOR_NETWORK, 0);
}

/* 127.0.0.1 works in every network namespace that a program has ever seen. */
static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int socket = (int)check(kernel(__NR_socket, AF_INET, SOCK_DGRAM | O_CLOEXEC, 0), TENANT_STAGE_NAMESPACES, "socket",
                            "lo");
    check(kernel(__NR_ioctl, socket, SIOCSIFFLAGS, &request), TENANT_STAGE_NAMESPACES, "ioctl", "lo");
    kernel(__NR_close, socket);
}

/* What the processes of a user namespace take of inotify, of pending signals, timers and message queues counts as its
 * maker's too, by user_namespaces(7) and the kernel's ucounts. Made as the host's root, one tenant could take all that
 * root and the other tenants may have. So each is made as an id that nobody is otherwise; capabilities stay. */
static void take_account(uint32_t id)
{
    check(kernel(__NR_prctl, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP), TENANT_STAGE_NAMESPACES, "prctl",
          "PR_SET_SECUREBITS");
    check(kernel(__NR_setresuid, -1, id, -1), TENANT_STAGE_NAMESPACES, "setresuid", "account");
    kernel(__NR_prctl, PR_SET_DUMPABLE, 0);
}

static void take_planned_account(const struct plan *plan)
{
    struct record record;
    uint32_t account;
    if (!plan_find(plan, TENANT_RECORD_ACCOUNT, &record))
        return;
    record_copy(&record, &account, sizeof account);
    take_account(account);
}

static void make(uint32_t namespaces)
{
    check(kernel(__NR_unshare, namespaces), TENANT_STAGE_NAMESPACES, "unshare", "user and network");
    if ((namespaces & CLONE_NEWNET) != 0)
        raise_loopback();
}

void become_root_inside(uint32_t stage)
{
    check(kernel(__NR_setgroups, 0, NULL), stage, "setgroups", NULL);
    check(kernel(__NR_setresgid, 0, 0, 0), stage, "setresgid", NULL);
    check(kernel(__NR_setresuid, 0, 0, 0), stage, "setresuid", NULL);
    /* A change of ids sets it to fs.suid_dumpable, whatever that is. */
    check(kernel(__NR_prctl, PR_SET_DUMPABLE, 0), stage, "prctl", "PR_SET_DUMPABLE");
}

void enter_namespaces(const struct plan *plan, int *trees, size_t *tree_count)
{
    struct record record;
    struct tenant_namespaces namespaces;
    int offsets = -1;

    if (!plan_find(plan, TENANT_RECORD_NAMESPACES, &record))
        fail(TENANT_STAGE_PLAN, "plan", -22, "namespaces");
    record_copy(&record, &namespaces, sizeof namespaces);
    shed_inheritance(plan);
    raise_resource_limits(plan);
    kernel(__NR_prctl, PR_SET_DUMPABLE, 0);

    if (namespaces.join != 0)
        join(namespaces.owner);
    else
        take_planned_account(plan);
    /* What counts at the write is who has opened it: CAP_SYS_TIME in the user namespace, which those in it have here, and
     * its owner. Afterwards the /proc files of this process belong to nobody it can be. */
    bool has_offsets = plan_find(plan, TENANT_RECORD_TIME_OFFSETS, &record);
    if (has_offsets)
        offsets = open_own("/proc/self/timens_offsets");
    if (namespaces.join == 0)
        make(namespaces.owner);
    send_message(TENANT_MESSAGE_NAMESPACES, 0, NULL, 0);
    *tree_count = receive_message(TENANT_MESSAGE_MAPPED, NULL, trees, TENANT_PLAN_MAXIMUM_TREES);

    become_root_inside(TENANT_STAGE_NAMESPACES);
    check(kernel(__NR_unshare, namespaces.inner), TENANT_STAGE_NAMESPACES, "unshare", "the other namespaces");
    if (has_offsets)
        write_own(offsets, "/proc/self/timens_offsets", record_text(&record, 0));

    int pidfd = -1;
    struct clone_args arguments = {.flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd};
    long pid = check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_FORK, "clone3", NULL);
    if (pid == 0)
        return;
    send_message(TENANT_MESSAGE_FORKED, (uint32_t)pid, &pidfd, 1);
    terminate(0);
}

enum { SIGNAL_STOP = 19 };

/* Lives in a fresh pair of namespaces, stopped, until it is killed. */
static _Noreturn void inhabit_pair(void)
{
    kernel(__NR_prctl, PR_SET_PDEATHSIG, SIGNAL_KILL);
    raise_loopback();
    kernel(__NR_kill, kernel(__NR_getpid), SIGNAL_STOP);
    terminate(0);
}

static int open_namespace(long pid, const char *kind)
{
    char path[64];
    size_t end = text_append(path, sizeof path, 0, "/proc/");
    end = text_append_number(path, sizeof path, end, (uint64_t)pid);
    end = text_append(path, sizeof path, end, "/ns/");
    text_append(path, sizeof path, end, kind);
    return (int)check(kernel(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), TENANT_STAGE_NAMESPACES, "openat",
                      path);
}

static void serve_pair(uint32_t account)
{
    take_account(account);
    struct clone_args arguments = {.flags = CLONE_NEWUSER | CLONE_NEWNET, .exit_signal = SIGNAL_CHILD};
    int status = 0;
    long pid = check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_FORK, "clone3", NULL);
    if (pid == 0)
        inhabit_pair();
    kernel(__NR_wait4, pid, &status, WUNTRACED | __WALL, NULL);
    if ((status & 0xff) != 0x7f)
        terminate(127); /* it has told why */
    int pair[2] = {open_namespace(pid, "user"), open_namespace(pid, "net")};
    check(kernel(__NR_setresuid, -1, 0, -1), TENANT_STAGE_NAMESPACES, "setresuid", NULL);
    send_message(TENANT_MESSAGE_PAIR, 0, pair, 2);
    kernel(__NR_kill, pid, SIGNAL_KILL);
    kernel(__NR_wait4, pid, NULL, __WALL, NULL);
    kernel(__NR_close, pair[0]);
    kernel(__NR_close, pair[1]);
}

void serve_pairs(void)
{
    for (;;) {
        uint32_t account = 0;
        receive_message(TENANT_MESSAGE_PAIR, &account, NULL, 0);
        serve_pair(account);
    }
}
