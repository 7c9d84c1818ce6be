#include "channel.h"
#include "kernel.h"
#include "stages.h"
#include "terminal.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/signal.h>

enum { LAST_CAPABILITY_NUMBER = 63 };

static void drop_bounding(uint64_t keep)
{
    for (int capability = 0; capability <= LAST_CAPABILITY_NUMBER; capability++) {
        if (kernel(__NR_prctl, PR_CAPBSET_READ, capability) < 0)
            return; /* beyond the last that this kernel knows */
        if ((keep >> capability & 1) == 0)
            check(kernel(__NR_prctl, PR_CAPBSET_DROP, capability), TENANT_STAGE_IDENTITY, "prctl",
                  "PR_CAPBSET_DROP");
    }
}

static void set_capabilities(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    check(kernel(__NR_capset, &header, data), TENANT_STAGE_IDENTITY, "capset", NULL);
}

static void raise_ambient(uint64_t ambient)
{
    check(kernel(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0), TENANT_STAGE_IDENTITY, "prctl",
          "PR_CAP_AMBIENT_CLEAR_ALL");
    for (int capability = 0; capability <= LAST_CAPABILITY_NUMBER; capability++)
        if ((ambient >> capability & 1) != 0)
            check(kernel(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0), TENANT_STAGE_IDENTITY,
                  "prctl", "PR_CAP_AMBIENT_RAISE");
}

void keep_only_signalling(void)
{
    const uint64_t signalling = UINT64_C(1) << CAP_KILL;
    const uint64_t dropping = UINT64_C(1) << CAP_SETPCAP;
    set_capabilities(signalling | dropping, signalling | dropping, 0);
    drop_bounding(0);
    set_capabilities(signalling, signalling, 0);
}

static struct tenant_capabilities planned_capabilities(const struct plan *plan)
{
    struct record record;
    struct tenant_capabilities capabilities;
    if (!plan_find(plan, TENANT_RECORD_CAPABILITIES, &record))
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "capabilities");
    record_copy(&record, &capabilities, sizeof capabilities);
    return capabilities;
}

/* Comes before take_capabilities, while those for it are there: the order of capabilities(7). */
void take_identity(const struct plan *plan)
{
    struct record record;
    struct tenant_identity identity;
    uint32_t groups[TENANT_PLAN_MAXIMUM_GROUPS];

    if (!plan_find(plan, TENANT_RECORD_IDENTITY, &record))
        fail(TENANT_STAGE_PLAN, "plan", -EINVAL, "identity");
    record_copy(&record, &identity, sizeof identity);
    memcpy(groups, record.payload + sizeof identity, identity.group_count * sizeof *groups);

    drop_bounding(planned_capabilities(plan).bounding);
    check(kernel(__NR_prctl, PR_SET_SECUREBITS, SECBIT_KEEP_CAPS), TENANT_STAGE_IDENTITY, "prctl",
          "PR_SET_SECUREBITS");
    check(kernel(__NR_setgroups, identity.group_count, groups), TENANT_STAGE_IDENTITY, "setgroups", NULL);
    check(kernel(__NR_setresgid, identity.gid, identity.gid, identity.gid), TENANT_STAGE_IDENTITY, "setresgid", NULL);
    check(kernel(__NR_setresuid, identity.uid, identity.uid, identity.uid), TENANT_STAGE_IDENTITY, "setresuid", NULL);
    check(kernel(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0), TENANT_STAGE_IDENTITY, "prctl", "PR_SET_NO_NEW_PRIVS");
}

static void take_capabilities(const struct plan *plan)
{
    struct tenant_capabilities capabilities = planned_capabilities(plan);
    set_capabilities(capabilities.permitted, capabilities.effective, capabilities.inheritable);
    raise_ambient(capabilities.ambient);
}

/* A working directory outside of the root shows as "(unreachable)…" (CVE-2024-21626). */
static void enter_working_directory(const struct plan *plan)
{
    struct record record;
    char actual[4096];
    const char *path = plan_find(plan, TENANT_RECORD_WORKING, &record) ? record_text(&record, 0) : "/";
    check(kernel(__NR_chdir, path), TENANT_STAGE_WORKING, "chdir", path);
    check(kernel(__NR_getcwd, actual, sizeof actual), TENANT_STAGE_WORKING, "getcwd", path);
    if (actual[0] != '/')
        fail(TENANT_STAGE_WORKING, "getcwd", -EXDEV, actual);
}

/* clone3's CLONE_CLEAR_SIGHAND leaves ignored what the daemon ignores, SIGPIPE, and what it was started with; PID 1 has
 * blocked all. */
