#include "channel.h"
#include "kernel.h"
#include "stages.h"

#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/sched.h>

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

/* What the daemon's own unit may have set and a tenant must not inherit: session, keyring, processors, OOM score. */
static void shed_inheritance(const struct plan *plan)
{
    static const unsigned char every_processor[1024] = {[0 ... 1023] = 0xff};
    struct record record;
    kernel(__NR_setsid);
    kernel(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);
    kernel(__NR_personality, 0);
    kernel(__NR_sched_setaffinity, 0, sizeof every_processor, every_processor);
    kernel(__NR_setpriority, 0, 0, 0);
    kernel(__NR_ioprio_set, 1, 0, 0);
    kernel(__NR_prctl, PR_SET_TIMERSLACK, 0);
    if (plan_find(plan, TENANT_RECORD_OOM_SCORE, &record))
        write_own(open_own("/proc/self/oom_score_adj"), "/proc/self/oom_score_adj", record_text(&record, 0));
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

    /* Opened while this process is still the host's root: afterwards its /proc files belong to nobody it can be. */
    bool has_offsets = plan_find(plan, TENANT_RECORD_TIME_OFFSETS, &record);
    if (has_offsets)
        offsets = open_own("/proc/self/timens_offsets");

    check(kernel(__NR_unshare, namespaces.owner), TENANT_STAGE_NAMESPACES, "unshare", "user and network");
    send_message(TENANT_MESSAGE_NAMESPACES, 0, -1);
    *tree_count = receive_message(TENANT_MESSAGE_MAPPED, trees, TENANT_PLAN_MAXIMUM_TREES);

    check(kernel(__NR_setgroups, 0, NULL), TENANT_STAGE_NAMESPACES, "setgroups", NULL);
    check(kernel(__NR_setresgid, 0, 0, 0), TENANT_STAGE_NAMESPACES, "setresgid", NULL);
    check(kernel(__NR_setresuid, 0, 0, 0), TENANT_STAGE_NAMESPACES, "setresuid", NULL);
    check(kernel(__NR_unshare, namespaces.inner), TENANT_STAGE_NAMESPACES, "unshare", "the other namespaces");
    if (has_offsets)
        write_own(offsets, "/proc/self/timens_offsets", record_text(&record, 0));

    int pidfd = -1;
    struct clone_args arguments = {.flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd};
    long pid = check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_FORK, "clone3", NULL);
    if (pid == 0)
        return;
    send_message(TENANT_MESSAGE_FORKED, (uint32_t)pid, pidfd);
    terminate(0);
}
