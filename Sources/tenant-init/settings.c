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

static void set_resource_limit(uint32_t resource, uint64_t soft, uint64_t hard)
{
    char name[32];
    struct rlimit64 values = {soft, hard};
    text_append_number(name, sizeof name, text_append(name, sizeof name, 0, "resource "), resource);
    check(kernel(__NR_prlimit64, 0, resource, &values, NULL), TENANT_STAGE_SETTINGS, "prlimit64", name);
}

void raise_resource_limits(const struct plan *plan)
{
    struct plan_cursor cursor = {0};
    struct record record;
    while (plan_next(plan, &cursor, &record)) {
        struct tenant_rlimit limit;
        struct rlimit64 current = {0};
        if (record.type != TENANT_RECORD_RLIMIT)
            continue;
        record_copy(&record, &limit, sizeof limit);
        check(kernel(__NR_prlimit64, 0, limit.resource, NULL, &current), TENANT_STAGE_SETTINGS, "prlimit64", NULL);
        if (limit.hard > current.rlim_max)
            set_resource_limit(limit.resource, current.rlim_cur, limit.hard);
    }
}

void set_resource_limits(const struct plan *plan)
{
    struct plan_cursor cursor = {0};
    struct record record;
    while (plan_next(plan, &cursor, &record)) {
        struct tenant_rlimit limit;
        if (record.type != TENANT_RECORD_RLIMIT)
            continue;
        record_copy(&record, &limit, sizeof limit);
        set_resource_limit(limit.resource, limit.soft, limit.hard);
    }
}
