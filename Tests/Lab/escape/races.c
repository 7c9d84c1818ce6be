/* Attacks on what is being done to the tenant from outside, at the moment when it is done. */
#include "attack.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>

/* CVE-2021-30465, CVE-2024-45310: the place of a mount becomes a link just after it was looked at. */
void flip(const char *directory)
{
    int parent = open(directory, O_RDONLY | O_DIRECTORY);
    if (parent < 0)
        exit(1);
    for (;;)
        syscall(SYS_renameat2, parent, "place", parent, "link", RENAME_EXCHANGE);
}

/* A process on its way in still runs the sealed program that brings it. Who may open its files may read this link too. */
static bool is_entering(const char *process)
{
    char path[300], target[64] = "";
    snprintf(path, sizeof path, "/proc/%s/exe", process);
    return readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "/memfd:", 7) == 0;
}

static void attack_process(const char *process)
{
    static const char *const files[] = {"mem", "environ", "root", "cwd", "fd/0", "fd/3"};
    char path[300];
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        snprintf(path, sizeof path, "/proc/%s/%s", process, files[index]);
        int file = open(path, O_RDONLY | O_NONBLOCK);
        if (file >= 0 && is_entering(process))
            escaped("opened %s of a process that was entering", files[index]);
        if (file >= 0)
            close(file);
    }
    if (ptrace(PTRACE_SEIZE, atoi(process), NULL, NULL) == 0) {
        if (is_entering(process))
            escaped("traced a process that was entering");
        ptrace(PTRACE_DETACH, atoi(process), NULL, NULL);
    }
}

/* CVE-2016-9962, CVE-2019-5736: a process that enters the tenant is traced, or its descriptors are taken. */
static void entering_process(void)
{
    time_t end = time(NULL) + 15;
    long seen = 0;
    while (time(NULL) < end) {
        DIR *all = opendir("/proc");
        if (all == NULL)
            refused("open /proc");
        for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
            if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) <= getpid())
                continue;
            seen++;
            attack_process(entry->d_name);
        }
        closedir(all);
    }
    if (seen == 0)
        not_applicable("nobody entered");
    refused_as(EPERM, "open the files of an entering process");
}

const struct attack race_attacks[] = {
    {"entering-process", entering_process},
    {NULL, NULL},
};
