/* What plan_check lets through and what it refuses: tenant-init reads the plan before anything protects it. */
#include "plan.c"
#include "text.c"

#include <stdio.h>
#include <stdlib.h>

struct builder {
    unsigned char bytes[4096];
    size_t size;
    uint32_t count;
};

static void begin(struct builder *builder)
{
    *builder = (struct builder){.size = sizeof(struct tenant_plan_header)};
}

static void add(struct builder *builder, uint16_t type, const void *payload, uint32_t size)
{
    struct tenant_plan_record record = {.type = type, .size = size};
    memcpy(builder->bytes + builder->size, &record, sizeof record);
    memcpy(builder->bytes + builder->size + sizeof record, payload, size);
    builder->size += sizeof record + ((size + 7) & ~7U);
    builder->count++;
}

static const char *verdict(struct builder *builder, struct plan *plan)
{
    struct tenant_plan_header header = {TENANT_PLAN_MAGIC, TENANT_PLAN_VERSION, (uint32_t)builder->size,
                                        builder->count};
    memcpy(builder->bytes, &header, sizeof header);
    /* An exact copy on the heap, so that the sanitizer sees every byte read beyond the end. */
    unsigned char *exact = malloc(builder->size);
    if (exact == NULL)
        abort();
    memcpy(exact, builder->bytes, builder->size);
    const char *wrong = plan_check(exact, builder->size, plan);
    free(exact);
    plan->bytes = builder->bytes;
    return wrong;
}

static int failures;

static void expect(const char *sentence, int holds)
{
    if (holds)
        return;
    printf("FAIL: %s\n", sentence);
    failures++;
}

static void a_plan_of_known_records_passes(void)
{
    struct builder builder;
    struct plan plan;
    struct record record;
    begin(&builder);
    struct tenant_namespaces namespaces = {1, 2, 0};
    add(&builder, TENANT_RECORD_NAMESPACES, &namespaces, sizeof namespaces);
    add(&builder, TENANT_RECORD_ARGUMENTS, "sh\0-c\0true", 11);
    expect("a plan of known records passes", verdict(&builder, &plan) == NULL);
    expect("a record is found", plan_find(&plan, TENANT_RECORD_ARGUMENTS, &record));
    const char *first = record_text(&record, 0), *second = record_next_text(&record, first);
    expect("its strings follow each other", memcmp(second, "-c", 3) == 0);
    expect("the last string has no successor",
           record_next_text(&record, record_next_text(&record, second)) == NULL);
    expect("an absent record is not found", !plan_find(&plan, TENANT_RECORD_UMASK, &record));
}

static void a_string_without_an_end_is_refused(void)
{
    struct builder builder;
    struct plan plan;
    begin(&builder);
    add(&builder, TENANT_RECORD_HOSTNAME, "abc", 3);
    expect("a string without an end is refused", verdict(&builder, &plan) != NULL);
}

static void too_few_and_too_many_strings_are_refused(void)
{
    struct builder builder;
    struct plan plan;
    begin(&builder);
    add(&builder, TENANT_RECORD_SYMLINK, "one", 4);
    expect("a link without a path is refused", verdict(&builder, &plan) != NULL);
    begin(&builder);
    add(&builder, TENANT_RECORD_HOSTNAME, "a\0b", 4);
    expect("a second host name is refused", verdict(&builder, &plan) != NULL);
}

static void groups_must_match_their_count(void)
{
    struct builder builder;
    struct plan plan;
    uint32_t payload[4] = {0, 0, 2, 7};
    begin(&builder);
    add(&builder, TENANT_RECORD_IDENTITY, payload, sizeof payload);
    expect("groups must match their count", verdict(&builder, &plan) != NULL);
    payload[2] = 0x40000001; /* times 4 is 4 in 32 bits */
    begin(&builder);
    add(&builder, TENANT_RECORD_IDENTITY, payload, sizeof payload);
    expect("a count that overflows is refused", verdict(&builder, &plan) != NULL);
}

