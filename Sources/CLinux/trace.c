#include "clinux_trace.h"

#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* glibc's <sys/ptrace.h> and the kernel's header can't be had together, and only the latter is complete. */
static long trace(long request, pid_t task, unsigned long address, unsigned long data)
{
    return syscall(SYS_ptrace, request, (long)task, address, data);
}

int clinux_trace_seize(pid_t pid)
{
    return (int)trace(PTRACE_SEIZE, pid, 0,
                      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                          PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
}

static int stop_of(int status, int *value)
{
    int number = WSTOPSIG(status);
    *value = number;
    switch (status >> 16) {
    case 0:
        return number == (SIGTRAP | 0x80) ? CLINUX_TRACE_CALL : CLINUX_TRACE_SIGNAL;
    case PTRACE_EVENT_EXEC:
        return CLINUX_TRACE_EXECUTED;
    case PTRACE_EVENT_EXIT:
        return CLINUX_TRACE_ENDING;
    case PTRACE_EVENT_STOP:
        return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU
                   ? CLINUX_TRACE_HALTED
                   : CLINUX_TRACE_STOPPED;
    default:
        return CLINUX_TRACE_STOPPED;
    }
}

int clinux_trace_next(struct clinux_trace_news *news)
{
    int status = 0;
    pid_t task = waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG);
    memset(news, 0, sizeof *news);
    if (task < 0)
        return -1;
    if (task == 0)
        return 0;
    news->task = task;
    if (WIFSTOPPED(status)) {
        news->stop = stop_of(status, &news->value);
    } else {
        news->stop = CLINUX_TRACE_ENDED;
        news->value = status;
    }
    return 0;
}

int clinux_trace_resume(pid_t task, int signal_number)
{
    return (int)trace(PTRACE_SYSCALL, task, 0, (unsigned long)signal_number);
}

int clinux_trace_listen(pid_t task)
{
    return (int)trace(PTRACE_LISTEN, task, 0, 0);
}

int clinux_trace_call(pid_t task, struct clinux_trace_call *call)
{
    struct ptrace_syscall_info information;
    memset(&information, 0, sizeof information);
    memset(call, 0, sizeof *call);
    if (trace(PTRACE_GET_SYSCALL_INFO, task, sizeof information, (unsigned long)&information) < 0)
        return -1;
    call->architecture = information.arch;
    if (information.op == PTRACE_SYSCALL_INFO_ENTRY) {
        call->moment = CLINUX_TRACE_ENTRY;
        call->number = information.entry.nr;
        for (int index = 0; index < 6; index++)
            call->arguments[index] = information.entry.args[index];
    } else if (information.op == PTRACE_SYSCALL_INFO_EXIT) {
        call->moment = CLINUX_TRACE_EXIT;
        call->result = information.exit.rval;
    }
    return 0;
}

ssize_t clinux_trace_read(pid_t task, uint64_t address, void *buffer, size_t size)
{
    struct iovec here = {buffer, size};
    struct iovec there = {(void *)(uintptr_t)address, size};
    return process_vm_readv(task, &here, 1, &there, 1, 0);
}
