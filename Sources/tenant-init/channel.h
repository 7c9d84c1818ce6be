/* The socket to the daemon, and the one way to fail. */
#ifndef TENANT_INIT_CHANNEL_H
#define TENANT_INIT_CHANNEL_H

#include "tenant_plan.h"

#include <stddef.h>

/* Tells the daemon that STAGE failed in system call CALL on PATH with -RESULT, and ends this process. */
_Noreturn void fail(uint32_t stage, const char *call, long result, const char *path);

/* Answers RESULT if it is no error, and fails otherwise. */
long check(long result, uint32_t stage, const char *call, const char *path);

/* Sends a message that says no more than its type and VALUE, with COUNT (0 to 2) descriptors. */
void send_message(uint32_t type, uint32_t value, const int *descriptors, size_t count);

/* Sends one packet with COUNT (0 to 2) descriptors and answers what sendmsg(2) does; a reader that is gone raises no
 * signal. */
long send_bytes(int socket, const void *bytes, size_t size, const int *descriptors, size_t count, int flags);

/* Waits for a message of TYPE, takes up to MAXIMUM descriptors from it and, unless it is NULL, its VALUE; answers how many
 * descriptors came. Ends this process when the daemon has hung up: there is nobody left to start for. */
size_t receive_message(uint32_t type, uint32_t *value, int *descriptors, size_t maximum);

#endif
