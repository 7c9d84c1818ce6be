/* tenant-init: the only code that runs between clone3 and a tenant's execve, and its PID 1 afterwards.
 *
 * It runs from a sealed memfd with one of five words, and has the standard streams and TENANT_DESCRIPTOR_CONTROL:
 *   tenant-init start      carries out the plan; has all of enum tenant_descriptor
 *   tenant-init enter      runs a command in a tenant that is there already, and attends to it; has the plan, and enum
 *                          tenant_entry_descriptor
 *   tenant-init pairs      makes pairs of namespaces for tenants to come
 *   tenant-init namespace  makes a user namespace and holds it until the other end of the socket closes
 *   tenant-init probe      tries a port of a tenant's loopback; has enum tenant_probe_descriptor */
#include "channel.h"
#include "kernel.h"
#include "logs.h"
#include "probe.h"
#include "stages.h"
#include "supervise.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/stat.h>

static const unsigned char *map_plan(size_t *size)
{
    struct statx status = {0};
    check(kernel(__NR_statx, TENANT_DESCRIPTOR_PLAN, "", AT_EMPTY_PATH, STATX_SIZE, &status), TENANT_STAGE_PLAN,
          "statx", "plan");
    if (status.stx_size == 0 || status.stx_size > TENANT_PLAN_MAXIMUM_SIZE)
        fail(TENANT_STAGE_PLAN, "statx", -EINVAL, "plan size");
    *size = (size_t)status.stx_size;
    long address = check(kernel(__NR_mmap, NULL, *size, PROT_READ, MAP_PRIVATE, TENANT_DESCRIPTOR_PLAN, 0),
                         TENANT_STAGE_PLAN, "mmap", "plan");
    return (const unsigned char *)address;
}

static _Noreturn void become_first_process(const struct plan *plan, const int *trees, size_t tree_count)
{
    struct logs logs;
    struct attachment attachment;
    build_root(plan, trees, tree_count);
    set_hostname(plan);
    schedule_cores_alone(plan);
    int signals = open_signals();
    attachment_open(plan, &attachment);
    logs_open(plan, &logs, attachment.listener >= 0);
    /* Sent as soon as the daemon has recorded this process, so usually it waits here already. */
    receive_message(TENANT_MESSAGE_GO, NULL, NULL, 0);

    struct clone_args arguments = {.exit_signal = SIGNAL_CHILD};
    long payload =
        check(kernel(__NR_clone3, &arguments, sizeof arguments), TENANT_STAGE_EXEC, "clone3", NULL);
    if (payload == 0) {
        int domain = make_domain(plan);
        take_identity(plan);
        run_payload(plan, domain);
    }
    kernel(__NR_close_range, 0, TENANT_DESCRIPTOR_CONTROL, 0);
    kernel(__NR_munmap, plan->bytes, plan->size);
    keep_only_signalling();
    supervise((int)payload, signals, &logs, &attachment);
}

void load_plan(struct plan *plan)
{
    size_t size;
    const unsigned char *bytes = map_plan(&size);
    const char *wrong = plan_check(bytes, size, plan);
    if (wrong != NULL)
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, wrong);
}

static _Noreturn void start(void)
{
    struct plan plan;
    size_t tree_count;
    int trees[TENANT_PLAN_MAXIMUM_TREES];
    load_plan(&plan);
    enter_namespaces(&plan, trees, &tree_count);
    become_first_process(&plan, trees, tree_count);
}

static _Noreturn void hold_namespace(void)
{
    check(kernel(__NR_unshare, CLONE_NEWUSER), TENANT_STAGE_NAMESPACES, "unshare", "user");
    send_message(TENANT_MESSAGE_NAMESPACES, 0, NULL, 0);
    receive_message(TENANT_MESSAGE_GO, NULL, NULL, 0);
    terminate(0);
}

_Noreturn void tenant_init(long *stack);

void tenant_init(long *stack)
{
    long count = stack[0];
    const char *const *arguments = (const char *const *)(stack + 1);
    if (count == 2 && memcmp(arguments[1], "start", 6) == 0)
        start();
    if (count == 2 && memcmp(arguments[1], "enter", 6) == 0)
        enter_tenant();
    if (count == 2 && memcmp(arguments[1], "namespace", 10) == 0)
        hold_namespace();
    if (count == 2 && memcmp(arguments[1], "pairs", 6) == 0)
        serve_pairs();
    if (count == 2 && memcmp(arguments[1], "probe", 6) == 0)
        probe();
    terminate(2);
}
