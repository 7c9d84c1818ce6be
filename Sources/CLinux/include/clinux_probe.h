/* Questions to the kernel about what it can do. None of them changes anything or leaves anything behind. */
#ifndef CLINUX_PROBE_H
#define CLINUX_PROBE_H

#include <stdint.h>

/* The version of Landlock that the kernel speaks. */
int clinux_probe_landlock(void);

/* Whether seccomp filters may return ACTION (SECCOMP_RET_*): 0 if so. */
int clinux_probe_seccomp_action(uint32_t action);

/* Whether clone3(2) may be called: 0 if so. */
int clinux_probe_clone3(void);

/* Whether openat2(2) may be called: 0 if so. */
int clinux_probe_openat2(void);

/* Whether the kernel can keep groups of processes off each other's hardware threads (PR_SCHED_CORE): 0 if so. */
int clinux_probe_core_scheduling(void);

/* Whether a new user namespace can be made, and in it namespaces by FLAGS (CLONE_NEW*): 0 if so. A child tries it, and
 * ends. */
int clinux_probe_namespaces(int flags);

/* A new user namespace that maps 65536 ids from FIRST on, close-on-exec. It is gone with the descriptor. */
int clinux_probe_user_namespace(uint32_t first);

#endif
