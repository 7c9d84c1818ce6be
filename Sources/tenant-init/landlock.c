/* The payload's Landlock domain: what the mounts allow, once more, so that no trick with mounts or paths inside widens
 * it; see Documentation/userspace-api/landlock.rst. A domain can't be joined later: whoever enters the tenant makes an
 * equal one from the same records. */
#include "channel.h"
#include "kernel.h"
#include "mounts.h"
#include "stages.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/stat.h>

/* Newer than the headers that this may be built with. */
enum {
    FS_TRUNCATE = 1 << 14,  /* LANDLOCK_ACCESS_FS_TRUNCATE, version 3 */
    FS_IOCTL_DEV = 1 << 15, /* LANDLOCK_ACCESS_FS_IOCTL_DEV, version 5 */
    RULE_NET_PORT = 2,      /* LANDLOCK_RULE_NET_PORT, version 4 */
    /* What a rule for something else than a directory may hold. */
    FS_FILE = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE |
              FS_IOCTL_DEV,
};

struct path_rule {
    uint64_t access;
    int32_t place;
} __attribute__((packed));

static uint16_t kind_of(int descriptor)
{
    struct statx status = {0};
    long result = kernel(__NR_statx, descriptor, "", AT_EMPTY_PATH, STATX_TYPE, &status);
    return result < 0 ? 0 : status.stx_mode & S_IFMT;
}

static long allow_beneath(int domain, int place, uint64_t access)
{
    struct path_rule rule = {access, place};
    return access == 0 ? 0 : kernel(__NR_landlock_add_rule, domain, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/* A path that isn't there, or that leads over a link by now, is left out: that takes from the tenant and gives it
 * nothing. */
static void allow_path(int domain, uint64_t handled, const struct record *record)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    const char *path = record_text(record, sizeof(uint64_t));
    uint64_t access;
    record_copy(record, &access, sizeof access);
    long place = kernel(__NR_openat2, AT_FDCWD, path, &how, sizeof how);
    if (place == -ENOENT || place == -ENOTDIR || place == -ELOOP)
        return;
    check(place, TENANT_STAGE_LANDLOCK, "openat2", path);
    if (kind_of((int)place) != S_IFDIR)
        access &= FS_FILE;
    check(allow_beneath(domain, (int)place, access & handled), TENANT_STAGE_LANDLOCK, "landlock_add_rule", path);
    kernel(__NR_close, place);
}

/* The standard streams may be files that lie outside: /dev/stdin and its like open them once more, in no other way than
 * they were handed in. Pipes and sockets need no rule, and the kernel takes none. */
static void allow_stream(int domain, uint64_t handled, int stream)
{
    uint16_t kind = kind_of(stream);
    long flags = kernel(__NR_fcntl, stream, F_GETFL, 0);
    uint64_t access = 0;
    if (flags < 0 || (kind != S_IFREG && kind != S_IFCHR))
        return;
    if ((flags & O_ACCMODE) != O_WRONLY)
        access |= LANDLOCK_ACCESS_FS_READ_FILE;
    if ((flags & O_ACCMODE) != O_RDONLY)
        access |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
    if (kind == S_IFCHR)
        access |= FS_IOCTL_DEV;
    long result = allow_beneath(domain, stream, access & handled);
    if (result != -EBADFD) /* a file of the kernel's own, such as a memfd: open to all who hold it */
        check(result, TENANT_STAGE_LANDLOCK, "landlock_add_rule", "a standard stream");
}

static void allow_port(int domain, const struct record *record)
{
    struct tenant_landlock_port rule;
    record_copy(record, &rule, sizeof rule);
    check(kernel(__NR_landlock_add_rule, domain, RULE_NET_PORT, &rule, 0), TENANT_STAGE_LANDLOCK,
          "landlock_add_rule", "port");
}

int make_domain(const struct plan *plan)
{
    struct plan_cursor cursor = {0};
    struct record record;
    struct tenant_landlock handled;
    if (!plan_find(plan, TENANT_RECORD_LANDLOCK, &record))
        return -1;
    record_copy(&record, &handled, sizeof handled);
    /* struct landlock_ruleset_attr of version 6; a kernel that knows less of it takes it if the rest is 0. */
    int domain = (int)check(kernel(__NR_landlock_create_ruleset, &handled, sizeof handled, 0), TENANT_STAGE_LANDLOCK,
                            "landlock_create_ruleset", NULL);
    while (plan_next(plan, &cursor, &record)) {
        if (record.type == TENANT_RECORD_LANDLOCK_PATH)
            allow_path(domain, handled.files, &record);
        else if (record.type == TENANT_RECORD_LANDLOCK_PORT)
            allow_port(domain, &record);
    }
    for (int stream = 0; stream <= 2; stream++)
        allow_stream(domain, handled.files, stream);
    return domain;
}

void enter_domain(int domain)
{
    if (domain < 0)
        return;
    check(kernel(__NR_landlock_restrict_self, domain, 0), TENANT_STAGE_LANDLOCK, "landlock_restrict_self", NULL);
    kernel(__NR_close, domain);
}
