/* The decoded plan: pointers into the mapped bytes, every length checked once and for all. */
#ifndef TENANT_INIT_PLAN_H
#define TENANT_INIT_PLAN_H

#include "tenant_plan.h"

#include <stdbool.h>
#include <stddef.h>

struct plan {
    const unsigned char *bytes;
    size_t size;
    uint32_t record_count;
};

struct record {
    uint16_t type;
    const unsigned char *payload;
    uint32_t size;
};

struct plan_cursor {
    size_t offset;
    uint32_t index;
};

/* Checks a whole plan: magic, version, sizes, padding, order, and the shape of each payload. Answers NULL, or a
 * sentence that says what is wrong with it; only a plan that passed may be read by the functions below. */
const char *plan_check(const unsigned char *bytes, size_t size, struct plan *plan);

/* Steps to the next record; false at the end. Start with a cursor of zeros. */
bool plan_next(const struct plan *plan, struct plan_cursor *cursor, struct record *record);

/* The first record of a type; false if there is none. */
bool plan_find(const struct plan *plan, uint16_t type, struct record *record);

/* The payload's leading struct, copied to where the compiler may align it. */
void record_copy(const struct record *record, void *to, size_t size);

/* The first string at or after OFFSET. */
const char *record_text(const struct record *record, size_t offset);

/* Steps over a string; NULL after the last. */
const char *record_next_text(const struct record *record, const char *text);

#endif
