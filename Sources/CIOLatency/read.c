#include "sensor.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

bool ciolatency_sees_throttle(const struct ciolatency_sensor *sensor)
{
    return sensor->sees_throttle;
}

uint32_t ciolatency_row_count(const struct ciolatency_sensor *sensor)
{
    return sensor->row_count;
}

static struct ciolatency_row *row_at(const struct ciolatency_sensor *sensor, uint32_t number)
{
    if (number >= sensor->row_count)
        return NULL;
    return (struct ciolatency_row *)(void *)((char *)sensor->rows + number * sensor->row_stride);
}

const struct ciolatency_row *ciolatency_row(const struct ciolatency_sensor *sensor, uint32_t number)
{
    return row_at(sensor, number);
}

const struct ciolatency_state *ciolatency_state(const struct ciolatency_sensor *sensor)
{
    return sensor->state;
}

int ciolatency_keys(const struct ciolatency_sensor *sensor, struct ciolatency_key *keys, uint32_t *rows,
                    uint32_t capacity)
{
    uint32_t next, count = capacity;

    /* ENOENT says that all were read. */
    if (bpf_map_lookup_batch(sensor->keys, NULL, &next, keys, rows, &count, NULL) != 0 && errno != ENOENT)
        return -1;
    return (int)count;
}

int ciolatency_forget(const struct ciolatency_sensor *sensor, const struct ciolatency_key *key)
{
    return bpf_map_delete_elem(sensor->keys, key) == 0 ? 0 : -1;
}

int ciolatency_recycle(const struct ciolatency_sensor *sensor, uint32_t row)
{
    struct ciolatency_row *memory = row_at(sensor, row);

    if (!memory) {
        errno = EINVAL;
        return -1;
    }
    memset(memory, 0, sizeof *memory);
    return bpf_map_update_elem(sensor->free_rows, NULL, &row, BPF_ANY) == 0 ? 0 : -1;
}

int ciolatency_costs(const struct ciolatency_sensor *sensor, struct ciolatency_cost *costs)
{
    struct bpf_program *program = NULL;
    int count = 0;

    while ((program = bpf_object__next_program(sensor->object, program)) != NULL && count < CIOLATENCY_PROGRAMS) {
        struct bpf_prog_info information = {0};
        uint32_t size = sizeof information;

        if (!bpf_program__autoload(program))
            continue;
        if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &information, &size) != 0)
            return -1;
        memcpy(costs[count].name, information.name, sizeof costs[count].name);
        costs[count].nanoseconds = information.run_time_ns;
        costs[count].runs = information.run_cnt;
        costs[count].missed = information.recursion_misses;
        count++;
    }
    return count;
}
