#include "supervise.h"

#include "channel.h"
#include "kernel.h"

#include <asm-generic/siginfo.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/time_types.h>
#include <linux/wait.h>

int open_signals(void)
{
    unsigned long every = ~0UL;
    kernel(__NR_rt_sigprocmask, SIG_SETMASK, &every, NULL, sizeof every);
    return (int)check(kernel(__NR_signalfd4, -1, &every, sizeof every, O_CLOEXEC | O_NONBLOCK), TENANT_STAGE_SETTINGS,
                      "signalfd4", NULL);
}

static void finish(int status, struct logs *logs)
{
    bool exited = (status & 0x7f) == 0;
    int value = exited ? status >> 8 & 0xff : status & 0x7f;
    struct tenant_exit_record record = {
        .magic = TENANT_EXIT_MAGIC,
        .version = 1,
        .code = exited ? CLD_EXITED : (status & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED,
        .status = value,
    };
    if (logs->enabled)
        logs_drain(logs);
    kernel(__NR_pwrite64, TENANT_DESCRIPTOR_EXIT, &record, sizeof record, 0);
    terminate(exited ? value : 128 + value);
}

static void reap(int payload, struct logs *logs)
{
    int status;
    long pid;
    while ((pid = kernel(__NR_wait4, -1, &status, WNOHANG, NULL)) > 0 || pid == -EINTR)
        if (pid == payload)
            finish(status, logs);
}

static void handle_signals(int signals, int payload, struct logs *logs)
{
    struct signalfd_siginfo information;
    while (kernel(__NR_read, signals, &information, sizeof information) == (long)sizeof information) {
        if (information.ssi_signo == SIGCHLD)
            continue;
        kernel(__NR_kill, payload, information.ssi_signo);
    }
    reap(payload, logs);
}

void supervise(int payload, int signals, struct logs *logs)
{
    for (;;) {
        struct pollfd watched[1 + LOG_STREAMS] = {{signals, POLLIN, 0}};
        for (int index = 0; index < LOG_STREAMS; index++)
            watched[1 + index] = (struct pollfd){logs->enabled ? logs->streams[index].pipe : -1, POLLIN, 0};
        struct __kernel_timespec second = {1, 0};
        bool untold = logs->enabled && logs->suppressed > 0;
        long ready = kernel(__NR_ppoll, watched, 1 + LOG_STREAMS, untold ? &second : NULL, NULL, 0);
        if (ready < 0)
            continue;
        if (ready == 0)
            logs_tell_suppressed(logs);
        for (int index = 0; index < LOG_STREAMS; index++)
            if (watched[1 + index].revents != 0)
                logs_carry(logs, &logs->streams[index]);
        if (watched[0].revents != 0)
            handle_signals(signals, payload, logs);
    }
}
