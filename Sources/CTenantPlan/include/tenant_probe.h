/* What the daemon hands to `tenant-init probe`, and what comes back: a look at a port of a tenant's loopback. */
#ifndef TENANT_PROBE_H
#define TENANT_PROBE_H

#include <stdint.h>

enum {
    TENANT_PROBE_MAGIC = 0x42525054, /* "TPRB" */
    TENANT_PROBE_MAXIMUM_REQUEST = 1280,
};

/* The descriptors that the probe is born with, beside TENANT_DESCRIPTOR_CONTROL. */
enum tenant_probe_descriptor {
    TENANT_PROBE_REQUEST = 4, /* struct tenant_probe, in a sealed memfd */
    TENANT_PROBE_PROCESS = 5, /* pidfd of the tenant's PID 1 */
};

struct tenant_probe {
    uint32_t magic;
    uint32_t port;
    uint32_t milliseconds; /* for all of it */
    uint32_t request_size; /* bytes of an HTTP request to send; 0: a connection is enough */
    char request[TENANT_PROBE_MAXIMUM_REQUEST];
};

/* The low 8 bits of the answer's value; the upper 16 are an HTTP status or an errno. */
enum tenant_probe_result {
    TENANT_PROBE_CONNECTED = 1, /* somebody listens */
    TENANT_PROBE_ANSWERED = 2,  /* with an HTTP status */
    TENANT_PROBE_REFUSED = 3,   /* with an errno */
    TENANT_PROBE_LATE = 4,
    TENANT_PROBE_CUT = 5,      /* the answer ended before its status */
    TENANT_PROBE_NOT_HTTP = 6, /* the answer begins otherwise */
};

#endif
