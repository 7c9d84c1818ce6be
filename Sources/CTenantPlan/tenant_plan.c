/* The layout that both sides rely on, whatever the compiler: no hidden padding, the same size everywhere. */
#include "tenant_plan.h"
#include "tenant_session.h"

#include "tenant_probe.h"

_Static_assert(sizeof(struct tenant_plan_header) == 16, "header");
_Static_assert(sizeof(struct tenant_plan_record) == 8, "record");
_Static_assert(sizeof(struct tenant_namespaces) == 12, "namespaces");
_Static_assert(sizeof(struct tenant_entry) == 8, "entry");
_Static_assert(sizeof(struct tenant_session_message) == 16, "session message");
_Static_assert(sizeof(struct tenant_node) == 12, "node");
_Static_assert(sizeof(struct tenant_rlimit) == 24, "rlimit");
_Static_assert(sizeof(struct tenant_terminal) == 8, "terminal");
_Static_assert(sizeof(struct tenant_logs) == 32, "logs");
_Static_assert(sizeof(struct tenant_identity) == 12, "identity");
_Static_assert(sizeof(struct tenant_capabilities) == 40, "capabilities");
_Static_assert(sizeof(struct tenant_landlock) == 24, "landlock");
_Static_assert(sizeof(struct tenant_landlock_port) == 16, "landlock port");
_Static_assert(sizeof(struct tenant_message) == 256, "message");
_Static_assert(sizeof(struct tenant_exit_record) == 16, "exit record");
_Static_assert(sizeof(struct tenant_probe) == 1296, "probe");
