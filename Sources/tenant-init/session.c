#include "session.h"

#include "channel.h"
#include "kernel.h"

#include <asm-generic/siginfo.h>
#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/time_types.h>
#include <linux/wait.h>
#include <stdbool.h>

enum { SIGNAL_HANGUP = 1, LAST_SIGNAL = 64 };

struct tenant_session_message session_ended(int status)
{
    bool exited = (status & 0x7f) == 0;
    return (struct tenant_session_message){
        .type = TENANT_SESSION_ENDED,
        .code = exited ? CLD_EXITED : (status & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED,
        .value = exited ? status >> 8 & 0xff : status & 0x7f,
    };
}

long session_send(int session, const struct tenant_session_message *message, int descriptor)
{
    return send_bytes(session, message, sizeof *message, &descriptor, descriptor >= 0 ? 1 : 0, DO_NOT_WAIT);
}

/* A command that this process attends to. */
struct command {
    int pid;       /* a child of this process */
    int process;   /* its pidfd */
    bool is_bound; /* see TENANT_SESSION_BIND */
};

/* The command leads its process group. Until it is reaped nobody else has its number; a group that isn't there, not yet
 * or no longer, is nothing to kill. */
static void kill_process_group(const struct command *command)
{
    kernel(__NR_kill, -command->pid, SIGNAL_KILL);
}

/* Takes one message; false at the end of the stream. What isn't understood changes nothing. */
static bool hear_client(int session, struct command *command)
{
    struct tenant_session_message message = {0};
    long got = kernel(__NR_recvfrom, session, &message, sizeof message, DO_NOT_WAIT, NULL, NULL);
    if (got == -EAGAIN || got == -EINTR)
        return true;
    if (got <= 0)
        return false;
    if (got != sizeof message)
        return true;
    if (message.type == TENANT_SESSION_SIGNAL && message.value > 0 && message.value <= LAST_SIGNAL)
        kernel(__NR_pidfd_send_signal, command->process, message.value, NULL, 0);
    if (message.type == TENANT_SESSION_BIND)
        command->is_bound = true;
    return true;
}

/* The session is over before the command is. */
static void hang_up(const struct command *command)
{
    kernel(__NR_pidfd_send_signal, command->process, command->is_bound ? SIGNAL_KILL : SIGNAL_HANGUP, NULL, 0);
    if (command->is_bound)
        kill_process_group(command);
}

static _Noreturn void finish(int session, const struct command *command)
{
    int status = 0;
    if (command->is_bound)
        kill_process_group(command);
    while (kernel(__NR_wait4, command->pid, &status, __WALL, NULL) == -EINTR)
        continue;
    struct tenant_session_message message = session_ended(status);
    session_send(session, &message, -1);
    terminate(0);
}

void attend_session(int session, int pid, int process)
{
    struct command command = {pid, process, false};
    bool hung_up = false;
    for (;;) {
        struct pollfd watched[2] = {{process, POLLIN, 0}, {hung_up ? -1 : session, POLLIN, 0}};
        struct __kernel_timespec grace = {TENANT_SESSION_GRACE, 0};
        long ready = kernel(__NR_ppoll, watched, 2, hung_up ? &grace : NULL, NULL, 0);
        /* Before the command's end, which may come with the message that binds it. */
        if (ready > 0 && watched[1].revents != 0 && !hear_client(session, &command)) {
            hung_up = true;
            hang_up(&command);
        }
        if (ready > 0 && watched[0].revents != 0)
            finish(session, &command);
        if (ready == 0)
            kernel(__NR_pidfd_send_signal, process, SIGNAL_KILL, NULL, 0);
    }
}
