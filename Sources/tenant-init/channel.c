#include "channel.h"

#include "kernel.h"

#include <linux/errno.h>
#include <linux/socket.h>
#include <linux/uio.h>

enum { SOCKET_LEVEL = 1, SCM_RIGHTS_TYPE = 1, CLOSE_ON_EXEC = 0x40000000, CUT = 0x8 };

/* struct user_msghdr and struct cmsghdr of the kernel; its exported headers have neither. */
struct message_header {
    void *name;
    int name_length;
    struct iovec *parts;
    size_t part_count;
    void *control;
    size_t control_length;
    unsigned int flags;
};

struct control_header {
    size_t length;
    int level;
    int type;
};

enum { MOST_SENT = 2 };

long send_bytes(int socket, const void *bytes, size_t size, const int *descriptors, size_t count, int flags)
{
    struct {
        struct control_header header;
        int descriptors[MOST_SENT];
    } control = {{sizeof(struct control_header) + count * sizeof(int), SOCKET_LEVEL, SCM_RIGHTS_TYPE}, {0}};
    struct iovec part = {(void *)bytes, size};
    struct message_header header = {.parts = &part, .part_count = 1};
    if (count > 0) {
        memcpy(control.descriptors, descriptors, count * sizeof(int));
        header.control = &control;
        header.control_length = sizeof control;
    }
    long sent;
    do
        sent = kernel(__NR_sendmsg, socket, &header, NO_SIGNAL | flags);
    while (sent == -EINTR);
    return sent;
}

static void send_whole(const struct tenant_message *message, const int *descriptors, size_t count)
{
    send_bytes(TENANT_DESCRIPTOR_CONTROL, message, sizeof *message, descriptors, count, 0);
}

void send_message(uint32_t type, uint32_t value, const int *descriptors, size_t count)
{
    struct tenant_message message = {.type = type, .value = value};
    send_whole(&message, descriptors, count);
}

void fail(uint32_t stage, const char *call, long result, const char *path)
{
    struct tenant_message message = {.type = TENANT_MESSAGE_ERROR, .stage = stage, .error = (int32_t)-result};
    text_append(message.call, sizeof message.call, 0, call);
    text_append(message.path, sizeof message.path, 0, path != NULL ? path : "");
    send_whole(&message, NULL, 0);
    terminate(127);
}

long check(long result, uint32_t stage, const char *call, const char *path)
{
    if (result < 0)
        fail(stage, call, result, path);
    return result;
}

size_t receive_message(uint32_t type, uint32_t *value, int *descriptors, size_t maximum)
{
    struct tenant_message message = {0};
    struct {
        struct control_header header;
        int descriptors[TENANT_PLAN_MAXIMUM_TREES];
    } control;
    struct iovec part = {&message, sizeof message};
    struct message_header header = {
        .parts = &part, .part_count = 1, .control = &control, .control_length = sizeof control};
    long got;
    do
        got = kernel(__NR_recvmsg, TENANT_DESCRIPTOR_CONTROL, &header, CLOSE_ON_EXEC);
    while (got == -EINTR);
    if (got == 0)
        terminate(127);
    check(got, TENANT_STAGE_PLAN, "recvmsg", NULL);
    if (got != sizeof message || message.type != type || (header.flags & CUT) != 0)
        fail(TENANT_STAGE_PLAN, "recvmsg", -EBADMSG, NULL);
    if (value != NULL)
        *value = message.value;
    if (header.control_length < sizeof control.header)
        return 0;
    size_t count = (control.header.length - sizeof control.header) / sizeof(int);
    if (control.header.type != SCM_RIGHTS_TYPE || count > maximum)
        fail(TENANT_STAGE_PLAN, "recvmsg", -EBADMSG, NULL);
    memcpy(descriptors, control.descriptors, count * sizeof(int));
    return count;
}
