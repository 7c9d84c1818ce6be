/* A look at a port of a tenant's loopback. */
#ifndef TENANT_INIT_PROBE_H
#define TENANT_INIT_PROBE_H

/* Joins the network namespace of the tenant, sheds all privilege, connects, asks if it is told to, answers the daemon
 * and ends. */
_Noreturn void probe(void);

#endif
