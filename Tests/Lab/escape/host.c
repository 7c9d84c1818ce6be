/* What the host has that no tenant may reach: an abstract socket, a server on the loopback, shared memory and a message
 * queue, open to everybody, so that nothing but a namespace keeps a tenant from them. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void listen_at(int family, const void *address, socklen_t size)
{
    int listener = socket(family, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, address, size) < 0 || listen(listener, 64) < 0)
        give_up("listen");
}

void be_the_host(void)
{
    static const char name[] = "escape-host";
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_port = htons((uint16_t)fact("HOST_PORT"))};
    memcpy(local.sun_path + 1, name, sizeof name - 1);
    internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_at(AF_UNIX, &local, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name));
    listen_at(AF_INET, &internet, sizeof internet);

    int memory = shmget((key_t)fact("SHARED_KEY"), 4096, IPC_CREAT | 0666);
    if (memory < 0 || shmat(memory, NULL, 0) == (void *)-1)
        give_up("shared memory");
    struct mq_attr size = {.mq_maxmsg = 1, .mq_msgsize = 64};
    if (mq_open("/escape-host", O_CREAT | O_RDWR, 0666, &size) == (mqd_t)-1)
        give_up("message queue");
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}
