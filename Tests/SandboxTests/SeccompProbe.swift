import Faults

/// A C program that installs a filter for real, in a process of its own, and then tries system calls or becomes
/// another program. It is built when the tests run: its source is here because a Swift target holds no C.
enum SeccompProbe {
  /// Builds the program in a directory and returns its path.
  static func build(in directory: TemporaryDirectory) throws(Fault) -> String {
    try directory.write("probe.c", Array(source.utf8))
    let path = directory.path + "/probe"
    let result = try runProgram([
      "cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror", "-o", path, path + ".c",
    ])
    guard result.exitStatus == 0 else {
      throw Fault(.internalError, "the probe doesn't compile: \(result.output)")
    }
    return path
  }

  private static let source = #"""
    #define _GNU_SOURCE
    #include <errno.h>
    #include <fcntl.h>
    #include <linux/filter.h>
    #include <linux/seccomp.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/prctl.h>
    #include <sys/resource.h>
    #include <sys/syscall.h>
    #include <sys/wait.h>
    #include <unistd.h>

    static struct sock_filter program[4096];

    static void die(const char *what)
    {
        perror(what);
        exit(99);
    }

    static void install(const char *path)
    {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? -1 : read(fd, program, sizeof program);
        if (size <= 0 || size % sizeof program[0])
            die(path);
        struct sock_fprog fprog = {.len = size / sizeof program[0], .filter = program};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog))
            die("seccomp");
    }

    /* One call in a child: "OK", "errno N" or "signal N" on a line. */
    static void attempt(char *text)
    {
        unsigned long a[7] = {0};
        char *rest = text;
        for (int i = 0; i < 7 && rest && *rest; i++) {
            a[i] = strtoul(rest, &rest, 0);
            rest += *rest == ',';
        }
        int result[2];
        if (pipe(result))
            die("pipe");
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            errno = 0;
            long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
            int number = r == -1 ? errno : 0;
            if (write(result[1], &number, sizeof number) < 0)
                _exit(1);
            _exit(0);
        }
        close(result[1]);
        int number, status;
        if (read(result[0], &number, sizeof number) != sizeof number)
            number = -1;
        close(result[0]);
        waitpid(child, &status, 0);
        if (number < 0 && WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else if (number)
            printf("errno %d\n", number);
        else
            printf("OK\n");
    }

    /* getpid by the 32-bit convention: what happens to the child. */
    static void int80(void)
    {
    #ifdef __x86_64__
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            long r = 20;
            __asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
            _exit(r > 0 ? 0 : 1);
        }
        int status;
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else
            printf("exit %d\n", WEXITSTATUS(status));
    #endif
    }

    int main(int argc, char **argv)
    {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        setsid();
        if (argc > 2 && strcmp(argv[1], "-"))
            install(argv[1]);
        if (argc > 3 && !strcmp(argv[2], "exec")) {
            execvp(argv[3], argv + 3);
            die(argv[3]);
        }
        if (argc > 2 && !strcmp(argv[2], "int80"))
            int80();
        for (int i = 3; i < argc; i++)
            attempt(argv[i]);
        return 0;
    }
    """#
}
