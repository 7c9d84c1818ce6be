/* System calls that the C library doesn't wrap, each as one thin function: arguments in, the kernel's answer or -1
 * and errno out. No policy, no state. */
#ifndef CLINUX_H
#define CLINUX_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>


/* openat2(2): opens PATH beneath DIRECTORY with RESOLVE_* restrictions. */
int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/* pidfd_open(2). */
int clinux_pidfd_open(pid_t pid, unsigned int flags);

/* pidfd_send_signal(2) without extra information. */
int clinux_pidfd_send_signal(int pidfd, int signal_number);

#include "clinux_aio.h"
#include "clinux_btrfs.h"
#include "clinux_cgroup.h"
#include "clinux_event.h"
#include "clinux_memfd.h"
#include "clinux_mount.h"
#include "clinux_peer.h"
#include "clinux_probe.h"
#include "clinux_quota.h"
#include "clinux_scm_rights.h"
#include "clinux_signal.h"
#include "clinux_spawn.h"
#include "clinux_trace.h"

#endif
