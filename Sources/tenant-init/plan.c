#include "plan.h"

#include "kernel.h"

#include <linux/filter.h>

/* What a payload looks like: a struct of FIXED bytes, then strings, or then items of ITEM bytes. */
struct shape {
    uint16_t type;
    uint32_t fixed;
    uint32_t least_texts;
    uint32_t most_texts;
    uint32_t item;
};

enum { ANY = TENANT_PLAN_MAXIMUM_SIZE };

static const struct shape shapes[] = {
    {TENANT_RECORD_NAMESPACES, sizeof(struct tenant_namespaces), 0, 0, 0},
    {TENANT_RECORD_OOM_SCORE, 0, 1, 1, 0},
    {TENANT_RECORD_TIME_OFFSETS, 0, 1, 1, 0},
    {TENANT_RECORD_STAGING, 0, 1, 1, 0},
    {TENANT_RECORD_ACCOUNT, sizeof(uint32_t), 0, 0, 0},
    {TENANT_RECORD_ENTRY, sizeof(struct tenant_entry), 0, 0, 0},
    {TENANT_RECORD_ROOT_TREE, sizeof(uint32_t), 0, 0, 0},
    {TENANT_RECORD_ROOT_OVERLAY, 2 * sizeof(uint32_t), 0, ANY, 0},
    {TENANT_RECORD_DIRECTORY, sizeof(struct tenant_node), 1, 1, 0},
    {TENANT_RECORD_SYMLINK, 0, 2, 2, 0},
    {TENANT_RECORD_ATTACH, sizeof(uint32_t), 1, 1, 0},
    {TENANT_RECORD_MOUNT, sizeof(uint64_t), 2, ANY, 0},
    {TENANT_RECORD_MASK, 0, 1, 1, 0},
    {TENANT_RECORD_READ_ONLY, 0, 1, 1, 0},
    {TENANT_RECORD_PIVOT, sizeof(uint32_t), 0, 0, 0},
    {TENANT_RECORD_HOSTNAME, 0, 1, 1, 0},
    {TENANT_RECORD_SYSCTL, 0, 2, 2, 0},
    {TENANT_RECORD_RLIMIT, sizeof(struct tenant_rlimit), 0, 0, 0},
    {TENANT_RECORD_LOGS, sizeof(struct tenant_logs), 1, 1, 0},
    {TENANT_RECORD_CORE_SCHEDULING, 0, 0, 0, 0},
    {TENANT_RECORD_TERMINAL, sizeof(struct tenant_terminal), 0, 0, 0},
    {TENANT_RECORD_IDENTITY, sizeof(struct tenant_identity), 0, 0, sizeof(uint32_t)},
    {TENANT_RECORD_CAPABILITIES, sizeof(struct tenant_capabilities), 0, 0, 0},
    {TENANT_RECORD_UMASK, sizeof(uint32_t), 0, 0, 0},
    {TENANT_RECORD_WORKING, 0, 1, 1, 0},
    {TENANT_RECORD_SECCOMP, 0, 0, 0, sizeof(struct sock_filter)},
    {TENANT_RECORD_ARGUMENTS, 0, 1, ANY, 0},
    {TENANT_RECORD_ENVIRONMENT, 0, 0, ANY, 0},
    {TENANT_RECORD_SECCOMP_FLAGS, sizeof(uint32_t), 0, 0, 0},
    {TENANT_RECORD_LANDLOCK, sizeof(struct tenant_landlock), 0, 0, 0},
    {TENANT_RECORD_LANDLOCK_PATH, sizeof(uint64_t), 1, 1, 0},
    {TENANT_RECORD_LANDLOCK_PORT, sizeof(struct tenant_landlock_port), 0, 0, 0},
};

static const struct shape *shape_of(uint16_t type)
{
    for (size_t index = 0; index < sizeof shapes / sizeof *shapes; index++)
        if (shapes[index].type == type)
            return &shapes[index];
    return NULL;
}

static bool texts_fit(const struct shape *shape, const unsigned char *bytes, uint32_t size)
{
    uint32_t count = 0;
    if (size > 0 && bytes[size - 1] != '\0')
        return false;
    for (uint32_t index = 0; index < size; index++)
        if (bytes[index] == '\0')
            count++;
    return count >= shape->least_texts && count <= shape->most_texts;
}

