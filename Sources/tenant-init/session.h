#ifndef TENANT_INIT_SESSION_H
#define TENANT_INIT_SESSION_H

#include "tenant_session.h"

/* Attends to the command of a session: passes its client's signals on, ends it when the client hangs up, and tells how
 * it has ended. PID is a child of this process, PROCESS its pidfd. */
_Noreturn void attend_session(int session, int pid, int process);

/* What a child's wait STATUS means, in a message. */
struct tenant_session_message session_ended(int status);

/* Sends MESSAGE to a client, with DESCRIPTOR unless that is negative; one that isn't there or doesn't read hears
 * nothing. Answers -errno then. */
long session_send(int session, const struct tenant_session_message *message, int descriptor);

#endif
