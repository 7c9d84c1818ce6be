/* Watching another process's system calls: ptrace(2) by PTRACE_SEIZE, as functions that a language without variadic
 * calls can make. All of a tracee's calls must come from the thread that seized it. */
#ifndef CLINUX_TRACE_H
#define CLINUX_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a tracee that has stopped is doing. */
enum clinux_trace_stop {
    CLINUX_TRACE_NOTHING = 0,  /* no tracee has news */
    CLINUX_TRACE_ENDED = 1,    /* the task is gone: value = its wait status */
    CLINUX_TRACE_CALL = 2,     /* at a system call: see clinux_trace_call */
    CLINUX_TRACE_EXECUTED = 3, /* has executed a program */
    CLINUX_TRACE_ENDING = 4,   /* about to end, still there to be looked at */
    CLINUX_TRACE_HALTED = 5,   /* stopped by a job control signal: clinux_trace_listen keeps it so */
    CLINUX_TRACE_SIGNAL = 6,   /* about to get the signal value */
    CLINUX_TRACE_STOPPED = 7,  /* new, or stopped for no reason of its own */
};

struct clinux_trace_news {
    pid_t task;
    int stop; /* enum clinux_trace_stop */
    int value;
};

enum clinux_trace_moment {
    CLINUX_TRACE_ENTRY = 1,
    CLINUX_TRACE_EXIT = 2,
};

/* A system call at one of its two ends: PTRACE_GET_SYSCALL_INFO. */
struct clinux_trace_call {
    int moment; /* enum clinux_trace_moment; 0 at neither */
    uint32_t architecture;
    uint64_t number;
    uint64_t arguments[6];
    int64_t result; /* -errno for an error */
};

/* Takes a process for a tracee. What it forks becomes one too, and all die with the tracer. */
int clinux_trace_seize(pid_t pid);

/* Takes the next news of any tracee or child, without waiting. -1 with ECHILD if there is none left. */
int clinux_trace_next(struct clinux_trace_news *news);

/* Lets a stopped tracee run until the next end of a system call; it gets SIGNAL unless that is 0. */
int clinux_trace_resume(pid_t task, int signal);

/* Leaves a tracee that is halted so, until SIGCONT. */
int clinux_trace_listen(pid_t task);

int clinux_trace_call(pid_t task, struct clinux_trace_call *call);

/* Copies SIZE bytes at ADDRESS of a stopped tracee; answers how many could be had. */
ssize_t clinux_trace_read(pid_t task, uint64_t address, void *buffer, size_t size);

#endif
