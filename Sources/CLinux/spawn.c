#include "clinux_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_STACK_SIZE = 64 * 1024 };

/* clone3(2) whose child calls function(argument) on the new stack and exits with its result. The C library has no
 * public wrapper, and returning twice from a C function onto a new stack can't be written in C. */
long clinux_clone3_call(struct clone_args *arguments, size_t size, int (*function)(void *), void *argument);

#if defined(__x86_64__)
__asm__(".text\n"
        ".hidden clinux_clone3_call\n"
        ".globl clinux_clone3_call\n"
        ".type clinux_clone3_call, @function\n"
        "clinux_clone3_call:\n"
        "    movq %rcx, %r8\n" /* the kernel overwrites rcx and r11 */
        "    movl $435, %eax\n"
        "    syscall\n"
        "    testq %rax, %rax\n"
        "    jz 1f\n"
        "    ret\n"
        "1:  xorl %ebp, %ebp\n"
        "    movq %r8, %rdi\n"
        "    callq *%rdx\n"
        "    movl %eax, %edi\n"
        "    movl $60, %eax\n"
        "    syscall\n"
        "    hlt\n"
        ".size clinux_clone3_call, . - clinux_clone3_call\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".hidden clinux_clone3_call\n"
        ".globl clinux_clone3_call\n"
        ".type clinux_clone3_call, %function\n"
        "clinux_clone3_call:\n"
        "    mov x8, #435\n"
        "    svc #0\n"
        "    cbz x0, 1f\n"
        "    ret\n"
        "1:  mov x29, xzr\n"
        "    mov x0, x3\n"
        "    blr x2\n"
        "    mov x8, #93\n"
        "    svc #0\n"
        "    brk #0\n"
        ".size clinux_clone3_call, . - clinux_clone3_call\n");
#else
#error "clone3 needs a trampoline for this architecture"
#endif

struct child_state {
    const struct clinux_spawn_request *request;
    int error;
    const char *failed_call;
};

static int child_failed(struct child_state *state, const char *call)
{
    state->error = errno;
    state->failed_call = call;
    return 127;
}

/* Runs in the child, in the parent's memory: raw system calls only, nothing that locks or allocates. */
static int run_child(void *argument)
{
    struct child_state *state = argument;
    const struct clinux_spawn_request *request = state->request;
    unsigned int count = request->descriptor_count;
    int moved[count > 0 ? count : 1];

    /* Everything goes above the targets first, so that no dup2 can hit a source which is still needed. */
    for (unsigned int index = 0; index < count; index++) {
        moved[index] = fcntl(request->descriptors[index], F_DUPFD_CLOEXEC, (int)count);
        if (moved[index] < 0)
            return child_failed(state, "fcntl");
    }
    int executable = fcntl(request->executable, F_DUPFD_CLOEXEC, (int)count);
    if (executable < 0)
        return child_failed(state, "fcntl");
    for (unsigned int index = 0; index < count; index++)
        if (dup2(moved[index], (int)index) < 0)
            return child_failed(state, "dup2");
    if (syscall(SYS_close_range, count, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return child_failed(state, "close_range");
    syscall(SYS_execveat, executable, "", request->arguments, request->environment, AT_EMPTY_PATH);
    return child_failed(state, "execveat");
}

struct clinux_spawn_result clinux_spawn(const struct clinux_spawn_request *request)
{
    struct clinux_spawn_result result = {.pid = -1, .pidfd = -1};
    struct child_state state = {.request = request};

    void *stack = mmap(NULL, CHILD_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        result.error = errno;
        result.failed_call = "mmap";
        return result;
    }
    struct clone_args arguments = {
        .flags = CLONE_VFORK | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        .pidfd = (uint64_t)(uintptr_t)&result.pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = CHILD_STACK_SIZE,
    };
    if (request->cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)request->cgroup;
    }

    /* No handler may run in the child while it lives in this memory. The child keeps the mask; the program that it
     * becomes sets its own. */
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    long pid = clinux_clone3_call(&arguments, sizeof arguments, run_child, &state);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    munmap(stack, CHILD_STACK_SIZE);

    if (pid < 0) {
        result.error = (int)-pid;
        result.failed_call = "clone3";
        return result;
    }
    if (state.error != 0) {
        waitid(P_PIDFD, (id_t)result.pidfd, &(siginfo_t){0}, WEXITED | __WALL);
        close(result.pidfd);
        result.pidfd = -1;
        result.error = state.error;
        result.failed_call = state.failed_call;
        return result;
    }
    result.pid = (pid_t)pid;
    return result;
}
