/* The tenant's control group, which is all of the hierarchy that it sees. */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* A file of its own group, which is at the top unless the cgroup namespace is missing. */
static const char *own_file(const char *name)
{
    static char path[512];
    char text[256] = "";
    read_some(AT_FDCWD, "/proc/self/cgroup", text, sizeof text);
    text[strcspn(text, "\n")] = '\0';
    const char *group = strstr(text, "0::/");
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s%s", group != NULL ? group + 4 : "",
             group != NULL && group[4] != '\0' ? "/" : "", name);
    return path;
}

static void raise_memory(void)
{
    write_to(own_file("memory.max"), "max");
    escaped("lifted its memory limit");
}

static void raise_processes(void)
{
    write_to(own_file("pids.max"), "max");
    escaped("lifted its limit of processes");
}

static void leave(void)
{
    write_to("/sys/fs/cgroup/cgroup.procs", "0");
    escaped("moved to the group at the top");
}

static void make_group(void)
{
    must(mkdir("/sys/fs/cgroup/escape", 0755), "mkdir /sys/fs/cgroup/escape");
    rmdir("/sys/fs/cgroup/escape");
    escaped("made a group");
}

/* With the path of a neighbour's group as the host knows it. */
static void kill_neighbour_group(void)
{
    int file = open("/sys/fs/cgroup/isolated.slice/isolated-tenants.service/victim/cgroup.kill", O_WRONLY);
    if (file < 0)
        refused("open the neighbour's cgroup.kill");
    escaped("could end the neighbour's group");
}

/* CVE-2022-0492: release_agent of a hierarchy of version 1, which runs a program as the host's root. */
static void release_agent(void)
{
    mkdir("/tmp/v1", 0755);
    must(mount("none", "/tmp/v1", "cgroup", 0, "none,name=escape"), "mount cgroup");
    int file = open("/tmp/v1/release_agent", O_WRONLY);
    umount2("/tmp/v1", MNT_DETACH);
    if (file < 0)
        refused("open release_agent");
    escaped("opened release_agent for writing");
}

const struct attack cgroup_attacks[] = {
    {"raise-memory", raise_memory},
    {"raise-processes", raise_processes},
    {"leave-group", leave},
    {"make-group", make_group},
    {"kill-neighbour-group", kill_neighbour_group},
    {"release-agent", release_agent},
    {NULL, NULL},
};
