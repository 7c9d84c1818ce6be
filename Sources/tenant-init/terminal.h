/* The terminal of a command, on the tenant's own devpts. */
#ifndef TENANT_INIT_TERMINAL_H
#define TENANT_INIT_TERMINAL_H

#include "plan.h"

/* Whether the plan asks for a terminal, and for what kind. */
bool terminal_planned(const struct plan *plan, struct tenant_terminal *terminal);

/* Makes the terminal that the plan asks for and puts its slave side at descriptors 0, 1 and 2 of the command to be;
 * answers its master side, non-blocking, or -1 where the plan has none. */
int open_terminal(const struct plan *plan);

/* Makes descriptor 0 the controlling terminal of the calling session's leader, if the plan has a terminal. */
void take_terminal(const struct plan *plan);

#endif
