/* libFuzzer over tenant-init's plan decoder: what passes plan_check is walked as tenant-init walks it. */
#include "plan.c"
#include "text.c"

#include <stdint.h>
#include <stdlib.h>

static volatile size_t touched;

/* The size in the header would refuse nearly every mutation: it is put right, so that the records are reached. */
static void correct_header(unsigned char *bytes, size_t size)
{
    struct tenant_plan_header header;
    if (size < sizeof header)
        return;
    memcpy(&header, bytes, sizeof header);
    header.magic = TENANT_PLAN_MAGIC;
    header.version = TENANT_PLAN_VERSION;
    header.size = (uint32_t)size;
    memcpy(bytes, &header, sizeof header);
}

static void walk(const struct plan *plan)
{
    struct plan_cursor cursor = {0};
    struct record record;
    while (plan_next(plan, &cursor, &record)) {
        const struct shape *shape = shape_of(record.type);
        if (shape->item > 0) {
            for (uint32_t index = 0; index < record.size; index++)
                touched += record.payload[index];
            continue;
        }
        for (const char *text = record_text(&record, shape->fixed); text != NULL;
             text = record_next_text(&record, text))
            touched += text_length(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan plan;
    unsigned char *bytes = malloc(size > 0 ? size : 1);
    if (bytes == NULL)
        return 0;
    memcpy(bytes, data, size);
    if (size > 0 && (size & 1) == 0)
        correct_header(bytes, size);
    if (plan_check(bytes, size, &plan) == NULL)
        walk(&plan);
    free(bytes);
    return 0;
}
