// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How long each tenant's IO takes on each disk, from the bio's submission, and where the time goes.
 *
 * The way of a bio, and what is noted where (kernels 6.1 to 6.18: block/blk-core.c, blk-throttle.c, blk-mq.c, bio.c):
 *
 *   submit_bio_noacct
 *     __blk_throtl_bio            fentry; called only if the group or an ancestor has a line in io.max. A bio over the
 *                                 limit is put aside here; a worker of the kernel's goes on with it later.
 *     block_bio_queue             Comes after that hold, in the submitter or in the worker. From here on the bio is in
 *                                 flight: owner, disk and operation are noted, and the hold that has just ended. A bio
 *                                 passes here once, however often it is resubmitted.
 *       block_split               The first part of a bio that is too large goes on as a bio of its own.
 *       rq_qos_throttle           blk-iocost lets the submitter sleep here. It ends when the request is allocated:
 *                                 request.alloc_time_ns, which the kernel keeps for disks under io.cost only.
 *   block_rq_issue                The request goes to the driver. A request that is issued again counts from then on.
 *   block_rq_complete             Its bios are still on its list. One by one they are accounted.
 *   block_bio_complete            The end of a bio that never became a request: device mapper, md, pmem.
 *
 * One bio is one IO: the request of merged bios counts each of them with its own time of submission, and a bio that was
 * split counts once, when its last part is done. Time from submission = held + queue + device. What has no request of
 * its own (a stacked device's bio, an empty flush) has no queue time; all but the hold is the device's.
 *
 * The owner is the group that the bio is charged to (bi_blkg), whoever submits it: a kernel worker that writes back a
 * tenant's pages, device mapper's threads. The disk is the bio's own, whole: a bio of a stacked device counts there, and
 * the bios that it makes beneath count at the disks beneath. One that is passed on by changing its disk (NVMe
 * multipath) stays with the disk that it was submitted to. */

#include "kernel_types.h"

#include "flights.h"
#include "histograms.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* The kernel lets a program read its structures directly only under a licence that it counts as GPL's. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Of one request: more than those that fit into 4 MiB, a page each, which is the most that the kernel makes of itself. The
 * ends of others aren't seen. */
#define MOST_BIOS 1024

static __always_inline __u32 disk_of(struct bio *bio)
{
    struct gendisk *disk = bio->bi_bdev->bd_disk;

    return (__u32)disk->major << 20 | (__u32)disk->first_minor;
}

static __always_inline __u64 owner_of(struct bio *bio)
{
    return bio->bi_blkg->blkcg->css.cgroup->kn->id;
}

/* CIOLATENCY_OPERATIONS for what isn't counted: the management of zones. */
static __always_inline __u16 operation_of(struct bio *bio)
{
    unsigned int flags = bio->bi_opf;
    unsigned int operation = flags & REQ_OP_MASK;

    if (operation == REQ_OP_READ)
        return CIOLATENCY_READ;
    if (operation == REQ_OP_DISCARD || operation == REQ_OP_SECURE_ERASE)
        return CIOLATENCY_DISCARD;
    if (operation != REQ_OP_WRITE && operation != REQ_OP_ZONE_APPEND && operation != REQ_OP_WRITE_ZEROES)
        return CIOLATENCY_OPERATIONS;
    if (!bio->bi_iter.bi_size)
        return CIOLATENCY_FLUSH;
    if (flags & 1u << bpf_core_enum_value(enum req_flag_bits, __REQ_SYNC))
        return CIOLATENCY_SYNC_WRITE;
    return CIOLATENCY_WRITE;
}

static __always_inline void account(const struct flight *flight, __u64 now, __u64 issued)
{
    struct ciolatency_key key = {0};
    struct ciolatency_row *row;
    __u64 total = now - flight->submitted;
    __u64 held = flight->held < total ? flight->held : total;
    __u64 device = total - held, queue = 0;
    __u32 *number;

    if (issued && now - issued < device) {
        queue = device - (now - issued);
        device = now - issued;
    }
    key.cgroup = flight->cgroup;
    key.device = flight->device;
    key.operation = (__u8)flight->operation;
    key.shard = (__u8)(bpf_get_smp_processor_id() & config.shard_mask);
    number = bpf_map_lookup_elem(&rows, &key);
    if (!number)
        number = new_row(&key);
    row = number ? bpf_map_lookup_elem(&histograms, number) : 0;
    if (!row) {
        count_lost_row();
        return;
    }
    add(row, CIOLATENCY_TOTAL, total);
    add(row, CIOLATENCY_HELD, held);
    add(row, CIOLATENCY_QUEUE, queue);
    add(row, CIOLATENCY_DEVICE, device);
    /* Last: a reader who sees the new count sees the rest, too. */
    __sync_fetch_and_add(&row->count, 1);
}

/* A part of a bio, or all of it, is done. Not static, so that the verifier looks at it once and not for each bio. */
__attribute__((noinline)) int end_part(__u64 bio, __u64 now, __u64 issued)
{
    struct slot slot = find(bio);
    struct flight flight;

    if (!slot.flight)
        return 0;
    if (slot.flight->parent) {
        bio = slot.flight->parent;
        release(slot);
        slot = find(bio);
        if (!slot.flight)
            return 0;
    }
    if (__sync_fetch_and_sub(&slot.flight->pieces, 1) != 1)
        return 0;
    flight = *slot.flight;
    release(slot);
    account(&flight, now, issued);
    return 0;
}

SEC("fentry/__blk_throtl_bio")
int bio_asks_limit(const __u64 *arguments)
{
    struct bio *bio = (struct bio *)arguments[0];
    __u64 now = bpf_ktime_get_ns();
    struct slot slot = find(number_of(bio));

    if (!slot.flight) {
        slot = claim(number_of(bio), now);
        if (!slot.flight)
            return 0; /* counted at block_bio_queue */
        slot.flight->submitted = 0;
        slot.flight->runnable = now;
        slot.flight->parent = 0;
    }
    slot.flight->waiting = now;
    return 0;
}

SEC("tp_btf/block_bio_queue")
int bio_queued(const __u64 *arguments)
{
    struct bio *bio = (struct bio *)arguments[0];
    __u64 now = bpf_ktime_get_ns();
    struct slot slot = find(number_of(bio));
    __u16 operation = operation_of(bio);
    struct flight *flight;

    if (operation == CIOLATENCY_OPERATIONS) {
        if (slot.flight)
            release(slot);
        return 0;
    }
    if (slot.flight) {
        flight = slot.flight;
    } else {
        flight = claim(number_of(bio), now).flight;
        if (!flight) {
            count_lost_flight();
            return 0;
        }
        flight->waiting = 0;
    }
    flight->submitted = flight->waiting ? flight->waiting : now;
    flight->held = now - flight->submitted;
    flight->waiting = 0;
    flight->runnable = now;
    flight->issued = 0;
    flight->parent = 0;
    flight->pieces = 1;
    flight->operation = operation;
    flight->device = disk_of(bio);
    flight->cgroup = owner_of(bio);
    return 0;
}

/* `bio` was split off the front of a larger one, which it points to. Device mapper calls this, too, where it resubmits
 * what is left of a bio as the same bio: that one is in flight itself. */
SEC("tp_btf/block_split")
int bio_split(const __u64 *arguments)
{
    struct bio *bio = (struct bio *)arguments[0];
    __u64 number = number_of(bio), now, address, parent;
    struct slot whole, slot = find(number);

    if (slot.flight && !slot.flight->parent && slot.flight->pieces)
        return 0;
    /* A field without a type is read as an address: that of `bio` tells how to make a number of it. */
    if (bpf_probe_read_kernel(&address, sizeof address, arguments))
        return 0;
    parent = (__u64)bio->bi_private - (address - number);
    whole = find(parent);
    if (!whole.flight)
        return 0;
    now = bpf_ktime_get_ns();
    if (!slot.flight)
        slot = claim(number, now);
    if (!slot.flight)
        return 0; /* the whole is then done when its other parts are */
    slot.flight->parent = parent;
    slot.flight->submitted = now;
    slot.flight->runnable = now;
    slot.flight->waiting = 0;
    slot.flight->issued = 0;
    slot.flight->held = 0;
    slot.flight->pieces = 0;
    __sync_fetch_and_add(&whole.flight->pieces, 1);
    return 0;
}

/* A limit has held what became this request until `end`. */
static __always_inline void end_hold(struct flight *flight, __u64 since, __u64 end)
{
    flight->held += end - since;
    flight->runnable = end;
}

SEC("tp_btf/block_rq_issue")
int request_issued(const __u64 *arguments)
{
    struct request *request = (struct request *)arguments[0];
    struct bio *bio = request->bio;
    struct flight *flight;
    __u64 now, end;

    if (!bio)
        return 0;
    flight = find(number_of(bio)).flight;
    if (!flight)
        return 0;
    now = bpf_ktime_get_ns();
    if (flight->waiting) {
        /* The rest of a split bio, which io.max counts again: the kernel tells nobody when it lets it go. */
        end = request->start_time_ns;
        end_hold(flight, flight->waiting, end >= flight->waiting && end <= now ? end : now);
        flight->waiting = 0;
    }
    if (bpf_core_field_exists(request->alloc_time_ns)) {
        end = request->alloc_time_ns;
        if (end > flight->runnable && end <= now)
            end_hold(flight, flight->runnable, end);
    }
    flight->issued = now;
    return 0;
}

SEC("tp_btf/block_rq_complete")
int request_completed(const __u64 *arguments)
{
    struct request *request = (struct request *)arguments[0];
    unsigned int bytes = (unsigned int)arguments[2];
    struct bio *bio = request->bio;
    struct flight *head;
    __u64 now, issued;

    /* A request with a handler of its own isn't its bios' end: the data of a write with a flush before or after it comes
     * by again when all is done; a driver's command has no bio that was submitted. */
    if (!bio || request->end_io)
        return 0;
    head = find(number_of(bio)).flight;
    issued = head ? head->issued : 0;
    now = bpf_ktime_get_ns();
    for (int i = 0; i < MOST_BIOS && bio; i++) {
        struct bio *next = bio->bi_next;
        unsigned int size = bio->bi_iter.bi_size;

        if (size > bytes)
            break; /* the driver has done a part; the rest comes by later */
        bytes -= size;
        end_part(number_of(bio), now, issued);
        bio = next;
    }
    return 0;
}

SEC("tp_btf/block_bio_complete")
int bio_completed(const __u64 *arguments)
{
    struct bio *bio = (struct bio *)arguments[1];
    struct slot slot = find(number_of(bio));
    struct flight flight;

    if (!slot.flight)
        return 0;
    if (slot.flight->parent)
        return end_part(number_of(bio), bpf_ktime_get_ns(), 0);
    /* The kernel has waited for all parts itself. */
    flight = *slot.flight;
    release(slot);
    if (flight.submitted)
        account(&flight, bpf_ktime_get_ns(), flight.issued);
    return 0;
}
