/* Taking more than one's share. The bounds are those of the test's policy: 512 processes, 64 MiB in /tmp, and memory as
 * the test says. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BEYOND_PROCESSES = 560, MIB = 1 << 20, BEYOND_FILES = 30000, BEYOND_DESCRIPTORS = 120000 };

static void fork_bomb(void)
{
    for (int count = 0; count < BEYOND_PROCESSES; count++) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            refused("fork");
    }
    escaped("made %d processes", BEYOND_PROCESSES);
}

/* Children that end and are never waited for stay in the table of processes. */
static void never_reaps(void)
{
    for (int count = 0; count < BEYOND_PROCESSES; count++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        if (child < 0)
            refused("fork beside the dead");
    }
    escaped("left %d dead processes", BEYOND_PROCESSES);
}

static void memory_bomb(void)
{
    size_t size = (size_t)fact("BOMB_MIB") * MIB;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        refused("mmap");
    for (size_t offset = 0; offset < size; offset += 4096)
        memory[offset] = 1;
    escaped("used %zu MiB", size / MIB);
}

/* Huge pages that the administrator has set aside for others. */
static void huge_page(void)
{
    char *page = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (page == MAP_FAILED)
        refused("mmap of a huge page");
    page[0] = 1;
    escaped("took a huge page");
}

static void disk_bomb(void)
{
    static char block[MIB];
    int file = (int)must(open("/tmp/bomb", O_CREAT | O_WRONLY, 0600), "open /tmp/bomb");
    unlink("/tmp/bomb");
    for (int count = 0; count < 72; count++)
        must(write(file, block, sizeof block), "write /tmp/bomb");
    escaped("wrote 72 MiB to /tmp");
}

static void inode_bomb(void)
{
    char path[32];
    must(chdir("/tmp"), "chdir /tmp");
    for (int count = 0; count < BEYOND_FILES; count++) {
        snprintf(path, sizeof path, "inode-%d", count);
        if (mknod(path, 0100644, 0) < 0)
            refused("make a file in /tmp");
    }
    escaped("made %d files in /tmp", BEYOND_FILES);
}

/* Up to its hard limit, where the memory that open files take is the tenant's. */
static void descriptor_bomb(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
    for (int count = 0; count < BEYOND_DESCRIPTORS; count++)
        must(open("/dev/null", O_RDONLY), "open /dev/null once more");
    escaped("opened %d files", BEYOND_DESCRIPTORS);
}

static void pipe_bomb(void)
{
    int ends[2];
    must(pipe(ends), "pipe");
    must(fcntl(ends[1], F_SETPIPE_SZ, 64 * MIB), "F_SETPIPE_SZ");
    escaped("made a pipe of 64 MiB");
}

const struct attack bomb_attacks[] = {
    {"fork-bomb", fork_bomb},     {"never-reaps", never_reaps},         {"memory-bomb", memory_bomb},
    {"disk-bomb", disk_bomb},     {"inode-bomb", inode_bomb},           {"descriptor-bomb", descriptor_bomb},
    {"pipe-bomb", pipe_bomb},     {"huge-page", huge_page},             {NULL, NULL},
};
