/* What a client says and hears over a SOCK_SEQPACKET socket that the daemon hands over to it. No byte of it passes
 * through the daemon, so a session goes on while the daemon restarts. There are two kinds.
 *
 * exec: with the process that attends to the client's command in a tenant. The client's end of the stream is a hang-up:
 * the command is sent SIGHUP, and SIGKILL after TENANT_SESSION_GRACE.
 *
 * attach: with the tenant's PID 1, about the terminal of the tenant's own command. The client's end of the stream only
 * parts the two: the command goes on, and what it writes goes to the log. PID 1 ignores what the client says. */
#ifndef TENANT_SESSION_H
#define TENANT_SESSION_H

#include <stdint.h>

enum tenant_session_type {
    TENANT_SESSION_SIGNAL = 1, /* client, exec: send the command the signal VALUE */
    TENANT_SESSION_ENDED = 2,  /* tenant-init: the command has ended; CODE is CLD_EXITED, CLD_KILLED or CLD_DUMPED,
                                  VALUE its status or signal */
    TENANT_SESSION_TERMINAL = 3, /* tenant-init: carries the master side of the command's terminal; the first message of
                                    a session with a terminal */
    TENANT_SESSION_TAKEN = 4,    /* PID 1: another client has the terminal now */
    TENANT_SESSION_BIND = 5,     /* client, exec: nothing of the command's process group outlives the command or the
                                    session; it is killed, without SIGHUP and grace */
};

enum { TENANT_SESSION_GRACE = 10 /* seconds */ };

struct tenant_session_message {
    uint32_t type;
    int32_t code;
    int32_t value;
    uint32_t reserved; /* 0 */
};

#endif
