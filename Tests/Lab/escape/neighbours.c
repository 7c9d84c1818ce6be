/* Processes of the host and of other tenants. VICTIM_PID is the host's number of a neighbour's command, VICTIM_WORD a
 * word of its command line; inside, neither may mean anything. */
#include "attack.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

static void see(void)
{
    const char *word = getenv("VICTIM_WORD");
    char path[300], text[256];
    DIR *all = opendir("/proc");
    if (word == NULL || all == NULL)
        not_applicable("no VICTIM_WORD, or no /proc");
    for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        long got = read_some(AT_FDCWD, path, text, sizeof text);
        if (got > 0 && memmem(text, (size_t)got, word, strlen(word)) != NULL)
            escaped("sees the neighbour's command");
    }
    refused_as(ESRCH, "find the neighbour in /proc");
}

static void signal_neighbour(void)
{
    must(kill((pid_t)fact("VICTIM_PID"), 0), "kill the neighbour");
    escaped("could signal the neighbour");
}

static void signal_host(void)
{
    must(kill((pid_t)fact("HOST_PID"), 0), "kill a process of the host");
    escaped("could signal a process of the host");
}

static void trace(void)
{
    must(ptrace(PTRACE_SEIZE, (pid_t)fact("VICTIM_PID"), NULL, NULL), "ptrace the neighbour");
    escaped("traces the neighbour");
}

static void trace_host(void)
{
    must(ptrace(PTRACE_SEIZE, (pid_t)fact("HOST_PID"), NULL, NULL), "ptrace a process of the host");
    escaped("traces a process of the host");
}

/* An address that isn't there: the answer tells whether the kernel got as far as looking. */
static void read_memory(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)1, 1};
    if (process_vm_readv((pid_t)fact("VICTIM_PID"), &here, 1, &there, 1, 0) < 0 && errno != EFAULT)
        refused("process_vm_readv of the neighbour");
    escaped("could read the neighbour's memory");
}

static void read_files(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/root/tmp", fact("VICTIM_PID"));
    must(open(path, O_RDONLY | O_DIRECTORY), "open the neighbour's /tmp");
    escaped("opened the neighbour's /tmp");
}

static void take_descriptor(void)
{
    int process = (int)must(syscall(SYS_pidfd_open, fact("VICTIM_PID"), 0), "pidfd_open of the neighbour");
    must(syscall(SYS_pidfd_getfd, process, 0, 0), "pidfd_getfd of the neighbour");
    escaped("took a descriptor of the neighbour");
}

static void limit(void)
{
    struct rlimit old;
    must(prlimit((pid_t)fact("VICTIM_PID"), RLIMIT_NOFILE, NULL, &old), "prlimit of the neighbour");
    must(prlimit((pid_t)fact("VICTIM_PID"), RLIMIT_NOFILE, &old, NULL), "prlimit of the neighbour");
    escaped("set a limit of the neighbour");
}

static void schedule(void)
{
    struct sched_param priority = {.sched_priority = 0};
    must(syscall(SYS_sched_setscheduler, fact("VICTIM_PID"), SCHED_IDLE, &priority), "sched_setscheduler");
    escaped("made the neighbour wait");
}

static void schedule_attributes(void)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = 48, .nice = 19};
    must(syscall(SYS_sched_setattr, fact("VICTIM_PID"), &attributes, 0), "sched_setattr");
    escaped("made the neighbour nice");
}

static void bind_processor(void)
{
    unsigned long mask = 1;
    must(syscall(SYS_sched_setaffinity, fact("VICTIM_PID"), sizeof mask, &mask), "sched_setaffinity");
    escaped("bound the neighbour to a processor");
}

static void io_priority(void)
{
    must(syscall(SYS_ioprio_set, 1, fact("VICTIM_PID"), 3 << 13), "ioprio_set");
    escaped("made the neighbour's IO idle");
}

static void move_pages(void)
{
    must(syscall(SYS_move_pages, fact("VICTIM_PID"), 0, NULL, NULL, NULL, 0), "move_pages");
    escaped("could move the neighbour's pages");
}

static void migrate_pages(void)
{
    unsigned long node = 1;
    must(syscall(SYS_migrate_pages, fact("VICTIM_PID"), 8, &node, &node), "migrate_pages");
    escaped("moved the neighbour's pages");
}

static void compare(void)
{
    must(syscall(SYS_kcmp, fact("VICTIM_PID"), fact("HOST_PID"), KCMP_VM, 0, 0), "kcmp");
    escaped("compared two processes of the host");
}

static void signal_all(void)
{
    /* Signal 0 to everything: with nobody else to reach, only its own kind is there. */
    if (kill(-1, 0) < 0)
        refused("kill everybody");
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", fact("HOST_PID"));
    if (access(path, F_OK) == 0)
        escaped("everybody includes the host's processes");
    refused_as(ESRCH, "everybody is the tenant itself");
}

const struct attack neighbour_attacks[] = {
    {"see-neighbour", see},
    {"signal-neighbour", signal_neighbour},
    {"signal-host", signal_host},
    {"signal-everybody", signal_all},
    {"trace-neighbour", trace},
    {"trace-host", trace_host},
    {"neighbour-memory", read_memory},
    {"neighbour-files", read_files},
    {"neighbour-descriptor", take_descriptor},
    {"neighbour-limit", limit},
    {"neighbour-scheduling", schedule},
    {"neighbour-niceness", schedule_attributes},
    {"neighbour-processor", bind_processor},
    {"neighbour-io", io_priority},
    {"neighbour-pages", move_pages},
    {"neighbour-migration", migrate_pages},
    {"compare-processes", compare},
    {NULL, NULL},
};
