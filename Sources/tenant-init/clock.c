#include "kernel.h"

#include <linux/time.h>

uint64_t monotonic_time(void)
{
    struct __kernel_timespec time = {0};
    kernel(__NR_clock_gettime, CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}
