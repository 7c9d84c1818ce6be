/* The stages of a start, in their order. Each fails through fail(). */
#ifndef TENANT_INIT_STAGES_H
#define TENANT_INIT_STAGES_H

#include "plan.h"

/* Makes the namespaces and forks PID 1 as the daemon's own child. Returns in PID 1 only. */
void enter_namespaces(const struct plan *plan, int *trees, size_t *tree_count);

/* Makes pairs of a user and a network namespace for the daemon's pool, one for each request, until it hangs up. */
_Noreturn void serve_pairs(void);

/* Assembles the root from TREES and new mounts, and pivots into it. */
void build_root(const struct plan *plan, const int *trees, size_t tree_count);

void set_hostname(const struct plan *plan);

/* Raises hard limits to what the plan asks: only the host's root may, so before the user namespace. */
void raise_resource_limits(const struct plan *plan);

/* Sets the limits as the plan says: the payload's alone, so that a file size limit doesn't stop its log. */
void set_resource_limits(const struct plan *plan);

/* Becomes the payload: identity, capabilities, working directory, seccomp, execve. */
_Noreturn void run_payload(const struct plan *plan);

/* Gives up every capability but the one to signal the payload. */
void keep_only_signalling(void);

#endif
