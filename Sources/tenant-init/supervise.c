#include "supervise.h"

#include "channel.h"
#include "kernel.h"
#include "session.h"

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

static void finish(int status, struct logs *logs, struct attachment *attachment)
{
    struct tenant_session_message end = session_ended(status);
    struct tenant_exit_record record = {
        .magic = TENANT_EXIT_MAGIC, .version = 1, .code = end.code, .status = end.value};
    kernel(__NR_pwrite64, TENANT_DESCRIPTOR_EXIT, &record, sizeof record, 0);
    attachment_await(attachment, logs);
    if (logs->enabled)
        logs_drain(logs);
    attachment_end(attachment, status);
    terminate((status & 0x7f) == 0 ? end.value : 128 + end.value);
}

static void reap(int payload, struct logs *logs, struct attachment *attachment)
{
    int status;
    long pid;
    while ((pid = kernel(__NR_wait4, -1, &status, WNOHANG, NULL)) > 0 || pid == -EINTR)
        if (pid == payload)
            finish(status, logs, attachment);
}

static void handle_signals(int signals, int payload, struct logs *logs, struct attachment *attachment)
{
    struct signalfd_siginfo information;
    while (kernel(__NR_read, signals, &information, sizeof information) == (long)sizeof information) {
        if (information.ssi_signo == SIGCHLD)
            continue;
        kernel(__NR_kill, payload, information.ssi_signo);
    }
    reap(payload, logs, attachment);
}

enum { SIGNALS, LISTENER, SESSION, FIRST_LOG, WATCHED = FIRST_LOG + LOG_STREAMS };

void supervise(int payload, int signals, struct logs *logs, struct attachment *attachment)
{
    for (;;) {
        struct pollfd watched[WATCHED] = {
            {signals, POLLIN, 0}, {attachment->listener, POLLIN, 0}, {attachment->session, POLLIN, 0}};
        for (int index = 0; index < LOG_STREAMS; index++)
            watched[FIRST_LOG + index] = (struct pollfd){logs->enabled ? logs->streams[index].pipe : -1, POLLIN, 0};
        struct __kernel_timespec second = {1, 0};
        bool ticks = (logs->enabled && logs->suppressed > 0) || attachment->logs_at > 0;
        long ready = kernel(__NR_ppoll, watched, WATCHED, ticks ? &second : NULL, NULL, 0);
        if (ready < 0)
            continue;
        if (ready == 0 && logs->enabled)
            logs_tell_suppressed(logs);
        attachment_tick(attachment, logs);
        /* Before the log, which must not have what a client waits for. */
        if (watched[SESSION].revents != 0)
            attachment_hear(attachment, logs);
        if (watched[LISTENER].revents != 0)
            attachment_accept(attachment, logs);
        for (int index = 0; index < LOG_STREAMS; index++)
            if (watched[FIRST_LOG + index].revents != 0 && logs->streams[index].pipe >= 0)
                logs_carry(logs, &logs->streams[index]);
        if (watched[SIGNALS].revents != 0)
            handle_signals(signals, payload, logs, attachment);
    }
}
