/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

/* The few fields of the kernel's block layer that are looked at. Their offsets are the loader's to find, in the running
 * kernel's BTF (CO-RE), so this needs no header of any kernel. */

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
    __u64 id;
};

struct cgroup {
    struct kernfs_node *kn;
};

struct cgroup_subsys_state {
    struct cgroup *cgroup;
};

struct blkcg {
    struct cgroup_subsys_state css;
};

struct blkcg_gq {
    struct blkcg *blkcg;
};

struct gendisk {
    int major;
    int first_minor;
};

struct block_device {
    struct gendisk *bd_disk;
};

struct bvec_iter {
    unsigned int bi_size;
};

struct bio {
    struct bio *bi_next;
    struct block_device *bi_bdev;
    unsigned int bi_opf;
    struct bvec_iter bi_iter;
    void *bi_private;
    struct blkcg_gq *bi_blkg;
};

struct request {
    struct bio *bio;
    __u64 alloc_time_ns;
    __u64 start_time_ns;
    void *end_io;
};

#pragma clang attribute pop

enum req_op {
    REQ_OP_READ = 0,
    REQ_OP_WRITE = 1,
    REQ_OP_DISCARD = 3,
    REQ_OP_SECURE_ERASE = 5,
    REQ_OP_ZONE_APPEND = 7,
    REQ_OP_WRITE_ZEROES = 9,
    REQ_OP_MASK = 255,
};

/* The values are the running kernel's, found like offsets. */
enum req_flag_bits {
    __REQ_SYNC = 11,
};

#endif
