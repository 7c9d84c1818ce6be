#include "clinux.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

const int clinux_o_path = O_PATH;

int clinux_is_cgroup2(int directory)
{
    struct statfs information;

    if (fstatfs(directory, &information) != 0)
        return -1;
    return information.f_type == CGROUP2_SUPER_MAGIC;
}

int clinux_change_directory_owner(int directory, uid_t user, gid_t group)
{
    return fchownat(directory, "", user, group, AT_EMPTY_PATH);
}