static void a_rule_of_a_domain_has_its_whole_shape(void)
{
    struct builder builder;
    struct plan plan;
    unsigned char rule[16] = {2};
    begin(&builder);
    add(&builder, TENANT_RECORD_LANDLOCK_PATH, rule, 8);
    expect("a rule without a path is refused", verdict(&builder, &plan) != NULL);
    begin(&builder);
    add(&builder, TENANT_RECORD_LANDLOCK_PATH, "\2\0\0\0\0\0\0\0/tmp\0/etc", 18);
    expect("a rule with two paths is refused", verdict(&builder, &plan) != NULL);
    begin(&builder);
    add(&builder, TENANT_RECORD_LANDLOCK_PORT, rule, 12);
    expect("half a port is refused", verdict(&builder, &plan) != NULL);
    begin(&builder);
    add(&builder, TENANT_RECORD_CORE_SCHEDULING, "x", 2);
    expect("core scheduling takes no argument", verdict(&builder, &plan) != NULL);
    begin(&builder);
    add(&builder, TENANT_RECORD_CORE_SCHEDULING, "", 0);
    add(&builder, TENANT_RECORD_LANDLOCK_PATH, "\2\0\0\0\0\0\0\0/tmp", 13);
    add(&builder, TENANT_RECORD_LANDLOCK_PORT, rule, 16);
    expect("whole rules pass", verdict(&builder, &plan) == NULL);
}

static void phases_may_not_run_backwards(void)
{
    struct builder builder;
    struct plan plan;
    uint32_t mask = 022;
    begin(&builder);
    add(&builder, TENANT_RECORD_UMASK, &mask, sizeof mask);
    add(&builder, TENANT_RECORD_HOSTNAME, "late", 5);
    expect("phases may not run backwards", verdict(&builder, &plan) != NULL);
}

static void lengths_that_lie_are_refused(void)
{
    struct builder builder;
    struct plan plan;
    for (uint32_t lie = 6; lie < 4096; lie += 61) {
        begin(&builder);
        add(&builder, TENANT_RECORD_HOSTNAME, "name", 5);
        struct tenant_plan_record record = {.type = TENANT_RECORD_HOSTNAME, .size = lie};
        memcpy(builder.bytes + sizeof(struct tenant_plan_header), &record, sizeof record);
        expect("a length that lies is refused", verdict(&builder, &plan) != NULL);
    }
    begin(&builder);
    builder.count = 3;
    expect("records that aren't there are refused", verdict(&builder, &plan) != NULL);
}

static void an_unknown_record_or_version_is_refused(void)
{
    struct builder builder;
    struct plan plan;
    begin(&builder);
    add(&builder, 0x7f, "", 0);
    expect("an unknown record is refused", verdict(&builder, &plan) != NULL);
    unsigned char wrong[sizeof(struct tenant_plan_header)] = {0};
    expect("zeros are no plan", plan_check(wrong, sizeof wrong, &plan) != NULL);
    expect("nothing is no plan", plan_check(wrong, 0, &plan) != NULL);
}

static void numbers_and_texts_never_leave_their_buffer(void)
{
    char buffer[8];
    size_t end = text_append(buffer, sizeof buffer, 0, "0123456789");
    expect("a long text is cut", end == 7 && buffer[7] == '\0');
    end = text_append_number(buffer, sizeof buffer, 0, UINT64_MAX);
    expect("a long number is cut", end == 7 && buffer[7] == '\0');
}

int main(void)
{
    a_plan_of_known_records_passes();
    a_string_without_an_end_is_refused();
    too_few_and_too_many_strings_are_refused();
    groups_must_match_their_count();
    a_rule_of_a_domain_has_its_whole_shape();
    phases_may_not_run_backwards();
    lengths_that_lie_are_refused();
    an_unknown_record_or_version_is_refused();
    numbers_and_texts_never_leave_their_buffer();
    return failures == 0 ? 0 : 1;
}
