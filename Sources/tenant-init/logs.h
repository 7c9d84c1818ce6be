/* Carries the payload's output from two pipes to journald or a rotated file, at a bounded rate.
 *
 * PID 1 does it, so that the bytes never pass through the daemon, their cost is charged to the tenant, and a flood is
 * cut off before it reaches journald, whose own limit is per unit and would silence every tenant at once. */
#ifndef TENANT_INIT_LOGS_H
#define TENANT_INIT_LOGS_H

#include "plan.h"

enum { LOG_STREAMS = 2 };

struct log_stream {
    int pipe; /* read end, or -1 when the payload has closed it */
    int sink; /* a connection to journald, or the log file */
    bool within_line;
};

struct logs {
    bool enabled;
    struct log_stream streams[LOG_STREAMS];
    uint32_t kind;
    uint64_t rate, burst, file_size;
    uint64_t tokens, refilled_at; /* bytes; nanoseconds of CLOCK_MONOTONIC */
    uint64_t written;             /* bytes in the current log file */
    uint64_t suppressed;          /* bytes dropped since the last report */
    char name[128];
};

/* Opens the sinks and puts the pipes' write ends at descriptors 1 and 2 of the payload to be, owned by its user so that
 * it can open /dev/stdout. With a terminal there are no pipes: see attach.h. */
void logs_open(const struct plan *plan, struct logs *logs, bool has_terminal);

/* Reads once from STREAM and writes what the rate allows; false when the stream has ended. */
bool logs_carry(struct logs *logs, struct log_stream *stream);

/* Tells of what was dropped as soon as the rate allows a line; to be called once a second while there is any. */
void logs_tell_suppressed(struct logs *logs);

/* Carries what is in the pipes without waiting for more. */
void logs_drain(struct logs *logs);

#endif
