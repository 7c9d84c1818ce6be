#include "clinux_quota.h"

#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int control(int file, unsigned int command, uint32_t project, void *data)
{
    return (int)syscall(SYS_quotactl_fd, file, QCMD(command, PRJQUOTA), project, data);
}

int clinux_project_get(int file, uint32_t *project, int *inherits)
{
    struct fsxattr attributes;
    memset(&attributes, 0, sizeof attributes);
    if (ioctl(file, FS_IOC_FSGETXATTR, &attributes) < 0)
        return -1;
    *project = attributes.fsx_projid;
    *inherits = (attributes.fsx_xflags & FS_XFLAG_PROJINHERIT) != 0;
    return 0;
}

int clinux_project_set(int file, uint32_t project, int inherits)
{
    struct fsxattr attributes;
    memset(&attributes, 0, sizeof attributes);
    if (ioctl(file, FS_IOC_FSGETXATTR, &attributes) < 0)
        return -1;
    attributes.fsx_projid = project;
    attributes.fsx_xflags &= ~(unsigned int)FS_XFLAG_PROJINHERIT;
    if (inherits)
        attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
    return ioctl(file, FS_IOC_FSSETXATTR, &attributes);
}

int clinux_quota_enforced(int file)
{
    struct fs_quota_statv state;
    memset(&state, 0, sizeof state);
    state.qs_version = FS_QSTATV_VERSION1;
    if (control(file, Q_XGETQSTATV, 0, &state) < 0)
        return -1;
    return (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}

int64_t clinux_file_system_kind(int file)
{
    struct statfs information;
    return fstatfs(file, &information) == 0 ? information.f_type : 0;
}

int clinux_quota_get(int file, uint32_t project, struct clinux_quota *quota)
{
    struct if_dqblk block;
    memset(&block, 0, sizeof block);
    if (control(file, Q_GETQUOTA, project, &block) < 0)
        return -1;
    *quota = (struct clinux_quota){
        .bytes = block.dqb_curspace,
        .inodes = block.dqb_curinodes,
        .most_bytes = block.dqb_bhardlimit << QIF_DQBLKSIZE_BITS,
        .most_inodes = block.dqb_ihardlimit,
    };
    return 0;
}

int clinux_quota_set(int file, uint32_t project, uint64_t most_bytes, uint64_t most_inodes)
{
    struct if_dqblk block;
    memset(&block, 0, sizeof block);
    block.dqb_bhardlimit = (most_bytes >> QIF_DQBLKSIZE_BITS) + ((most_bytes & (QIF_DQBLKSIZE - 1)) != 0);
    block.dqb_ihardlimit = most_inodes;
    block.dqb_valid = QIF_LIMITS;
    return control(file, Q_SETQUOTA, project, &block);
}
