#ifndef CIOLATENCY_H
#define CIOLATENCY_H

#include "ciolatency_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Loads the BPF program by libbpf and gives access to its maps. All is held by descriptors of this process: when the
 * sensor is closed, or the process ends, nothing of it is left in the kernel. */
struct ciolatency_sensor;

struct ciolatency_options {
    uint32_t rows;    /* how many tenants × disks × operations × shards can have histograms */
    uint32_t flights; /* for how many IOs in flight there is room; rounded up to a power of two */
    uint32_t shards;  /* a power of two */
};

enum ciolatency_stage {
    CIOLATENCY_STAGE_OPEN,
    CIOLATENCY_STAGE_LOAD,
    CIOLATENCY_STAGE_ATTACH,
    CIOLATENCY_STAGE_MAP,
};

struct ciolatency_failure {
    enum ciolatency_stage stage;
    int error;      /* an errno value */
    char said[1024]; /* the end of what libbpf and the kernel's verifier said; NUL-terminated */
};

struct ciolatency_cost {
    char name[16];
    uint64_t nanoseconds; /* 0 unless sysctl kernel.bpf_stats_enabled is on */
    uint64_t runs;        /* likewise */
    uint64_t missed;      /* runs that the kernel left out since the program was already running on that processor */
};

#define CIOLATENCY_PROGRAMS 6

/* Null on failure. `object` may be freed afterwards. */
struct ciolatency_sensor *ciolatency_load(const void *object, size_t size, const struct ciolatency_options *options,
                                          struct ciolatency_failure *failure);

void ciolatency_close(struct ciolatency_sensor *sensor);

/* Whether the hold of blk-throttle is seen. */
bool ciolatency_sees_throttle(const struct ciolatency_sensor *sensor);

uint32_t ciolatency_row_count(const struct ciolatency_sensor *sensor);

/* The kernel's own memory, which changes while one looks; null for a number out of range. */
const struct ciolatency_row *ciolatency_row(const struct ciolatency_sensor *sensor, uint32_t number);
const struct ciolatency_state *ciolatency_state(const struct ciolatency_sensor *sensor);

/* All keys, in no order, and the rows that they have: `capacity` must be ciolatency_row_count(). Returns how many, or -1
 * with errno. */
int ciolatency_keys(const struct ciolatency_sensor *sensor, struct ciolatency_key *keys, uint32_t *rows,
                    uint32_t capacity);

/* Takes its row from a key: -1 with errno ENOENT if it has none. The row may be recycled once no program runs that has
 * looked it up before. */
int ciolatency_forget(const struct ciolatency_sensor *sensor, const struct ciolatency_key *key);

/* Clears a row that no key has, and lets it be used again. */
int ciolatency_recycle(const struct ciolatency_sensor *sensor, uint32_t row);

/* What each program has cost. Returns how many there are, at most CIOLATENCY_PROGRAMS, or -1 with errno. */
int ciolatency_costs(const struct ciolatency_sensor *sensor, struct ciolatency_cost *costs);

/* Whether a group with this id exists beneath the cgroup2 mount that `mount` is in: 1, 0, or -1 with errno. */
int ciolatency_cgroup_exists(int mount, uint64_t id);

#endif
