/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef FLIGHTS_H
#define FLIGHTS_H

/* The bios in flight, by their numbers, which stand for addresses: a table of buckets with eight slots each, claimed by compare-and-swap.
 *
 * The kernel's own hash map would do, for three times the cost: its updates and deletions take a bucket's lock with
 * interrupts off, and on kernels up to 6.3 an interrupt at the wrong moment makes them fail. Here the eight numbers of
 * a bucket share a cache line, and a claim is one instruction.
 *
 * Only who submits a bio claims its slot, and only who completes it frees it: the block layer orders the two. So the
 * fields of a slot need no lock. A bio whose end isn't seen leaves its slot behind; the next one at that address
 * takes it over, or whoever needs the room after STALE_NS. */

#include "config.h"

#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>

#define SLOTS 8
#define STALE_NS (600ull * 1000000000ull)

struct flight {
    __u64 submitted; /* when the bio was given to the block layer, ns; 0 while its group's limit is being asked */
    __u64 runnable;  /* when the last limit let it go */
    __u64 held;      /* how long limits have held it, ns */
    __u64 waiting;   /* since when a limit holds it; 0 while none does */
    __u64 issued;    /* when the request that it heads was last handed to the driver */
    __u64 parent;    /* of a piece that was split off: the bio that it came from */
    __u64 cgroup;
    __u32 device;
    __u16 operation;
    __u16 zero;
    __u64 pieces; /* requests that still have to complete */
};

struct bucket {
    __u64 bio[SLOTS];
    struct flight flight[SLOTS];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8192); /* as all sizes of maps: the loader sets it */
    __type(key, __u32);
    __type(value, struct bucket);
} flights SEC(".maps");

/* A number that stands for a bio. The verifier allows no arithmetic on a kernel's pointer but its distance from another
 * pointer; `config` never moves. */
static __always_inline __u64 number_of(const void *bio)
{
    __u64 number = (__u64)bio;

    asm volatile("%0 -= %1" : "+r"(number) : "r"(&config));
    return number;
}

/* A slot, or nothing if `flight` is null. */
struct slot {
    __u64 *bio;
    struct flight *flight;
};

static __always_inline __u32 bucket_of_bio(__u64 bio)
{
    /* Fibonacci hashing: the upper bits of the product depend on all bits of the number. */
    return (__u32)((bio * 0x9e3779b97f4a7c15ull) >> 40) & config.bucket_mask;
}

static __always_inline struct slot find_in(__u32 number, __u64 bio)
{
    struct bucket *bucket = bpf_map_lookup_elem(&flights, &number);

    if (bucket) {
#pragma unroll
        for (int i = 0; i < SLOTS; i++) {
            if (bucket->bio[i] == bio)
                return (struct slot){&bucket->bio[i], &bucket->flight[i]};
        }
    }
    return (struct slot){0};
}

static __always_inline struct slot find(__u64 bio)
{
    __u32 number = bucket_of_bio(bio);
    struct slot slot = find_in(number, bio);

    return slot.flight ? slot : find_in(number ^ 1, bio);
}

static __always_inline struct slot claim_in(__u32 number, __u64 bio)
{
    struct bucket *bucket = bpf_map_lookup_elem(&flights, &number);

    if (bucket) {
#pragma unroll
        for (int i = 0; i < SLOTS; i++) {
            if (!bucket->bio[i] && !__sync_val_compare_and_swap(&bucket->bio[i], 0, bio))
                return (struct slot){&bucket->bio[i], &bucket->flight[i]};
        }
    }
    return (struct slot){0};
}

/* Takes the place of a bio whose end was never seen. */
static __always_inline struct slot evict_in(__u32 number, __u64 bio, __u64 now)
{
    struct bucket *bucket = bpf_map_lookup_elem(&flights, &number);

    if (bucket) {
#pragma unroll
        for (int i = 0; i < SLOTS; i++) {
            __u64 old = bucket->bio[i];

            if (old && now - bucket->flight[i].runnable > STALE_NS && bucket->flight[i].runnable &&
                __sync_val_compare_and_swap(&bucket->bio[i], old, bio) == old)
                return (struct slot){&bucket->bio[i], &bucket->flight[i]};
        }
    }
    return (struct slot){0};
}

/* A slot for a bio that has none. */
static __always_inline struct slot claim(__u64 bio, __u64 now)
{
    __u32 number = bucket_of_bio(bio);
    struct slot slot = claim_in(number, bio);

    if (!slot.flight)
        slot = claim_in(number ^ 1, bio);
    if (!slot.flight)
        slot = evict_in(number, bio, now);
    return slot;
}

static __always_inline void release(struct slot slot)
{
    /* An exchange, so that what was read of the flight was read before another takes the slot. */
    __sync_lock_test_and_set(slot.bio, 0);
}

#endif
