/* Identities and capabilities. */
#include "attack.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PROGRAMS "/usr/local/lib/escape/"

/* Runs PROGRAM and answers its status. */
static int status_of(const char *program, const char *word)
{
    int status = -1;
    pid_t child = (pid_t)must(fork(), "fork");
    if (child == 0) {
        execl(program, program, word, (char *)NULL);
        _exit(errno == EPERM ? 126 : 127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static _Noreturn void gain(const char *program, const char *word, const char *what)
{
    if (access(program, X_OK) < 0)
        refused("execute %s", program);
    switch (status_of(program, word)) {
    case 0:
        escaped("%s", what);
    case 126:
        refused_as(EPERM, "execve %s", program);
    case 127:
        refused_as(ENOENT, "execve %s", program);
    default:
        refused_as(EPERM, "the program ran without it");
    }
}

static void set_user_id(void)
{
    gain(PROGRAMS "set-user-id", "--is-root", "a set-user-ID program of the host's root ran as root");
}

static void file_capabilities(void)
{
    gain(PROGRAMS "file-capabilities", "--may-administer", "a program with file capabilities got them");
}

/* A set-user-ID program that root inside leaves in a memory file system for another user inside. */
static void own_set_user_id(void)
{
    static char buffer[1 << 16];
    int source = (int)must(open("/proc/self/exe", O_RDONLY), "open its own program");
    int target = (int)must(open("/tmp/set-user-id", O_CREAT | O_EXCL | O_WRONLY, 0755), "open /tmp/set-user-id");
    ssize_t got;
    while ((got = read(source, buffer, sizeof buffer)) > 0)
        must(write(target, buffer, (size_t)got), "write /tmp/set-user-id");
    must(fchmod(target, 04755), "chmod");
    close(target);
    pid_t child = (pid_t)must(fork(), "fork");
    if (child == 0) {
        must(setgroups(0, NULL), "setgroups");
        must(setresuid(1000, 1000, 1000), "setresuid");
        gain("/tmp/set-user-id", "--is-root", "a set-user-ID program made inside ran as root inside");
    }
    waitpid(child, NULL, 0);
    _exit(0);
}

static _Noreturn void take_set(const char *line)
{
    char text[4096];
    if (read_some(AT_FDCWD, "/proc/self/status", text, sizeof text) <= 0)
        refused("read /proc/self/status");
    const char *found = strstr(text, line);
    if (found == NULL)
        not_applicable("/proc/self/status has no %s", line);
    unsigned long long set = strtoull(found + strlen(line), NULL, 16);
    if (set != 0)
        escaped("%s %llx", line, set);
    refused_as(EPERM, "%s is empty", line);
}

static void inheritable(void)
{
    take_set("CapInh:");
}

static void bounding(void)
{
    take_set("CapBnd:");
}

static void raise_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{UINT32_MAX, UINT32_MAX, 0}, {0x1ff, 0x1ff, 0}};
    must(syscall(SYS_capset, &header, data), "capset");
    escaped("raised all capabilities");
}

static void other_user(void)
{
    must(setresuid(1000, 1000, 1000), "setresuid");
    escaped("became another user");
}

/* CVE-2014-8989: dropping a group that is there to deny something. */
static void drop_groups(void)
{
    must(setgroups(0, NULL), "setgroups");
    escaped("dropped its groups");
}

/* An owner that only the host has: what belongs to it could be written. */
static void foreign_owner(void)
{
    int file = (int)must(open("/tmp/owned", O_CREAT | O_WRONLY, 0644), "open /tmp/owned");
    must(fchown(file, 1000, (gid_t)-1), "fchown");
    escaped("gave a file away");
}

static void new_privileges(void)
{
    char text[4096];
    if (read_some(AT_FDCWD, "/proc/self/status", text, sizeof text) <= 0)
        refused("read /proc/self/status");
    if (strstr(text, "NoNewPrivs:\t0") != NULL)
        escaped("a program may give it privileges");
    refused_as(EPERM, "no_new_privs is set");
}

const struct attack credential_attacks[] = {
    {"set-user-id", set_user_id},
    {"file-capabilities", file_capabilities},
    {"own-set-user-id", own_set_user_id},
    {"inheritable-set", inheritable},
    {"bounding-set", bounding},
    {"raise-capabilities", raise_capabilities},
    {"other-user", other_user},
    {"drop-groups", drop_groups},
    {"foreign-owner", foreign_owner},
    {"new-privileges", new_privileges},
    {NULL, NULL},
};
