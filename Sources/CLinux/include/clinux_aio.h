/* Linux native asynchronous IO, io_setup(2) and its kin, which the C library doesn't wrap. */
#ifndef CLINUX_AIO_H
#define CLINUX_AIO_H

#include <linux/aio_abi.h>
#include <stddef.h>
#include <stdint.h>

/* open(2)'s O_DIRECT and O_TMPFILE, which the C library shows to _GNU_SOURCE alone. */
extern const int clinux_o_direct;
extern const int clinux_o_tmpfile;

/* A context for at most EVENTS IOs in flight. */
int clinux_aio_setup(unsigned int events, uint64_t *context);

/* Ends a context; waits for what is in flight. */
int clinux_aio_destroy(uint64_t context);

/* Fills in one read or write; SLOT comes back with its completion. */
void clinux_aio_prepare(struct iocb *request, int file, int is_write, void *bytes, size_t count, int64_t offset,
                        uint64_t slot);

/* Hands one request to the kernel. */
int clinux_aio_submit(uint64_t context, struct iocb *request);

/* Takes up to MAXIMUM completions, having waited for one of them for at most NANOSECONDS. Answers their number. */
int clinux_aio_wait(uint64_t context, int maximum, struct io_event *events, int64_t nanoseconds);

/* Has the calling thread's timed waits end when they say, rather than 50 us later: PR_SET_TIMERSLACK. */
int clinux_precise_timers(void);

#endif
