/* Put before every source of tenant-init in the test-only build: each of its system calls goes through weak_call, which
 * leaves out those that make up the defence under test. The product's sources stay as they are, and know nothing. */
#ifndef ESCAPE_INTERPOSE_H
#define ESCAPE_INTERPOSE_H

#include "kernel.h"

long weak_call(long number, long a, long b, long c, long d, long e, long f);

#undef CALL_6
#define CALL_6(n, a, b, c, d, e, f, ...)                                                                              \
    weak_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#endif
