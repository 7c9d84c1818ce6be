/* Who is at the other end of a UNIX socket: unix(7), as the kernel recorded it at connect(2). */
#ifndef CLINUX_PEER_H
#define CLINUX_PEER_H

#include <stddef.h>
#include <sys/types.h>

/* SO_PEERCRED. */
int clinux_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/* SO_PEERGROUPS: the supplementary groups. Answers how many there are; fails with ERANGE when they are more than
 * CAPACITY. */
ssize_t clinux_peer_groups(int socket, gid_t *groups, size_t capacity);

/* SO_PEERPIDFD (Linux 6.5): a close-on-exec pidfd of the peer. Fails with ENOPROTOOPT on older kernels. */
int clinux_peer_pidfd(int socket);

#endif
