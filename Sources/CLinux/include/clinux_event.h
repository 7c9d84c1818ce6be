/* epoll(7), eventfd(2) and signalfd(2) as the C library has them, and what an event loop needs besides. */
#ifndef CLINUX_EVENT_H
#define CLINUX_EVENT_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>

/* accept4(2), without the peer's address. */
int clinux_accept(int socket, int flags);

/* pthread_setname_np(3) for the calling thread. Answers 0 or an error number. */
int clinux_set_thread_name(const char *name);

/* Puts the calling thread before all others but real-time ones of a higher priority (SCHED_FIFO, sched(7)). What it starts
   doesn't inherit that. Answers 0 or an error number. */
int clinux_set_real_time_priority(int priority);

/* ppoll(2) of one descriptor for reading; for ever without a timeout. Answers 1, 0 after the timeout, or -1. */
int clinux_wait_readable(int descriptor, const struct timespec *timeout);

#endif
