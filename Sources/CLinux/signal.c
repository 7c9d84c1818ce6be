#include "clinux_signal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int clinux_wait_signal(const sigset_t *set, const struct timespec *timeout, struct clinux_signal *arrived)
{
    siginfo_t information;
    memset(arrived, 0, sizeof *arrived);
    int number = sigtimedwait(set, &information, timeout);
    if (number < 0)
        return -1;
    arrived->number = number;
    arrived->queued = information.si_code == SI_QUEUE;
    if (arrived->queued) {
        arrived->sender = information.si_pid;
        arrived->user = information.si_uid;
        arrived->value = information.si_value.sival_int;
    }
    return number;
}

int clinux_queue_signal(pid_t pid, int number, int value)
{
    return sigqueue(pid, number, (union sigval){.sival_int = value});
}

int clinux_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}
