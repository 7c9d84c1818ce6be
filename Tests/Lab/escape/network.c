/* Sockets, and what else is shared by name: abstract addresses, System V and POSIX IPC. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static _Noreturn void make_socket(int family, int type, int protocol, const char *what)
{
    must(socket(family, type, protocol), what);
    escaped("made a %s socket", what);
}

static void raw(void)
{
    make_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP, "raw");
}

static void packet(void)
{
    make_socket(AF_PACKET, SOCK_RAW, htons(0x0003), "packet");
}

static void hypervisor(void)
{
    make_socket(AF_VSOCK, SOCK_STREAM, 0, "vsock");
}

static void crypto(void)
{
    make_socket(AF_ALG, SOCK_SEQPACKET, 0, "AF_ALG");
}

static void audit(void)
{
    make_socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, "audit");
}

static void key_management(void)
{
    make_socket(AF_KEY, SOCK_RAW, 2, "AF_KEY");
}

/* CVE-2017-6074 and others: the kernel loads the module of a protocol for whoever names it. */
static void protocol_module(void)
{
    make_socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, "SCTP");
}

static void packet_filter(void)
{
    make_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, "netfilter");
}

static void change_interface(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int control = (int)must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
    must(ioctl(control, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
    must(ioctl(control, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
    escaped("changed a network interface");
}

static void privileged_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(81)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
    must(bind(listener, (struct sockaddr *)&address, sizeof address), "bind to port 81");
    escaped("bound a privileged port");
}

/* CVE-2020-15257: a daemon's abstract socket, which belongs to the network namespace. */
static void abstract_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    static const char name[] = "escape-host";
    memcpy(address.sun_path + 1, name, sizeof name - 1);
    int client = (int)must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(connect(client, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof name)),
         "connect to an abstract socket of the host");
    escaped("spoke to an abstract socket of the host");
}

static void host_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)fact("HOST_PORT"))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int client = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
    must(connect(client, (struct sockaddr *)&address, sizeof address), "connect to a port of the host");
    escaped("spoke to a server on the host's loopback");
}

static _Noreturn void connect_path(const char *inside, const char *through_old_root, const char *what)
{
    const char *const paths[] = {inside, through_old_root};
    for (size_t index = 0; index < 2; index++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        strcpy(address.sun_path, paths[index]);
        int client = (int)must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
        if (connect(client, (struct sockaddr *)&address, sizeof address) == 0)
            escaped("spoke to %s", paths[index]);
        if (errno != ENOENT)
            break;
    }
    refused("connect to %s", what);
}

static void control_socket(void)
{
    connect_path("/run/isolated/io.isolated", "/../run/isolated/io.isolated", "the daemon");
}

static void system_bus(void)
{
    connect_path("/run/dbus/system_bus_socket", "/../run/dbus/system_bus_socket", "the system bus");
}

static void journal(void)
{
    connect_path("/run/systemd/journal/stdout", "/../run/systemd/journal/stdout", "the journal");
}

static void shared_memory(void)
{
    must(shmget((key_t)fact("SHARED_KEY"), 0, 0), "shmget of the host's key");
    escaped("found the host's shared memory");
}

static void message_queue(void)
{
    mqd_t queue = mq_open("/escape-host", O_RDONLY);
    if (queue == (mqd_t)-1)
        refused("mq_open of the host's queue");
    escaped("opened the host's message queue");
}

const struct attack network_attacks[] = {
    {"raw-socket", raw},
    {"packet-socket", packet},
    {"hypervisor-socket", hypervisor},
    {"crypto-socket", crypto},
    {"audit-socket", audit},
    {"key-socket", key_management},
    {"protocol-module", protocol_module},
    {"packet-filter", packet_filter},
    {"network-interface", change_interface},
    {"privileged-port", privileged_port},
    {"abstract-socket", abstract_socket},
    {"host-port", host_port},
    {"control-socket", control_socket},
    {"system-bus", system_bus},
    {"journal-socket", journal},
    {"shared-memory", shared_memory},
    {"message-queue", message_queue},
    {NULL, NULL},
};
