/* Resources of which the kernel keeps one account for many: `attack --hold WHAT` takes as many as it gets, says how
 * many, and keeps them; `attack --take WHAT`, on the host, takes one. */
#include "attack.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <time.h>

static int take_watcher(void)
{
    return inotify_init1(IN_CLOEXEC);
}

/* A real-time signal that stays pending. */
static int take_signal(void)
{
    return sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 0});
}

static int take_timer(void)
{
    timer_t timer;
    return timer_create(CLOCK_MONOTONIC, NULL, &timer);
}

static int take_queue(void)
{
    static int count;
    char name[32];
    struct mq_attr size = {.mq_maxmsg = 10, .mq_msgsize = 8192};
    snprintf(name, sizeof name, "/hold-%d-%d", getpid(), count++);
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &size);
    if (queue == (mqd_t)-1)
        return -1;
    mq_unlink(name);
    return 0;
}

static int take_terminal(void)
{
    return open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static const struct {
    const char *name;
    int (*take)(void);
} kinds[] = {
    {"watchers", take_watcher}, {"signals", take_signal},     {"timers", take_timer},
    {"queues", take_queue},     {"terminals", take_terminal},
};

static int (*kind(const char *name))(void)
{
    for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++)
        if (strcmp(kinds[index].name, name) == 0)
            return kinds[index].take;
    exit(2);
}

void hold(const char *name)
{
    int (*take)(void) = kind(name);
    struct rlimit limit;
    sigset_t all;
    long count = 0;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (count < 200000 && take() >= 0)
        count++;
    printf("held %ld %s\n", count, strerrorname_np(errno));
    fflush(stdout);
    for (;;)
        pause();
}

int take_one(const char *name)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (kind(name)() >= 0)
        return puts("taken") < 0;
    printf("%s\n", strerrorname_np(errno));
    return 1;
}
