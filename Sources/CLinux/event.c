#include "clinux_event.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/socket.h>

int clinux_accept(int socket, int flags)
{
    return accept4(socket, NULL, NULL, flags);
}

int clinux_set_thread_name(const char *name)
{
    return pthread_setname_np(pthread_self(), name);
}

int clinux_set_real_time_priority(int priority)
{
    struct sched_param parameters = {.sched_priority = priority};
    /* 0 is the calling thread. */
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0 ? 0 : errno;
}

int clinux_wait_readable(int descriptor, const struct timespec *timeout)
{
    struct pollfd poll = {.fd = descriptor, .events = POLLIN};
    return ppoll(&poll, 1, timeout, NULL);
}
