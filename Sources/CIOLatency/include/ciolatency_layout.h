#ifndef CIOLATENCY_LAYOUT_H
#define CIOLATENCY_LAYOUT_H

/* What the BPF program and its reader share. Both are built from one tree; the sizes are asserted on both sides. */

#include <linux/types.h>

/* A time in units of 64 ns: values below 16 units have a bucket each, and every power of two above has 16 of equal
 * width. So a bucket is at most 1/16 of its lower bound wide, and its middle is within 3.2 % of all that it holds, from
 * 1 us to 17 s. */
#define CIOLATENCY_UNIT_SHIFT 6
#define CIOLATENCY_SUB_SHIFT 4
#define CIOLATENCY_SUB (1 << CIOLATENCY_SUB_SHIFT)
#define CIOLATENCY_OCTAVES 24
#define CIOLATENCY_BUCKETS (CIOLATENCY_SUB * (CIOLATENCY_OCTAVES + 1))

enum ciolatency_operation {
    CIOLATENCY_READ,
    CIOLATENCY_SYNC_WRITE,
    CIOLATENCY_WRITE,
    CIOLATENCY_DISCARD,
    CIOLATENCY_FLUSH,
    CIOLATENCY_OPERATIONS
};

enum ciolatency_phase {
    CIOLATENCY_TOTAL,
    CIOLATENCY_HELD,
    CIOLATENCY_QUEUE,
    CIOLATENCY_DEVICE,
    CIOLATENCY_PHASES
};

/* Which row of histograms an IO counts in. Several rows with different `shard` make up one histogram: processors that
 * complete IO of one tenant at once don't fight for the same cache lines. */
struct ciolatency_key {
    __u64 cgroup; /* its id: the inode number of its directory */
    __u32 device; /* the whole disk's, as the kernel packs it: major << 20 | minor */
    __u8 operation;
    __u8 shard;
    __u16 zero;
};

/* Counters wrap; the reader adds up differences. */
struct ciolatency_row {
    __u64 count; /* of IOs; a row with the same count as before has nothing new */
    __u32 buckets[CIOLATENCY_PHASES][CIOLATENCY_BUCKETS];
};

struct ciolatency_state {
    __u64 rows_made;    /* since the program was loaded: while it stays the same, no key is new */
    __u64 lost_flights; /* IOs that found no room among those in flight */
    __u64 lost_rows;    /* IOs of a tenant, device and operation that found no free row */
};

struct ciolatency_config {
    __u32 bucket_mask; /* both one less than a power of two */
    __u32 shard_mask;
};

#endif
