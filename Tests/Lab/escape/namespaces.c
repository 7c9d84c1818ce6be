/* Making namespaces, and entering those of others. */
#include "attack.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

static void unshare_user(void)
{
    must(unshare(CLONE_NEWUSER), "unshare user");
    escaped("made a user namespace");
}

static void unshare_mount(void)
{
    must(unshare(CLONE_NEWNS), "unshare mount");
    escaped("made a mount namespace");
}

static void unshare_network(void)
{
    must(unshare(CLONE_NEWNET), "unshare network");
    escaped("made a network namespace");
}

static void clone_user(void)
{
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    must(child, "clone user");
    escaped("made a user namespace");
}

static void clone3_user(void)
{
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0)
        _exit(0);
    must(child, "clone3 user");
    escaped("made a user namespace");
}

static void join_init(void)
{
    int namespace = (int)must(open("/proc/1/ns/mnt", O_RDONLY), "open /proc/1/ns/mnt");
    must(setns(namespace, CLONE_NEWNS), "setns");
    escaped("entered a namespace of PID 1");
}

static void join_host(void)
{
    int process = (int)must(syscall(SYS_pidfd_open, fact("HOST_PID"), 0), "pidfd_open of a process of the host");
    must(setns(process, CLONE_NEWNS), "setns");
    try_secret(AT_FDCWD, "/" HOST_SECRET);
    escaped("entered a namespace of the host");
}

/* setns(2) itself, whatever descriptor it gets. */
static void join_own(void)
{
    int namespace = (int)must(open("/proc/self/ns/uts", O_RDONLY), "open /proc/self/ns/uts");
    must(setns(namespace, 0), "setns");
    escaped("setns(2) was carried out");
}

const struct attack namespace_attacks[] = {
    {"unshare-user", unshare_user},
    {"unshare-mount", unshare_mount},
    {"unshare-network", unshare_network},
    {"clone-user", clone_user},
    {"clone3-user", clone3_user},
    {"join-init", join_init},
    {"join-host", join_host},
    {"join-own", join_own},
    {NULL, NULL},
};
