/* A command that is run in a tenant which is there already.
 *
 * Three processes. The one that the daemon has spawned only forks, straight into the tenant's group. The second joins
 * the tenant's namespaces but the pid namespace, which a process can't change for itself: so nobody in the tenant can
 * name it, and all that changes credentials happens there. The third is born in the tenant's pid namespace; it is the
 * first that the tenant sees, and it isn't dumpable with a memory that belongs to the host's user namespace, which is
 * what ptrace(2), /proc/PID/mem, fd, exe, environ and pidfd_getfd(2) ask for (CVE-2016-9962). The second stays, out of
 * sight: it tells the client how the command ended, and ends it when the client goes. */
#include "channel.h"
#include "kernel.h"
#include "session.h"
#include "stages.h"
#include "terminal.h"

#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time_types.h>

static struct tenant_entry planned_entry(const struct plan *plan)
{
    struct record record;
    struct tenant_entry entry;
    if (!plan_find(plan, TENANT_RECORD_ENTRY, &record))
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "entry");
    record_copy(&record, &entry, sizeof entry);
    return entry;
}

static void await_end(int process)
{
    struct pollfd watched = {process, POLLIN, 0};
    while (kernel(__NR_ppoll, &watched, 1, NULL, NULL, 0) <= 0)
        continue;
    kernel(__NR_close, process);
}

/* Forks into the tenant's group; the parent, in the daemon's, has done its part. The child waits until it has, or what
 * is said from inside the tenant could overtake the parent's message. */
static void enter_group(void)
{
    int pidfd = -1;
    int self = (int)check(kernel(__NR_pidfd_open, kernel(__NR_getpid), 0), TENANT_STAGE_ENTRY, "pidfd_open", NULL);
    struct clone_args arguments = {
        .flags = CLONE_PARENT | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .cgroup = TENANT_ENTRY_GROUP,
    };
    long pid = check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_ENTRY, "clone3", NULL);
    if (pid == 0) {
        await_end(self);
        return;
    }
    send_message(TENANT_MESSAGE_FORKED, (uint32_t)pid, &pidfd, 1);
    terminate(0);
}

/* The command ends with whoever attends to it. A daemon that gives the two up ends the session before it kills the
 * attendant: so a command whose attendant it has killed before the first call here finds its session over. */
static _Noreturn void run_command(const struct plan *plan, int domain)
{
    struct pollfd session = {TENANT_ENTRY_SESSION, 0, 0};
    struct __kernel_timespec at_once = {0, 0};
    kernel(__NR_prctl, PR_SET_PDEATHSIG, SIGNAL_KILL);
    if (kernel(__NR_ppoll, &session, 1, &at_once, NULL, 0) > 0)
        terminate(127);
    run_payload(plan, domain);
}

/* The client alone holds it from here on: when it goes, the kernel hangs the terminal up. */
static void hand_over_terminal(const struct plan *plan)
{
    struct tenant_session_message message = {.type = TENANT_SESSION_TERMINAL};
    int master = open_terminal(plan);
    if (master < 0)
        return;
    check(session_send(TENANT_ENTRY_SESSION, &message, master), TENANT_STAGE_TERMINAL, "sendmsg", NULL);
    kernel(__NR_close, master);
}

void enter_tenant(void)
{
    struct plan plan;
    int process = -1;

    kernel(__NR_prctl, PR_SET_DUMPABLE, 0);
    load_plan(&plan);
    struct tenant_entry entry = planned_entry(&plan);
    shed_inheritance(&plan);
    raise_resource_limits(&plan);
    /* Asks for a privilege over PID 1 that goes with the host's user namespace. The number is still PID 1's, or the
     * setns below has nobody to follow. */
    share_cores(&plan, entry.process);
    /* The daemon first puts this process where no flag of clone3 leads: into a class of resctrl, which is inherited. */
    receive_message(TENANT_MESSAGE_GO, NULL, NULL, 0);
    enter_group();

    check(kernel(__NR_setns, TENANT_ENTRY_PROCESS, entry.namespaces), TENANT_STAGE_ENTRY, "setns", NULL);
    kernel(__NR_close_range, TENANT_ENTRY_SESSION + 1, ~0U, 0);
    /* As the tenant's PID 1 is when it makes the payload's terminal and Landlock domain. */
    become_root_inside(TENANT_STAGE_ENTRY);
    hand_over_terminal(&plan);
    int domain = make_domain(&plan);
    take_identity(&plan);
    check(kernel(__NR_prctl, PR_SET_DUMPABLE, 0), TENANT_STAGE_IDENTITY, "prctl", "PR_SET_DUMPABLE");

    struct clone_args arguments = {
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&process, .exit_signal = SIGNAL_CHILD};
    long pid = check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_ENTRY, "clone3", NULL);
    if (pid == 0)
        run_command(&plan, domain);
    if (domain >= 0)
        kernel(__NR_close, domain);
    kernel(__NR_close_range, 0, TENANT_ENTRY_SESSION - 1, 0);
    kernel(__NR_munmap, plan.bytes, plan.size);
    keep_only_signalling();
    attend_session(TENANT_ENTRY_SESSION, (int)pid, process);
}
