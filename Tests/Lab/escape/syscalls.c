/* System calls that reach the kernel itself, its clocks, its keys and its hardware. Arguments are such that success
 * does no harm: what is written is what was there, and what would end the machine has a wrong magic number. */
#include "attack.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <linux/fanotify.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>

static _Noreturn void attempt(long result, const char *where)
{
    must(result, where);
    escaped("%s was carried out", where);
}

static void load_module(void)
{
    attempt(syscall(SYS_init_module, "", 0, ""), "init_module");
}

static void load_module_file(void)
{
    attempt(syscall(SYS_finit_module, -1, "", 0), "finit_module");
}

static void remove_module(void)
{
    attempt(syscall(SYS_delete_module, "escape", O_NONBLOCK), "delete_module");
}

static void load_kernel(void)
{
    attempt(syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
}

static void load_kernel_file(void)
{
    attempt(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, 0), "kexec_file_load");
}

static void load_program(void)
{
    static const struct bpf_insn instructions[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
        .insn_cnt = 2,
        .insns = (uint64_t)(uintptr_t)instructions,
        .license = (uint64_t)(uintptr_t) "GPL",
    };
    attempt(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes), "bpf");
}

static void count_events(void)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_CPU_CLOCK};
    attempt(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0), "perf_event_open");
}

static void handle_faults(void)
{
    attempt(syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY), "userfaultfd");
}

static void make_ring(void)
{
    struct io_uring_params parameters = {0};
    attempt(syscall(SYS_io_uring_setup, 1, &parameters), "io_uring_setup");
}

static void use_keyring(void)
{
    attempt(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1), "keyctl");
}

static void add_key(void)
{
    attempt(syscall(SYS_add_key, "user", "escape", "x", 1, KEY_SPEC_PROCESS_KEYRING), "add_key");
}

static void request_key(void)
{
    attempt(syscall(SYS_request_key, "user", "escape", NULL, KEY_SPEC_PROCESS_KEYRING), "request_key");
}

static void swap_on(void)
{
    attempt(syscall(SYS_swapon, "/proc/self/exe", 0), "swapon");
}

static void write_accounts(void)
{
    attempt(syscall(SYS_acct, NULL), "acct");
}

static void reboot_machine(void)
{
    attempt(syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
}

static void set_time(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    attempt(syscall(SYS_settimeofday, &now, NULL), "settimeofday");
}

static void set_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    attempt(syscall(SYS_clock_settime, CLOCK_REALTIME, &now), "clock_settime");
}

static void steer_clock(void)
{
    struct timex state = {0};
    must(adjtimex(&state), "adjtimex reading");
    state.modes = ADJ_FREQUENCY;
    must(adjtimex(&state), "adjtimex");
    escaped("set the frequency of the host's clock");
}

static void name_host(void)
{
    char name[65] = "";
    gethostname(name, sizeof name - 1);
    attempt(syscall(SYS_sethostname, name, strlen(name)), "sethostname");
}

static void read_log(void)
{
    char text[256];
    attempt(syscall(SYS_syslog, 3, text, sizeof text), "syslog");
}

static void set_quota(void)
{
    attempt(syscall(SYS_quotactl, QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL), "quotactl");
}

static void raise_io_privilege(void)
{
    attempt(syscall(SYS_iopl, 3), "iopl");
}

static void open_ports(void)
{
    attempt(syscall(SYS_ioperm, 0x80, 1, 1), "ioperm");
}

static void change_descriptors(void)
{
    char table[64];
    attempt(syscall(SYS_modify_ldt, 0, table, sizeof table), "modify_ldt");
}

static void execute_readable(void)
{
    attempt(syscall(SYS_personality, READ_IMPLIES_EXEC), "personality READ_IMPLIES_EXEC");
}

static void fixed_addresses(void)
{
    attempt(syscall(SYS_personality, ADDR_NO_RANDOMIZE), "personality ADDR_NO_RANDOMIZE");
}

static void look_up_cookie(void)
{
    char path[64];
    attempt(syscall(SYS_lookup_dcookie, 1, path, sizeof path), "lookup_dcookie");
}

static void give_pages(void)
{
    static char page[4096];
    struct iovec part = {page, sizeof page};
    int ends[2];
    must(pipe(ends), "pipe");
    attempt(syscall(SYS_vmsplice, ends[1], &part, 1, 0), "vmsplice");
}

static void watch_files(void)
{
    attempt(syscall(SYS_fanotify_init, FAN_CLASS_CONTENT, 0), "fanotify_init");
}

