#include "clinux_memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#define MFD_EXEC 0x0010U
#endif

static int create(const char *name, int executable)
{
    unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int file = memfd_create(name, flags | (executable ? MFD_EXEC : MFD_NOEXEC_SEAL));
    /* Kernels before 6.3 know neither flag, and refuse them. */
    return file < 0 && errno == EINVAL ? memfd_create(name, flags) : file;
}

static int fill(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

int clinux_memfd_sealed(const char *name, const void *bytes, size_t size, int executable)
{
    int file = create(name, executable);
    if (file < 0)
        return -1;
    if (fill(file, bytes, size) == 0 && (!executable || fchmod(file, 0555) == 0) &&
        fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return file;
    int error = errno;
    close(file);
    errno = error;
    return -1;
}
