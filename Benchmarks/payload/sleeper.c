/* The smallest payload: sleeps until it is killed, without a C library, so that what an idle tenant costs beyond it
 * is the product's. */
#include <asm/unistd.h>

void _start(void)
{
    for (;;) {
#if defined(__x86_64__)
        long result;
        __asm__ volatile("syscall" : "=a"(result) : "a"((long)__NR_pause) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
        register long number __asm__("x8") = __NR_ppoll;
        register long first __asm__("x0") = 0;
        register long second __asm__("x1") = 0;
        register long third __asm__("x2") = 0;
        register long fourth __asm__("x3") = 0;
        __asm__ volatile("svc #0" : "+r"(first) : "r"(number), "r"(second), "r"(third), "r"(fourth) : "memory");
#else
#error "the sleeper needs its system call for this architecture"
#endif
    }
}
