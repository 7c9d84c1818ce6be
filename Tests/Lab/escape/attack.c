/* attack NAME... : makes the named attacks from inside of a tenant, each in a process of its own, and prints a line of
 *   NAME <tab> ESCAPED|REFUSED|KILLED|NOT-APPLICABLE <tab> DETAIL
 * for each. `attack --list` prints the names of all; `attack --host` stands for the host, see host.c, and
 * `attack --flip` for a tenant that races, see races.c. */
#include "attack.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PATIENCE_SECONDS = 60 };

struct result {
    char verdict[16];
    char detail[200];
};

static struct result *result; /* shared between an attack's process and the one that waits for it */

static const struct attack *const families[] = {
    filesystem_attacks,  proc_attacks,       device_attacks,  namespace_attacks, cgroup_attacks, system_call_attacks,
    credential_attacks,  descriptor_attacks, network_attacks, neighbour_attacks, bomb_attacks,   race_attacks,
};

static _Noreturn void end(const char *verdict, const char *detail, va_list values)
{
    size_t used = strlen(result->detail);
    vsnprintf(result->detail + used, sizeof result->detail - used, detail, values);
    strcpy(result->verdict, verdict);
    _exit(0);
}

void escaped(const char *proof, ...)
{
    va_list values;
    va_start(values, proof);
    end("ESCAPED", proof, values);
}

void not_applicable(const char *why, ...)
{
    va_list values;
    va_start(values, why);
    end("NOT-APPLICABLE", why, values);
}

static void name_error(int error)
{
    const char *name = strerrorname_np(error);
    snprintf(result->detail, sizeof result->detail, "%s ", name != NULL ? name : "unknown");
}

void refused(const char *where, ...)
{
    va_list values;
    name_error(errno);
    va_start(values, where);
    end("REFUSED", where, values);
}

void refused_as(int error, const char *where, ...)
{
    va_list values;
    name_error(error);
    va_start(values, where);
    end("REFUSED", where, values);
}

long must(long value, const char *where)
{
    if (value < 0)
        refused("%s", where);
    return value;
}

long fact(const char *name)
{
    const char *text = getenv(name);
    if (text == NULL)
        not_applicable("the test gives no %s", name);
    return strtol(text, NULL, 10);
}

long read_some(int directory, const char *path, char *text, size_t size)
{
    int file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return -1;
    ssize_t got = read(file, text, size - 1);
    int error = errno;
    close(file);
    text[got > 0 ? got : 0] = '\0';
    errno = error;
    return got;
}

void write_to(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        refused("open %s", path);
    if (write(file, text, strlen(text)) < 0)
        refused("write %s", path);
    close(file);
}

void try_secret(int directory, const char *path)
{
    char text[64];
    if (read_some(directory, path, text, sizeof text) > 0 && strstr(text, HOST_SECRET_TEXT) != NULL)
        escaped("read the host's file through %s", path);
}

/* What an attack leaves running, bombs above all, is in its process group. */
static void sweep(pid_t child)
{
    kill(-child, SIGKILL);
    while (waitpid(-child, NULL, 0) > 0 || errno == EINTR)
        continue;
}

static void report(const char *name, int status)
{
    if (result->verdict[0] != '\0')
        printf("%s\t%s\t%s\n", name, result->verdict, result->detail);
    else if (WIFSIGNALED(status))
        printf("%s\tKILLED\tSIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
    else
        printf("%s\tNOT-APPLICABLE\tended with status %d and no verdict\n", name, WEXITSTATUS(status));
    fflush(stdout);
}

static void make(const struct attack *attack)
{
    int status = 0;
    memset(result, 0, sizeof *result);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        alarm(PATIENCE_SECONDS);
        attack->run();
        not_applicable("ended without a verdict");
    }
    if (child < 0) {
        printf("%s\tNOT-APPLICABLE\tfork: %s\n", attack->name, strerrorname_np(errno));
        return;
    }
    setpgid(child, child);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    sweep(child);
    report(attack->name, status);
}

static const struct attack *find(const char *name)
{
    for (size_t family = 0; family < sizeof families / sizeof *families; family++)
        for (const struct attack *attack = families[family]; attack->name != NULL; attack++)
            if (strcmp(attack->name, name) == 0)
                return attack;
    return NULL;
}

static int list(void)
{
    for (size_t family = 0; family < sizeof families / sizeof *families; family++)
        for (const struct attack *attack = families[family]; attack->name != NULL; attack++)
            puts(attack->name);
    return 0;
}

static bool may_administer(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_SYS_ADMIN & 1) != 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--list") == 0)
        return list();
    if (count == 2 && strcmp(arguments[1], "--host") == 0)
        be_the_host();
    if (count == 3 && strcmp(arguments[1], "--flip") == 0)
        flip(arguments[2]);
    if (count == 3 && strcmp(arguments[1], "--hold") == 0)
        hold(arguments[2]);
    if (count == 3 && strcmp(arguments[1], "--take") == 0)
        return take_one(arguments[2]);
    /* What copies of this program with more rights are asked by an attack. */
    if (count == 2 && strcmp(arguments[1], "--is-root") == 0)
        return geteuid() == 0 ? 0 : 1;
    if (count == 2 && strcmp(arguments[1], "--may-administer") == 0)
        return may_administer() ? 0 : 1;
    result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (result == MAP_FAILED)
        return 2;
    for (int index = 1; index < count; index++) {
        const struct attack *attack = find(arguments[index]);
        if (attack == NULL)
            printf("%s\tNOT-APPLICABLE\tno such attack\n", arguments[index]);
        else
            make(attack);
    }
    return 0;
}
