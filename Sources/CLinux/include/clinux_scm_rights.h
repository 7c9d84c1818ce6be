/* File descriptors over UNIX sockets: unix(7), SCM_RIGHTS. */
#ifndef CLINUX_SCM_RIGHTS_H
#define CLINUX_SCM_RIGHTS_H

#include <stddef.h>
#include <sys/types.h>

/* sendmsg(2): sends COUNT bytes, with DESCRIPTOR_COUNT descriptors attached to the first of them. MSG_NOSIGNAL is
 * added to FLAGS. Fails with EINVAL for more than CLINUX_SCM_RIGHTS_MAXIMUM descriptors. */
ssize_t clinux_scm_rights_send(int socket, const void *bytes, size_t count, const int *descriptors,
                               size_t descriptor_count, int flags);

/* recvmsg(2): receives up to COUNT bytes and up to CAPACITY descriptors, close-on-exec. *DESCRIPTOR_COUNT is how many
 * came; *TRUNCATED is 1 when the sender attached more than CAPACITY: the rest are closed. Fails with EINVAL for a
 * CAPACITY above CLINUX_SCM_RIGHTS_MAXIMUM. */
ssize_t clinux_scm_rights_receive(int socket, void *bytes, size_t count, int *descriptors, size_t capacity,
                                  size_t *descriptor_count, int *truncated, int flags);

enum { CLINUX_SCM_RIGHTS_MAXIMUM = 16 };

#endif
