/* A process of its own, in the daemon's group, and nowhere in the tenant but in its network namespace: no thread of the
 * daemon ever joins a namespace of a tenant's, and what reads a hostile server's bytes has no privilege, no file and
 * nothing to lose. It joins by pidfd, so that no reused pid can lead it astray. */
#include "probe.h"

#include "channel.h"
#include "kernel.h"
#include "tenant_probe.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <stdbool.h>

enum { NOBODY = 65534, STREAM = 1, INTERNET = 2, INTERNET_6 = 10, SOCKET_LEVEL = 1, ERROR_OPTION = 4 };
/* "HTTP/1.1 200 " is all that is looked at. */
enum { STATUS_LINE = 13 };

static _Noreturn void answer(uint32_t result, uint32_t detail)
{
    send_message(TENANT_MESSAGE_PROBED, result | (detail & 0xffff) << 16, NULL, 0);
    terminate(0);
}

/* Waits until EVENTS come or the time is over. */
static void await(int socket, short events, uint64_t deadline)
{
    for (;;) {
        uint64_t now = monotonic_time();
        if (now >= deadline)
            answer(TENANT_PROBE_LATE, 0);
        uint64_t left = deadline - now;
        struct __kernel_timespec timeout = {(long long)(left / 1000000000U), (long long)(left % 1000000000U)};
        struct pollfd watched = {.fd = socket, .events = events};
        if (kernel(__NR_ppoll, &watched, 1, &timeout, NULL, 0) > 0)
            return;
    }
}

/* A connected socket, or -errno. */
static int connect_to(int family, const void *address, size_t size, uint64_t deadline)
{
    int socket = (int)kernel(__NR_socket, family, STREAM | O_NONBLOCK | O_CLOEXEC, 0);
    if (socket < 0)
        return socket;
    int error = (int)-kernel(__NR_connect, socket, address, size);
    if (error == EINPROGRESS || error == EAGAIN) {
        int length = sizeof error;
        await(socket, POLLOUT, deadline);
        error = 0;
        kernel(__NR_getsockopt, socket, SOCKET_LEVEL, ERROR_OPTION, &error, &length);
    }
    if (error == 0)
        return socket;
    kernel(__NR_close, socket);
    return -error;
}

static uint16_t network_order(uint32_t port)
{
    const unsigned char bytes[2] = {(unsigned char)(port >> 8), (unsigned char)port};
    uint16_t ordered;
    memcpy(&ordered, bytes, sizeof ordered);
    return ordered;
}

/* 127.0.0.1, and ::1 where nobody listens there. */
static int connect_loopback(uint32_t port, uint64_t deadline)
{
    const unsigned char local[4] = {127, 0, 0, 1};
    struct sockaddr_in four = {.sin_family = INTERNET, .sin_port = network_order(port)};
    struct sockaddr_in6 six = {.sin6_family = INTERNET_6, .sin6_port = network_order(port)};
    memcpy(&four.sin_addr, local, sizeof local);
    six.sin6_addr.s6_addr[15] = 1;
    int socket = connect_to(INTERNET, &four, sizeof four, deadline);
    if (socket != -ECONNREFUSED)
        return socket;
    socket = connect_to(INTERNET_6, &six, sizeof six, deadline);
    /* Where there is no IPv6, the first answer is the one that tells something. */
    return socket < 0 ? -ECONNREFUSED : socket;
}

static void ask(int socket, const char *request, size_t size, uint64_t deadline)
{
    while (size > 0) {
        long sent = kernel(__NR_sendto, socket, request, size, NO_SIGNAL, NULL, 0);
        if (sent == -EAGAIN)
            await(socket, POLLOUT, deadline);
        else if (sent < 0 && sent != -EINTR)
            return; /* why is told by what is read */
        else if (sent > 0) {
            request += sent;
            size -= (size_t)sent;
        }
    }
}

/* The status of "HTTP/1.x NNN", or 0. */
static uint32_t status_of(const char *line)
{
    uint32_t status = 0;
    if (memcmp(line, "HTTP/1.", 7) != 0 || line[7] < '0' || line[7] > '9' || line[8] != ' ')
        return 0;
    for (int index = 9; index < 12; index++) {
        if (line[index] < '0' || line[index] > '9')
            return 0;
        status = status * 10 + (uint32_t)(line[index] - '0');
    }
    bool ends = line[12] == ' ' || line[12] == '\r' || line[12] == '\n';
    return ends && status >= 100 && status <= 599 ? status : 0;
}

/* Reads no more than it looks at: an answer without end costs its sender only. */
static _Noreturn void hear(int socket, uint64_t deadline)
{
    char line[STATUS_LINE] = {0};
    size_t got = 0;
    while (got < sizeof line) {
        await(socket, POLLIN, deadline);
        long count = kernel(__NR_recvfrom, socket, line + got, sizeof line - got, 0, NULL, NULL);
        if (count == -EAGAIN || count == -EINTR)
            continue;
        if (count <= 0)
            answer(TENANT_PROBE_CUT, (uint32_t)-count);
        got += (size_t)count;
    }
    uint32_t status = status_of(line);
    if (status == 0)
        answer(TENANT_PROBE_NOT_HTTP, 0);
    answer(TENANT_PROBE_ANSWERED, status);
}

/* Nothing is left to take from this process: no id, no capability, no way to another. */
static void shed_privilege(void)
{
    check(kernel(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), TENANT_STAGE_IDENTITY, "prctl", NULL);
    check(kernel(__NR_setgroups, 0, NULL), TENANT_STAGE_IDENTITY, "setgroups", NULL);
    check(kernel(__NR_setresgid, NOBODY, NOBODY, NOBODY), TENANT_STAGE_IDENTITY, "setresgid", NULL);
    check(kernel(__NR_setresuid, NOBODY, NOBODY, NOBODY), TENANT_STAGE_IDENTITY, "setresuid", NULL);
    check(kernel(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), TENANT_STAGE_IDENTITY, "prctl", NULL);
}

void probe(void)
{
    struct tenant_probe what = {0};
    long size = check(kernel(__NR_pread64, TENANT_PROBE_REQUEST, &what, sizeof what, 0), TENANT_STAGE_PLAN, "pread64",
                      NULL);
    if (size != sizeof what || what.magic != TENANT_PROBE_MAGIC || what.port == 0 || what.port > 65535 ||
        what.request_size > sizeof what.request)
        fail(TENANT_STAGE_PLAN, "probe", -EINVAL, NULL);
    uint64_t deadline = monotonic_time() + (uint64_t)what.milliseconds * 1000000U;
    check(kernel(__NR_setns, TENANT_PROBE_PROCESS, CLONE_NEWNET), TENANT_STAGE_ENTRY, "setns", "network");
    kernel(__NR_close_range, TENANT_PROBE_REQUEST, ~0U, 0);
    shed_privilege();

    int socket = connect_loopback(what.port, deadline);
    if (socket < 0)
        answer(TENANT_PROBE_REFUSED, (uint32_t)-socket);
    if (what.request_size == 0)
        answer(TENANT_PROBE_CONNECTED, 0);
    ask(socket, what.request, what.request_size, deadline);
    hear(socket, deadline);
}
