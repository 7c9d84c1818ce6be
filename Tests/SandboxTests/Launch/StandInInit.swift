import CTenantPlan
import Faults
import Glibc

@testable import Sandbox

/// A program that says to the daemon what tenant-init says, and needs no privilege, since it does nothing of it. It is
/// built when the tests run: its source is here because a Swift target holds no C.
///
/// Its words: `enter` waits for `GO`, says `FORKED` with a pidfd of its own, and ends; `die` ends without a word.
enum StandInInit {
  /// Builds the program.
  static func program() throws(Fault) -> InitProgram {
    let directory = try TemporaryDirectory()
    try directory.write("init.c", Array(source.utf8))
    let path = directory.path + "/init"
    let result = try runProgram([
      "cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror", "-DMESSAGE_SIZE=\(MemoryLayout<tenant_message>.size)",
      "-DGO=\(TENANT_MESSAGE_GO.rawValue)", "-DFORKED=\(TENANT_MESSAGE_FORKED.rawValue)",
      "-DCONTROL=\(TENANT_DESCRIPTOR_CONTROL.rawValue)", "-o", path, path + ".c",
    ])
    guard result.exitStatus == 0 else {
      throw Fault(.internalError, "the stand-in doesn't compile: \(result.output)")
    }
    // Whatever the umask is: it isn't trusted where others may write it.
    _ = chmod(path, 0o755)
    return try withExtendedLifetime(directory) { () throws(Fault) in try InitProgram(path: path) }
  }

  private static let source = #"""
    #define _GNU_SOURCE
    #include <stdint.h>
    #include <string.h>
    #include <sys/socket.h>
    #include <sys/syscall.h>
    #include <unistd.h>

    static uint32_t message[MESSAGE_SIZE / 4];

    static int say_forked(void)
    {
        int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
        union {
            struct cmsghdr aligned;
            char bytes[CMSG_SPACE(sizeof pidfd)];
        } control = {0};
        struct iovec part = {message, sizeof message};
        struct msghdr header = {.msg_iov = &part,
                                .msg_iovlen = 1,
                                .msg_control = control.bytes,
                                .msg_controllen = sizeof control.bytes};
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof pidfd);
        memcpy(CMSG_DATA(rights), &pidfd, sizeof pidfd);
        message[0] = FORKED;
        message[3] = (uint32_t)getpid();
        return sendmsg(CONTROL, &header, MSG_NOSIGNAL) < 0;
    }

    int main(int argc, char **argv)
    {
        setsid();
        if (argc != 2 || strcmp(argv[1], "enter") != 0)
            return 1;
        if (recv(CONTROL, message, sizeof message, 0) != (ssize_t)sizeof message || message[0] != GO)
            return 1;
        return say_forked();
    }
    """#
}
