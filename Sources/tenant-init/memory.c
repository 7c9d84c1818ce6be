#include "kernel.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    char *target = to;
    const char *source = from;
    while (size-- > 0)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    char *target = to;
    const char *source = from;
    if (target <= source) {
        while (size-- > 0)
            *target++ = *source++;
    } else {
        while (size-- > 0)
            target[size] = source[size];
    }
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    char *target = to;
    while (size-- > 0)
        *target++ = (char)byte;
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left, *b = right;
    for (; size > 0; size--, a++, b++)
        if (*a != *b)
            return *a < *b ? -1 : 1;
    return 0;
}
