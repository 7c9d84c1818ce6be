/* The payload's terminal, in the hands of PID 1: its clients come and go, one at a time, and take the master side
 * along; while there is none, what the payload writes goes to the log. Their socket outlives the daemon. */
#ifndef TENANT_INIT_ATTACH_H
#define TENANT_INIT_ATTACH_H

#include "logs.h"

struct attachment {
    int listener; /* -1 where the payload has no terminal */
    int master;
    int session;     /* to the client; -1 while there is none */
    uint64_t logs_at; /* when output goes to the log for want of a first client, in nanoseconds; 0: no longer waits */
};

/* Makes the terminal that the plan asks for, if it does. */
void attachment_open(const struct plan *plan, struct attachment *attachment);

/* Lets output go to the log, if nobody has come in time for it. */
void attachment_tick(struct attachment *attachment, struct logs *logs);

/* Takes the next client in; one that was there is told and left to itself. */
void attachment_accept(struct attachment *attachment, struct logs *logs);

/* Hears whether the client has gone. */
void attachment_hear(struct attachment *attachment, struct logs *logs);

/* Waits for the first client of a payload that has ended before one could come. */
void attachment_await(struct attachment *attachment, struct logs *logs);

/* Tells the client how the payload ended, by its wait STATUS. */
void attachment_end(struct attachment *attachment, int status);

#endif
