#include "attach.h"

#include "kernel.h"
#include "session.h"
#include "terminal.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time_types.h>

/* The log has a descriptor of its own: it closes what has ended. */
static void start_log(const struct attachment *attachment, struct logs *logs)
{
    if (logs->enabled && logs->streams[0].pipe < 0)
        logs->streams[0].pipe = (int)kernel(__NR_fcntl, attachment->master, F_DUPFD_CLOEXEC, 0);
}

static void stop_log(struct logs *logs)
{
    if (!logs->enabled || logs->streams[0].pipe < 0)
        return;
    kernel(__NR_close, logs->streams[0].pipe);
    logs->streams[0].pipe = -1;
}

void attachment_open(const struct plan *plan, struct attachment *attachment)
{
    struct tenant_terminal terminal;
    *attachment = (struct attachment){.listener = -1, .master = open_terminal(plan), .session = -1};
    if (attachment->master < 0 || !terminal_planned(plan, &terminal)) {
        kernel(__NR_close, TENANT_DESCRIPTOR_ATTACH);
        return;
    }
    attachment->listener = TENANT_DESCRIPTOR_ATTACH;
    attachment->logs_at = monotonic_time() + (uint64_t)terminal.waits * 1000000000U;
}

void attachment_tick(struct attachment *attachment, struct logs *logs)
{
    if (attachment->logs_at == 0 || monotonic_time() < attachment->logs_at)
        return;
    attachment->logs_at = 0;
    start_log(attachment, logs);
}

static void dismiss(struct attachment *attachment)
{
    struct tenant_session_message message = {.type = TENANT_SESSION_TAKEN};
    if (attachment->session < 0)
        return;
    session_send(attachment->session, &message, -1);
    kernel(__NR_close, attachment->session);
    attachment->session = -1;
}

/* Without a client: output goes to the log. */
static void end_session(struct attachment *attachment, struct logs *logs)
{
    kernel(__NR_close, attachment->session);
    attachment->session = -1;
    start_log(attachment, logs);
}

void attachment_accept(struct attachment *attachment, struct logs *logs)
{
    struct tenant_session_message message = {.type = TENANT_SESSION_TERMINAL};
    int session = (int)kernel(__NR_accept4, attachment->listener, NULL, NULL, O_CLOEXEC | O_NONBLOCK);
    if (session < 0)
        return;
    dismiss(attachment);
    attachment->logs_at = 0;
    stop_log(logs);
    attachment->session = session;
    if (session_send(session, &message, attachment->master) < 0)
        end_session(attachment, logs);
}

void attachment_hear(struct attachment *attachment, struct logs *logs)
{
    struct tenant_session_message message;
    long got = kernel(__NR_recvfrom, attachment->session, &message, sizeof message, DO_NOT_WAIT, NULL, NULL);
    if (got > 0 || got == -EAGAIN || got == -EINTR)
        return;
    end_session(attachment, logs);
}

void attachment_await(struct attachment *attachment, struct logs *logs)
{
    struct pollfd watched = {attachment->listener, POLLIN, 0};
    while (attachment->logs_at > 0) {
        struct __kernel_timespec second = {1, 0};
        if (kernel(__NR_ppoll, &watched, 1, &second, NULL, 0) > 0)
            attachment_accept(attachment, logs);
        attachment_tick(attachment, logs);
    }
}

void attachment_end(struct attachment *attachment, int status)
{
    struct tenant_session_message message = session_ended(status);
    if (attachment->session >= 0)
        session_send(attachment->session, &message, -1);
}