/* Which pages of a shared file are in memory tells what neighbours read. */
static void watch_cache(void)
{
    struct {
        uint64_t offset, length;
    } range = {0, 0};
    uint64_t answer[5];
    int file = (int)must(open("/usr/lib/os-release", O_RDONLY), "open os-release");
    attempt(syscall(451, file, &range, answer, 0), "cachestat");
}

static void hang_up(void)
{
    attempt(syscall(SYS_vhangup), "vhangup");
}

static void real_time(void)
{
    struct sched_param priority = {.sched_priority = 1};
    attempt(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority), "sched_setscheduler SCHED_FIFO");
}

static void raise_niceness(void)
{
    attempt(setpriority(PRIO_PROCESS, 0, -10), "setpriority");
}

static void real_time_io(void)
{
    attempt(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "ioprio_set");
}

static void raise_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max += 1;
    attempt(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit above the hard limit");
}

static void lock_memory(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    attempt(setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit memlock");
}

/* A filter of one's own that allows everything, on top of the one that is there. */
static void outer_filter(void)
{
    struct sock_filter instructions[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, instructions};
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "prctl");
    attempt(syscall(SYS_personality, ADDR_NO_RANDOMIZE), "personality behind a filter of its own");
}

#if defined(__x86_64__)
/* A tracer that changes the number of a call that the filter has let pass; before Linux 4.8 that went past it. */
static void traced_call(void)
{
    struct user_regs_struct registers;
    int status;
    pid_t child = (pid_t)must(fork(), "fork");
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(syscall(SYS_getppid, (long)ADDR_NO_RANDOMIZE) < 0 ? errno : 0);
    }
    must(waitpid(child, &status, 0), "wait for the traced process");
    must(ptrace(PTRACE_SYSCALL, child, NULL, NULL), "ptrace");
    must(waitpid(child, &status, 0), "wait for the call");
    must(ptrace(PTRACE_GETREGS, child, NULL, &registers), "ptrace");
    if (registers.orig_rax != SYS_getppid)
        not_applicable("the traced process made call %lld", (long long)registers.orig_rax);
    registers.orig_rax = SYS_personality;
    must(ptrace(PTRACE_SETREGS, child, NULL, &registers), "ptrace");
    must(ptrace(PTRACE_CONT, child, NULL, NULL), "ptrace");
    must(waitpid(child, &status, 0), "wait for the end");
    if (!WIFEXITED(status))
        not_applicable("the traced process didn't exit");
    if (WEXITSTATUS(status) != 0)
        refused_as(WEXITSTATUS(status), "personality in the place of an allowed call");
    escaped("a call passed that the filter refuses");
}

/* The filter sees the 64-bit numbers; the same numbers mean other calls by way of the old gate. */
static void old_gate(void)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    if (result < 0) {
        errno = (int)-result;
        refused("int 0x80");
    }
    escaped("made an i386 system call");
}

static void x32_call(void)
{
    attempt(syscall(0x40000000 | SYS_getpid), "an x32 call");
}
#else
static void traced_call(void)
{
    not_applicable("written for x86-64 only");
}

static void old_gate(void)
{
    not_applicable("this machine has no gate for i386");
}

static void x32_call(void)
{
    not_applicable("this machine has no x32");
}
#endif

const struct attack system_call_attacks[] = {
    {"load-module", load_module},
    {"load-module-file", load_module_file},
    {"remove-module", remove_module},
    {"load-kernel", load_kernel},
    {"load-kernel-file", load_kernel_file},
    {"bpf-program", load_program},
    {"perf-event", count_events},
    {"userfault", handle_faults},
    {"io-uring", make_ring},
    {"keyring", use_keyring},
    {"add-key", add_key},
    {"request-key", request_key},
    {"swap-on", swap_on},
    {"accounts", write_accounts},
    {"reboot", reboot_machine},
    {"set-time", set_time},
    {"set-clock", set_clock},
    {"steer-clock", steer_clock},
    {"host-name", name_host},
    {"kernel-log", read_log},
    {"quota", set_quota},
    {"io-privilege", raise_io_privilege},
    {"io-ports", open_ports},
    {"descriptor-table", change_descriptors},
    {"executable-data", execute_readable},
    {"fixed-addresses", fixed_addresses},
    {"dcookie", look_up_cookie},
    {"give-pages", give_pages},
    {"watch-files", watch_files},
    {"watch-cache", watch_cache},
    {"hang-up", hang_up},
    {"real-time", real_time},
    {"niceness", raise_niceness},
    {"real-time-io", real_time_io},
    {"hard-limit", raise_limit},
    {"locked-memory", lock_memory},
    {"outer-filter", outer_filter},
    {"traced-call", traced_call},
    {"old-gate", old_gate},
    {"x32-call", x32_call},
    {NULL, NULL},
};
