#include "kernel.h"

_Noreturn void tenant_init(long *stack);

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    movq %rsp, %rdi\n"
        "    andq $-16, %rsp\n"
        "    callq tenant_init\n"
        "    hlt\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl _start\n"
        ".type _start, %function\n"
        "_start:\n"
        "    mov x29, xzr\n"
        "    mov x30, xzr\n"
        "    mov x0, sp\n"
        "    and sp, x0, #-16\n"
        "    bl tenant_init\n"
        "    brk #0\n");
#endif

void terminate(int status)
{
    for (;;)
        kernel(__NR_exit_group, status);
}
