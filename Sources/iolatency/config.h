/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CONFIG_H
#define CONFIG_H

#include "ciolatency_layout.h"

/* Set by the loader, and constant from then on: the verifier and the compiler of the kernel know the values. */
const volatile struct ciolatency_config config = {.bucket_mask = 8191, .shard_mask = 0};

#endif
