#include "channel.h"
#include "kernel.h"
#include "stages.h"

#include <linux/errno.h>
#include <linux/resource.h>

void set_hostname(const struct plan *plan)
{
    struct record record;
    if (!plan_find(plan, TENANT_RECORD_HOSTNAME, &record))
        return;
    const char *name = record_text(&record, 0);
    check(kernel(__NR_sethostname, name, text_length(name)), TENANT_STAGE_SETTINGS, "sethostname", name);
}

static long set_resource_limit(const struct tenant_rlimit *limit, uint64_t soft, uint64_t hard)
{
    char name[32];
    struct rlimit64 values = {soft, hard};
    long result = kernel(__NR_prlimit64, 0, limit->resource, &values, NULL);
    if (result == -EPERM && (limit->flags & TENANT_RLIMIT_DEFAULT) != 0)
        return result;
    text_append_number(name, sizeof name, text_append(name, sizeof name, 0, "resource "), limit->resource);
    return check(result, TENANT_STAGE_SETTINGS, "prlimit64", name);
}

static struct rlimit64 current_limit(uint32_t resource)
{
    struct rlimit64 current = {0};
    check(kernel(__NR_prlimit64, 0, resource, NULL, &current), TENANT_STAGE_SETTINGS, "prlimit64", NULL);
    return current;
}

/* Runs STEP for each resource limit of the plan. */
static void for_each_limit(const struct plan *plan, void (*step)(const struct tenant_rlimit *))
{
    struct plan_cursor cursor = {0};
    struct record record;
    while (plan_next(plan, &cursor, &record)) {
        struct tenant_rlimit limit;
        if (record.type != TENANT_RECORD_RLIMIT)
            continue;
        record_copy(&record, &limit, sizeof limit);
        step(&limit);
    }
}

static void raise_limit(const struct tenant_rlimit *limit)
{
    struct rlimit64 current = current_limit(limit->resource);
    if (limit->hard > current.rlim_max)
        set_resource_limit(limit, current.rlim_cur, limit->hard);
}

void raise_resource_limits(const struct plan *plan)
{
    for_each_limit(plan, raise_limit);
}

static void set_limit(const struct tenant_rlimit *limit)
{
    if (set_resource_limit(limit, limit->soft, limit->hard) == 0)
        return;
    uint64_t most = current_limit(limit->resource).rlim_max;
    set_resource_limit(limit, limit->soft < most ? limit->soft : most, limit->hard < most ? limit->hard : most);
}

void set_resource_limits(const struct plan *plan)
{
    for_each_limit(plan, set_limit);
}

static void schedule_cores(const struct plan *plan, uint32_t stage, long what, uint32_t process, long scope)
{
    enum { SCHED_CORE = 62 }; /* PR_SCHED_CORE */
    struct record record;
    if (!plan_find(plan, TENANT_RECORD_CORE_SCHEDULING, &record))
        return;
    long result = kernel(__NR_prctl, SCHED_CORE, what, process, scope, 0);
    if (result == -ENODEV) /* no core has several threads */
        return;
    check(result, stage, "prctl", "PR_SCHED_CORE");
}

/* Linux 5.14; see Documentation/admin-guide/hw-vuln/core-scheduling.rst. */
enum { CORE_CREATE = 1, CORE_SHARE_FROM = 3, ONE_THREAD = 0, THREAD_GROUP = 1 }; /* PR_SCHED_CORE_*, PIDTYPE_* */

void schedule_cores_alone(const struct plan *plan)
{
    schedule_cores(plan, TENANT_STAGE_SETTINGS, CORE_CREATE, 0, THREAD_GROUP);
}

void share_cores(const struct plan *plan, uint32_t process)
{
    schedule_cores(plan, TENANT_STAGE_ENTRY, CORE_SHARE_FROM, process, ONE_THREAD);
}