static void reset_signals(void)
{
    enum { LAST_SIGNAL = 64 };
    static const struct sigaction defaults; /* all zero: SIG_DFL */
    unsigned long none = 0;
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        kernel(__NR_rt_sigaction, signal, &defaults, NULL, sizeof none); /* SIGKILL and SIGSTOP refuse */
    kernel(__NR_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static void install_filter(const struct plan *plan)
{
    struct record record;
    if (!plan_find(plan, TENANT_RECORD_SECCOMP, &record))
        return;
    struct sock_fprog program = {(unsigned short)(record.size / sizeof(struct sock_filter)),
                                 (struct sock_filter *)record.payload};
    uint32_t flags = 0;
    if (plan_find(plan, TENANT_RECORD_SECCOMP_FLAGS, &record))
        record_copy(&record, &flags, sizeof flags);
    check(kernel(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program), TENANT_STAGE_SECCOMP, "seccomp", NULL);
}

enum { MAXIMUM_STRINGS = 8192 };

/* Collects a record's strings into a vector that ends with NULL. */
static void collect(const struct plan *plan, uint16_t type, const char **vector)
{
    struct record record;
    size_t count = 0;
    if (plan_find(plan, type, &record))
        for (const char *text = record_text(&record, 0); text != NULL; text = record_next_text(&record, text)) {
            if (count + 1 >= MAXIMUM_STRINGS)
                fail(TENANT_STAGE_EXEC, "execve", -E2BIG, NULL);
            vector[count++] = text;
        }
    vector[count] = NULL;
}

static const char *search_path(const char *const *environment)
{
    for (; *environment != NULL; environment++)
        if (memcmp(*environment, "PATH=", text_length(*environment) < 5 ? text_length(*environment) + 1 : 5) == 0)
            return *environment + 5;
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static bool has_slash(const char *text)
{
    while (*text != '\0')
        if (*text++ == '/')
            return true;
    return false;
}

/* execve along PATH as execvp(3) does: a file that may not be run is remembered, and the search goes on. */
static long execute(const char *program, const char **arguments, const char **environment)
{
    long remembered = -ENOENT;
    char candidate[4096];
    if (has_slash(program))
        return kernel(__NR_execve, program, arguments, environment);
    for (const char *path = search_path(environment); *path != '\0';) {
        size_t length = 0;
        while (*path != '\0' && *path != ':' && length + 1 < sizeof candidate)
            candidate[length++] = *path++;
        candidate[length] = '\0';
        while (*path != '\0' && *path != ':')
            path++;
        if (*path == ':')
            path++;
        if (length == 0 || length + text_length(program) + 2 > sizeof candidate)
            continue;
        length = text_append(candidate, sizeof candidate, length, "/");
        text_append(candidate, sizeof candidate, length, program);
        long result = kernel(__NR_execve, candidate, arguments, environment);
        if (result == -EACCES)
            remembered = result;
        else if (result != -ENOENT && result != -ENOTDIR)
            return result;
    }
    return remembered;
}

void run_payload(const struct plan *plan, int domain)
{
    static const char *arguments[MAXIMUM_STRINGS], *environment[MAXIMUM_STRINGS];
    struct record record;
    uint32_t mask = 022;

    kernel(__NR_setsid);
    take_terminal(plan);
    set_resource_limits(plan);
    enter_domain(domain);
    take_capabilities(plan);
    collect(plan, TENANT_RECORD_ARGUMENTS, arguments);
    collect(plan, TENANT_RECORD_ENVIRONMENT, environment);
    if (arguments[0] == NULL)
        fail(TENANT_STAGE_EXEC, "execve", -EINVAL, NULL);
    if (plan_find(plan, TENANT_RECORD_UMASK, &record))
        record_copy(&record, &mask, sizeof mask);
    kernel(__NR_umask, mask);
    reset_signals();
    /* Nothing of the host is left but the standard streams and, until execve, the control socket. */
    kernel(__NR_close_range, TENANT_DESCRIPTOR_CONTROL + 1, ~0U, 0);
    enter_working_directory(plan);
    check(kernel(__NR_fcntl, TENANT_DESCRIPTOR_CONTROL, F_SETFD, FD_CLOEXEC), TENANT_STAGE_EXEC, "fcntl", NULL);
    send_message(TENANT_MESSAGE_EXECUTING, 0, NULL, 0);
    install_filter(plan);
    fail(TENANT_STAGE_EXEC, "execve", execute(arguments[0], arguments, environment), arguments[0]);
}
