/* The stages of a start, in their order. Each fails through fail(). */
#ifndef TENANT_INIT_STAGES_H
#define TENANT_INIT_STAGES_H

#include "plan.h"

/* Maps the plan of TENANT_DESCRIPTOR_PLAN and checks it. */
void load_plan(struct plan *plan);

/* Sheds what the daemon's unit may have set and a tenant must not inherit: session, keyring, processors, OOM score. */
void shed_inheritance(const struct plan *plan);

/* Makes the namespaces and forks PID 1 as the daemon's own child. Returns in PID 1 only. */
void enter_namespaces(const struct plan *plan, int *trees, size_t *tree_count);

/* Becomes root in the tenant's user namespace, where this process has all capabilities already; it isn't dumpable. */
void become_root_inside(uint32_t stage);

/* Makes pairs of a user and a network namespace for the daemon's pool, one for each request, until it hangs up. */
_Noreturn void serve_pairs(void);

/* Assembles the root from TREES and new mounts, and pivots into it. */
void build_root(const struct plan *plan, const int *trees, size_t tree_count);

void set_hostname(const struct plan *plan);

/* Raises hard limits to what the plan asks: only the host's root may, so before the user namespace. */
void raise_resource_limits(const struct plan *plan);

/* Sets the limits as the plan says: the payload's alone, so that a file size limit doesn't stop its log. */
void set_resource_limits(const struct plan *plan);

/* Has every process of the tenant share hardware threads with the tenant's own only, if the plan says so. */
void schedule_cores_alone(const struct plan *plan);

/* Has this process share hardware threads as the tenant of PROCESS does, if the plan says so. */
void share_cores(const struct plan *plan, uint32_t process);

/* The Landlock domain that the plan describes, with rules for what is mounted here and for the standard streams: a
 * descriptor, or -1 where there is none. To be called while the paths can be reached, before capabilities go. */
int make_domain(const struct plan *plan);

/* Enters the domain for good and closes its descriptor. After no_new_privs, before the filter. */
void enter_domain(int domain);

/* Takes the payload's user, groups and bounding set, with no_new_privs; other capabilities stay permitted. */
void take_identity(const struct plan *plan);

/* Becomes the payload, whose identity it has already: session and terminal, limits, DOMAIN, capabilities, working
 * directory, seccomp, execve. */
_Noreturn void run_payload(const struct plan *plan, int domain);

/* Runs a command in a running tenant and attends to it for as long as its client stays; see tenant_session.h. */
_Noreturn void enter_tenant(void);

/* Gives up every capability but the one to signal the payload. */
void keep_only_signalling(void);

#endif
