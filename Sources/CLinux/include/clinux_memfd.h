/* Files without a name, in memory: memfd_create(2). */
#ifndef CLINUX_MEMFD_H
#define CLINUX_MEMFD_H

#include <stddef.h>

/* A new memfd that holds SIZE bytes and can be changed by nobody any more; close-on-exec. With EXECUTABLE it may be
 * run by execveat, and fails with EACCES where vm.memfd_noexec forbids that. */
int clinux_memfd_sealed(const char *name, const void *bytes, size_t size, int executable);

#endif
