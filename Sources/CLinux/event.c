#include "clinux_event.h"

#include <pthread.h>
#include <sys/socket.h>

int clinux_accept(int socket, int flags)
{
    return accept4(socket, NULL, NULL, flags);
}

int clinux_set_thread_name(const char *name)
{
    return pthread_setname_np(pthread_self(), name);
}
