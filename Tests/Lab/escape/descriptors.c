/* What a tenant is born with: descriptors, and a working directory. */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum { MOST_DESCRIPTORS = 64 };

static void inherited(void)
{
    char path[32], target[128];
    for (int number = 3; number < MOST_DESCRIPTORS; number++) {
        if (fcntl(number, F_GETFD) < 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", number);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        escaped("descriptor %d is open: %s", number, target);
    }
    errno = EBADF;
    refused("fcntl of descriptors from 3 on");
}

/* CVE-2024-21626: a directory of the host that the runtime left open. */
static void directory_left_open(void)
{
    static const char *const ways[] = {HOST_SECRET, "../" HOST_SECRET, "../../../" HOST_SECRET};
    for (int number = 3; number < MOST_DESCRIPTORS; number++)
        for (size_t index = 0; index < sizeof ways / sizeof *ways; index++)
            try_secret(number, ways[index]);
    errno = EBADF;
    refused("openat through descriptors from 3 on");
}

/* The same, where the working directory is what was left open. */
static void working_directory(void)
{
    char path[4096];
    try_secret(AT_FDCWD, HOST_SECRET);
    try_secret(AT_FDCWD, "../../../" HOST_SECRET);
    long length = syscall(SYS_getcwd, path, sizeof path);
    if (length > 0 && path[0] != '/')
        escaped("its working directory is outside of its root");
    refused_as(ENOENT, "open a file of the host from the working directory");
}

/* A client of the daemon that has a directory as its standard input. */
static void standard_stream(void)
{
    struct stat status;
    for (int number = 0; number < 3; number++) {
        if (fstat(number, &status) < 0 || !S_ISDIR(status.st_mode))
            continue;
        try_secret(number, "../../../../" HOST_SECRET);
        try_secret(number, HOST_SECRET);
        escaped("stream %d is a directory of the host", number);
    }
    refused_as(ENOTDIR, "openat through the standard streams");
}

const struct attack descriptor_attacks[] = {
    {"inherited-descriptor", inherited},
    {"leaked-directory", directory_left_open},
    {"working-directory", working_directory},
    {"stream-directory", standard_stream},
    {NULL, NULL},
};
