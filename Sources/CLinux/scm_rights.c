#include "clinux_scm_rights.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(CLINUX_SCM_RIGHTS_MAXIMUM * sizeof(int))];
} control_buffer;

ssize_t clinux_scm_rights_send(int socket, const void *bytes, size_t count, const int *descriptors,
                               size_t descriptor_count, int flags)
{
    control_buffer control = {0};
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

    if (descriptor_count > CLINUX_SCM_RIGHTS_MAXIMUM) {
        errno = EINVAL;
        return -1;
    }
    if (descriptor_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, descriptor_count * sizeof(int));
    }
    return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

/* Takes the descriptors of one control message; those beyond CAPACITY are closed and reported as truncated. */
static void take_descriptors(struct cmsghdr *header, int *descriptors, size_t capacity, size_t *taken, int *truncated)
{
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < count; index++) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof descriptor);
        if (*taken < capacity) {
            descriptors[(*taken)++] = descriptor;
        } else {
            close(descriptor);
            *truncated = 1;
        }
    }
}

ssize_t clinux_scm_rights_receive(int socket, void *bytes, size_t count, int *descriptors, size_t capacity,
                                  size_t *descriptor_count, int *truncated, int flags)
{
    control_buffer control = {0};
    struct iovec vector = {.iov_base = bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

    *descriptor_count = 0;
    *truncated = 0;
    if (capacity > CLINUX_SCM_RIGHTS_MAXIMUM) {
        errno = EINVAL;
        return -1;
    }
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(capacity * sizeof(int));
    ssize_t received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (received < 0) {
        return -1;
    }
    if (message.msg_flags & MSG_CTRUNC) {
        *truncated = 1;
    }
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            take_descriptors(header, descriptors, capacity, descriptor_count, truncated);
        }
    }
    return received;
}
