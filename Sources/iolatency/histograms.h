/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HISTOGRAMS_H
#define HISTOGRAMS_H

/* The histograms: rows of an array that the reader maps into its memory, and so reads without any system call. Which
 * row belongs to whom is in a hash map; free rows wait in a queue. The reader alone gives rows back. */

#include "ciolatency_layout.h"

#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, struct ciolatency_row);
} histograms SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, struct ciolatency_key);
    __type(value, __u32);
} rows SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_QUEUE);
    __uint(max_entries, 1024);
    __type(value, __u32);
} free_rows SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct ciolatency_state);
} state SEC(".maps");

static __always_inline struct ciolatency_state *counters(void)
{
    __u32 zero = 0;

    return bpf_map_lookup_elem(&state, &zero);
}

static __always_inline void count_lost_flight(void)
{
    struct ciolatency_state *own = counters();

    if (own)
        __sync_fetch_and_add(&own->lost_flights, 1);
}

static __always_inline void count_lost_row(void)
{
    struct ciolatency_state *own = counters();

    if (own)
        __sync_fetch_and_add(&own->lost_rows, 1);
}

/* The largest power of two that is in a number, as its exponent. */
static __always_inline __u32 exponent(__u32 number)
{
    __u32 result = 0, step;

    step = (number > 0xffff) << 4;
    number >>= step, result |= step;
    step = (number > 0xff) << 3;
    number >>= step, result |= step;
    step = (number > 0xf) << 2;
    number >>= step, result |= step;
    step = (number > 0x3) << 1;
    number >>= step, result |= step;
    return result | (number >> 1);
}

static __always_inline __u32 bucket_of_time(__u64 nanoseconds)
{
    __u64 units = nanoseconds >> CIOLATENCY_UNIT_SHIFT;
    __u32 log;

    if (units < CIOLATENCY_SUB)
        return (__u32)units;
    if (units >> (CIOLATENCY_SUB_SHIFT + CIOLATENCY_OCTAVES))
        return CIOLATENCY_BUCKETS - 1;
    log = exponent((__u32)units) - CIOLATENCY_SUB_SHIFT;
    return ((log + 1) << CIOLATENCY_SUB_SHIFT) + (((__u32)units >> log) & (CIOLATENCY_SUB - 1));
}

/* The number of a new row for `key`: a null pointer if there is none. */
static __always_inline __u32 *new_row(struct ciolatency_key *key)
{
    struct ciolatency_state *own = counters();
    __u32 number = 0;

    if (!own || bpf_map_pop_elem(&free_rows, &number))
        return 0;
    /* Another processor may have been faster. */
    if (bpf_map_update_elem(&rows, key, &number, BPF_NOEXIST))
        bpf_map_push_elem(&free_rows, &number, 0);
    else
        __sync_fetch_and_add(&own->rows_made, 1);
    return bpf_map_lookup_elem(&rows, key);
}

static __always_inline void add(struct ciolatency_row *row, enum ciolatency_phase phase, __u64 nanoseconds)
{
    __u32 bucket = bucket_of_time(nanoseconds);

    /* The compiler knows that it is; the verifier has to see it. */
    barrier_var(bucket);
    if (bucket < CIOLATENCY_BUCKETS)
        __atomic_fetch_add(&row->buckets[phase][bucket], 1, __ATOMIC_RELAXED);
}

#endif