static bool groups_fit(const unsigned char *payload, uint32_t size)
{
    struct tenant_identity identity;
    memcpy(&identity, payload, sizeof identity);
    return identity.group_count <= TENANT_PLAN_MAXIMUM_GROUPS &&
           size - sizeof identity == identity.group_count * sizeof(uint32_t);
}

static const char *payload_check(uint16_t type, const unsigned char *payload, uint32_t size)
{
    const struct shape *shape = shape_of(type);
    if (shape == NULL)
        return "unknown record type";
    if (size < shape->fixed)
        return "record too short";
    uint32_t rest = size - shape->fixed;
    if (shape->item > 0) {
        if (rest % shape->item != 0)
            return "record ends within an item";
        if (type == TENANT_RECORD_SECCOMP && (rest == 0 || rest / shape->item > BPF_MAXINSNS))
            return "filter length out of range";
        return type != TENANT_RECORD_IDENTITY || groups_fit(payload, size) ? NULL : "group count doesn't fit";
    }
    return texts_fit(shape, payload + shape->fixed, rest) ? NULL : "strings don't fit the record";
}

const char *plan_check(const unsigned char *bytes, size_t size, struct plan *plan)
{
    struct tenant_plan_header header;
    if (size < sizeof header || size > TENANT_PLAN_MAXIMUM_SIZE)
        return "plan size out of range";
    memcpy(&header, bytes, sizeof header);
    if (header.magic != TENANT_PLAN_MAGIC)
        return "not a plan";
    if (header.version != TENANT_PLAN_VERSION)
        return "plan of another version";
    if (header.size != size)
        return "plan size differs from its header";
    if (header.record_count > TENANT_PLAN_MAXIMUM_RECORDS)
        return "too many records";

    size_t offset = sizeof header;
    uint16_t previous = 0;
    for (uint32_t index = 0; index < header.record_count; index++) {
        struct tenant_plan_record record;
        if (size - offset < sizeof record)
            return "record beyond the end";
        memcpy(&record, bytes + offset, sizeof record);
        offset += sizeof record;
        if (record.reserved != 0)
            return "reserved bits are set";
        if (record.size > size - offset)
            return "payload beyond the end";
        /* Phases rise: a record of the payload's phase can't stand before one that builds the root. */
        if ((record.type >> 4) < (previous >> 4))
            return "records out of order";
        previous = record.type;
        const char *wrong = payload_check(record.type, bytes + offset, record.size);
        if (wrong != NULL)
            return wrong;
        size_t padded = ((size_t)record.size + 7) & ~(size_t)7;
        if (padded > size - offset)
            return "padding beyond the end";
        offset += padded;
    }
    if (offset != size)
        return "bytes after the last record";
    *plan = (struct plan){.bytes = bytes, .size = size, .record_count = header.record_count};
    return NULL;
}

bool plan_next(const struct plan *plan, struct plan_cursor *cursor, struct record *record)
{
    struct tenant_plan_record head;
    if (cursor->index >= plan->record_count)
        return false;
    if (cursor->index == 0)
        cursor->offset = sizeof(struct tenant_plan_header);
    memcpy(&head, plan->bytes + cursor->offset, sizeof head);
    *record = (struct record){head.type, plan->bytes + cursor->offset + sizeof head, head.size};
    cursor->offset += sizeof head + (((size_t)head.size + 7) & ~(size_t)7);
    cursor->index++;
    return true;
}

bool plan_find(const struct plan *plan, uint16_t type, struct record *record)
{
    struct plan_cursor cursor = {0};
    while (plan_next(plan, &cursor, record))
        if (record->type == type)
            return true;
    return false;
}

void record_copy(const struct record *record, void *to, size_t size)
{
    memcpy(to, record->payload, size);
}

const char *record_text(const struct record *record, size_t offset)
{
    return offset < record->size ? (const char *)record->payload + offset : NULL;
}

const char *record_next_text(const struct record *record, const char *text)
{
    return record_text(record, (size_t)((const unsigned char *)text - record->payload) + text_length(text) + 1);
}
