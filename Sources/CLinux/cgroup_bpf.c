#include "clinux.h"

#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static uint64_t address(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

int clinux_bpf_load_cgroup_device(const void *instructions, uint32_t count, const char *name, char *log,
                                  uint32_t log_size)
{
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.expected_attach_type = BPF_CGROUP_DEVICE;
    attributes.insns = address(instructions);
    attributes.insn_cnt = count;
    attributes.license = address("Apache-2.0");
    attributes.log_buf = address(log);
    attributes.log_size = log_size;
    attributes.log_level = log_size > 0;
    strncpy(attributes.prog_name, name, sizeof attributes.prog_name - 1);
    return bpf(BPF_PROG_LOAD, &attributes);
}

int clinux_bpf_attach_cgroup_device(int group, int program, int replaced)
{
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    if (replaced >= 0) {
        attributes.attach_flags |= BPF_F_REPLACE;
        attributes.replace_bpf_fd = (uint32_t)replaced;
    }
    return bpf(BPF_PROG_ATTACH, &attributes);
}

int clinux_bpf_detach_cgroup_device(int group, int program)
{
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    return bpf(BPF_PROG_DETACH, &attributes);
}

int clinux_bpf_query_cgroup_device(int group, uint32_t *ids, uint32_t *count)
{
    union bpf_attr attributes;
    int result;

    memset(&attributes, 0, sizeof attributes);
    attributes.query.target_fd = (uint32_t)group;
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = address(ids);
    attributes.query.prog_cnt = *count;
    result = bpf(BPF_PROG_QUERY, &attributes);
    *count = attributes.query.prog_cnt;
    return result;
}

int clinux_bpf_program_by_id(uint32_t id)
{
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.prog_id = id;
    return bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
}

int clinux_bpf_program_name(int program, char *name)
{
    union bpf_attr attributes;
    struct bpf_prog_info information;

    memset(&attributes, 0, sizeof attributes);
    memset(&information, 0, sizeof information);
    attributes.info.bpf_fd = (uint32_t)program;
    attributes.info.info_len = sizeof information;
    attributes.info.info = address(&information);
    if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) != 0)
        return -1;
    memcpy(name, information.name, sizeof information.name);
    return 0;
}
