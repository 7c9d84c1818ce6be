/* The layout that both sides rely on, whatever the compiler: no hidden padding, the same size everywhere. */
#include "tenant_plan.h"

_Static_assert(sizeof(struct tenant_plan_header) == 16, "header");
_Static_assert(sizeof(struct tenant_plan_record) == 8, "record");
_Static_assert(sizeof(struct tenant_namespaces) == 12, "namespaces");
_Static_assert(sizeof(struct tenant_node) == 12, "node");
_Static_assert(sizeof(struct tenant_rlimit) == 24, "rlimit");
_Static_assert(sizeof(struct tenant_logs) == 32, "logs");
_Static_assert(sizeof(struct tenant_identity) == 12, "identity");
_Static_assert(sizeof(struct tenant_capabilities) == 40, "capabilities");
_Static_assert(sizeof(struct tenant_message) == 256, "message");
_Static_assert(sizeof(struct tenant_exit_record) == 16, "exit record");
