#ifndef CSECCOMP_SHIM_H
#define CSECCOMP_SHIM_H

#include <errno.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An anonymous file, close-on-exec and never executable (memfd_create(2)): libseccomp before 2.6 can export a program
 * only into a descriptor. MFD_NOEXEC_SEAL (8) is from Linux 6.3; where vm.memfd_noexec=2 demands it, it exists. */
static inline int cseccomp_scratch_file(void)
{
    int fd = (int)syscall(SYS_memfd_create, "seccomp", 1u | 8u);
    if (fd < 0 && errno == EINVAL)
        fd = (int)syscall(SYS_memfd_create, "seccomp", 1u);
    return fd;
}

#endif
