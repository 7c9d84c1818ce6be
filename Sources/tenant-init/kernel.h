/* The kernel's interface without a C library: raw system calls that answer a value or -errno. */
#ifndef TENANT_INIT_KERNEL_H
#define TENANT_INIT_KERNEL_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
static inline long kernel_call(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
static inline long kernel_call(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#else
#error "tenant-init knows x86-64 and arm64"
#endif

#define CALL_6(n, a, b, c, d, e, f, ...) kernel_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* kernel(number, arguments…): arguments that are left out are 0. */
#define kernel(...) CALL_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* SIGKILL, SIGCHLD; MSG_DONTWAIT, MSG_NOSIGNAL: the same on all architectures here. */
enum { SIGNAL_KILL = 9, SIGNAL_CHILD = 17, DO_NOT_WAIT = 0x40, NO_SIGNAL = 0x4000 };

_Noreturn void terminate(int status);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t monotonic_time(void);

/* Memory and strings; the compiler may call the first four by itself. */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t text_length(const char *text);
/* Appends TEXT at OFFSET of a buffer of SIZE bytes, always terminated; answers the new offset. */
size_t text_append(char *buffer, size_t size, size_t offset, const char *text);
size_t text_append_number(char *buffer, size_t size, size_t offset, uint64_t number);

#endif
