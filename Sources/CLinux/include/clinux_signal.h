/* Signals as values: one thread waits for those that all block. */
#ifndef CLINUX_SIGNAL_H
#define CLINUX_SIGNAL_H

#include <signal.h>
#include <sys/types.h>
#include <time.h>

/* A signal that has arrived. */
struct clinux_signal {
    int number;
    /* Whether sigqueue(3) sent it: only then do the other fields mean something. The kernel vouches for who sent it. */
    int queued;
    pid_t sender;
    uid_t user;
    int value;
};

/* sigtimedwait(2); for ever without a timeout. Answers the signal's number, or -1 with EAGAIN after the timeout. */
int clinux_wait_signal(const sigset_t *set, const struct timespec *timeout, struct clinux_signal *arrived);

/* sigqueue(3) with a number. */
int clinux_queue_signal(pid_t pid, int number, int value);

/* pipe2(2) whose ends, reading and writing, are closed at an exec. */
int clinux_pipe(int ends[2]);

#endif
