#ifndef TENANT_INIT_SUPERVISE_H
#define TENANT_INIT_SUPERVISE_H

#include "attach.h"
#include "logs.h"

/* The life of PID 1: reaps, forwards signals to PAYLOAD, carries its output, lets clients have its terminal, and when
 * it has ended records how and ends the tenant with it. */
_Noreturn void supervise(int payload, int signals, struct logs *logs, struct attachment *attachment);

/* Blocks every signal and answers a descriptor that reads them. */
int open_signals(void);

#endif
