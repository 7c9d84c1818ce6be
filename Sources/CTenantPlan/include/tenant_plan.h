/* The plan that the daemon hands to tenant-init, and the messages that the two exchange. One header for both sides:
 * Sandbox encodes it, tenant-init decodes it.
 *
 * A plan is a header and a list of records, each padded to 8 bytes, in the byte order of the machine: it never
 * leaves it. Records run in the order in which they stand; their types rise from phase to phase. */
#ifndef TENANT_PLAN_H
#define TENANT_PLAN_H

#include <stdint.h>

/* The version goes up with every change of what a record or a message means, and of when a message is sent: it is all
 * that keeps a daemon from an init of another build. See PayloadProfile.oldestVersion too. */
enum {
    TENANT_PLAN_MAGIC = 0x4c505449, /* "ITPL" */
    TENANT_PLAN_VERSION = 2,
    TENANT_PLAN_MAXIMUM_SIZE = 1 << 20,
    TENANT_PLAN_MAXIMUM_RECORDS = 4096,
    TENANT_PLAN_MAXIMUM_TREES = 64,
    TENANT_PLAN_MAXIMUM_GROUPS = 1024,
    TENANT_PLAN_NO_TREE = 0xffffffff,
};

struct tenant_plan_header {
    uint32_t magic;
    uint32_t version;
    uint32_t size; /* of the whole plan, this header included */
    uint32_t record_count;
};

struct tenant_plan_record {
    uint16_t type;
    uint16_t reserved; /* 0 */
    uint32_t size;     /* of the payload that follows, without padding */
};

/* The descriptors that tenant-init is born with. */
enum tenant_descriptor {
    TENANT_DESCRIPTOR_CONTROL = 3, /* SOCK_SEQPACKET to the daemon */
    TENANT_DESCRIPTOR_PLAN = 4,    /* the plan, in a sealed memfd */
    TENANT_DESCRIPTOR_EXIT = 5,    /* the file that receives struct tenant_exit_record */
    TENANT_DESCRIPTOR_LOG = 6,     /* O_PATH of journald's stream socket, or of the directory of the log file;
                                      any descriptor when there is no TENANT_RECORD_LOGS */
    TENANT_DESCRIPTOR_ATTACH = 7,  /* a listening SOCK_SEQPACKET socket for the terminal's clients; any descriptor when
                                      there is no TENANT_RECORD_TERMINAL */
    TENANT_DESCRIPTOR_USER = 8,    /* the user namespace to join, if struct tenant_namespaces says so */
    TENANT_DESCRIPTOR_NETWORK = 9, /* the network namespace to join, likewise */
};

/* Those of `tenant-init enter`, which has the control socket and the plan as above. */
enum tenant_entry_descriptor {
    TENANT_ENTRY_SESSION = 5, /* SOCK_SEQPACKET to the client: see tenant_session.h */
    TENANT_ENTRY_PROCESS = 6, /* the pidfd of the tenant's PID 1 */
    TENANT_ENTRY_GROUP = 7,   /* the directory of the tenant's group */
};

/* Record types. "tree N" is the N-th detached mount of the message TENANT_MESSAGE_MAPPED. A string is NUL-terminated;
 * a path is relative to the new root. */
enum tenant_record {
    /* before the fork of PID 1 */
    TENANT_RECORD_NAMESPACES = 1,   /* struct tenant_namespaces */
    TENANT_RECORD_OOM_SCORE = 2,    /* string, for /proc/self/oom_score_adj */
    TENANT_RECORD_TIME_OFFSETS = 3, /* string, for /proc/self/timens_offsets */
    TENANT_RECORD_STAGING = 4,      /* absolute path on the host of the empty directory to assemble the root on */
    TENANT_RECORD_ACCOUNT = 5,      /* uint32_t: the host id on whose account the user namespace is, if it is made */
    TENANT_RECORD_ENTRY = 8,        /* struct tenant_entry; `enter` only */
    /* PID 1 builds the root */
    TENANT_RECORD_ROOT_TREE = 16,    /* uint32_t tree */
    TENANT_RECORD_ROOT_OVERLAY = 17, /* uint32_t lower tree, uint32_t upper tree or NO_TREE, tmpfs options */
    TENANT_RECORD_DIRECTORY = 18,    /* struct tenant_node, path; parents are made with mode 0755 */
    TENANT_RECORD_SYMLINK = 19,      /* target string, path */
    TENANT_RECORD_ATTACH = 20,       /* uint32_t tree, path; the mount point is made, a directory or a file as the tree is */
    TENANT_RECORD_MOUNT = 21,        /* uint64_t MOUNT_ATTR_*, type string, path, options */
    TENANT_RECORD_MASK = 22,         /* path: made empty and unreadable, if it exists */
    TENANT_RECORD_READ_ONLY = 23,    /* path: made read-only, if it exists */
    TENANT_RECORD_SYSCTL = 24,       /* name with slashes, beneath /proc/sys; value */
    TENANT_RECORD_PIVOT = 25,        /* uint32_t: 1 to make the root read-only */
    /* PID 1 sets up the rest */
    TENANT_RECORD_HOSTNAME = 32, /* string */
    TENANT_RECORD_RLIMIT = 33,   /* struct tenant_rlimit */
    TENANT_RECORD_LOGS = 34,     /* struct tenant_logs, identifier */
    TENANT_RECORD_TERMINAL = 36, /* struct tenant_terminal: instead of the standard streams */
    TENANT_RECORD_CORE_SCHEDULING = 40, /* empty: nobody else runs on the threads of a core that the tenant runs on */
    /* the payload */
    TENANT_RECORD_IDENTITY = 48,     /* struct tenant_identity, uint32_t groups[] */
    TENANT_RECORD_CAPABILITIES = 49, /* struct tenant_capabilities */
    TENANT_RECORD_UMASK = 50,        /* uint32_t */
    TENANT_RECORD_WORKING = 51,      /* absolute path of the working directory */
    TENANT_RECORD_SECCOMP = 52,      /* struct sock_filter[] */
    TENANT_RECORD_ARGUMENTS = 53,    /* strings; the first is the program, searched in PATH if it has no slash */
    TENANT_RECORD_ENVIRONMENT = 54,  /* "NAME=value" strings */
    TENANT_RECORD_SECCOMP_FLAGS = 55, /* uint32_t, SECCOMP_FILTER_FLAG_*; 0 if it is left out */
    TENANT_RECORD_LANDLOCK = 60,     /* struct tenant_landlock: the payload's Landlock domain */
    TENANT_RECORD_LANDLOCK_PATH = 61, /* uint64_t LANDLOCK_ACCESS_FS_*, absolute path inside: what is allowed beneath */
    TENANT_RECORD_LANDLOCK_PORT = 62, /* struct tenant_landlock_port */
};

struct tenant_namespaces {
    uint32_t owner; /* CLONE_NEW* flags made or joined first: user, and network if it isn't the host's */
    uint32_t inner; /* CLONE_NEW* flags made once the id maps stand */
    uint32_t join;  /* 1: those of owner are joined by descriptor, 0: made */
};

struct tenant_entry {
    uint32_t namespaces; /* CLONE_NEW* flags of those namespaces of PID 1 that aren't the daemon's own */
    uint32_t process;    /* PID 1 of the tenant, as the daemon counts */
};

struct tenant_node {
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
};

/* A default: where the daemon may not raise a hard limit so far (no CAP_SYS_RESOURCE), what it has will do. */
enum { TENANT_RLIMIT_DEFAULT = 1 };

struct tenant_rlimit {
    uint32_t resource;
    uint32_t flags;
    uint64_t soft;
    uint64_t hard;
};

enum tenant_log_sink {
    TENANT_LOG_JOURNAL = 1,
    TENANT_LOG_FILE = 2,
};

struct tenant_logs {
    uint32_t sink;
    uint32_t reserved;
    uint64_t bytes_per_second;
    uint64_t burst;     /* bytes */
    uint64_t file_size; /* bytes at which a log file is rotated */
};

struct tenant_terminal {
    uint16_t rows;
    uint16_t columns;
    uint32_t waits; /* seconds that output waits for a first client before it goes to the log */
};

struct tenant_identity {
    uint32_t uid;
    uint32_t gid;
    uint32_t group_count;
};

struct tenant_capabilities {
    uint64_t bounding;
    uint64_t permitted;
    uint64_t effective;
    uint64_t inheritable;
    uint64_t ambient;
};

/* What a Landlock domain forbids unless a rule allows it; only what the running kernel knows. */
struct tenant_landlock {
    uint64_t files;   /* LANDLOCK_ACCESS_FS_* */
    uint64_t network; /* LANDLOCK_ACCESS_NET_* */
    uint64_t scopes;  /* LANDLOCK_SCOPE_* */
};

struct tenant_landlock_port {
    uint64_t access; /* LANDLOCK_ACCESS_NET_* */
    uint64_t port;
};

/* Messages, in the order of a start. */
enum tenant_message_type {
    TENANT_MESSAGE_NAMESPACES = 1, /* init: user and network namespace exist, write the maps */
    TENANT_MESSAGE_MAPPED = 2,     /* daemon: maps are written; carries the detached mounts */
    TENANT_MESSAGE_FORKED = 3,     /* init: carries the pidfd of PID 1; value = its pid in the daemon's namespace */
    TENANT_MESSAGE_GO = 4,         /* daemon: PID 1 is on record; run the payload when the sandbox stands. To `enter`:
                                      this process is where the command has to be; fork */
    TENANT_MESSAGE_EXECUTING = 5,  /* payload: the next call is execve; then an error or the end of the stream */
    TENANT_MESSAGE_ERROR = 6,      /* init or payload: see stage, error, call, path */
    TENANT_MESSAGE_PAIR = 7,       /* daemon: make a pair of namespaces on the account of host id VALUE; init: carries
                                      the user and the network one */
    TENANT_MESSAGE_PROBED = 8,     /* probe: value is an enum tenant_probe_result and its detail */
};

/* Where a start failed. */
enum tenant_stage {
    TENANT_STAGE_PLAN = 1,
    TENANT_STAGE_NAMESPACES = 2,
    TENANT_STAGE_FORK = 3,
    TENANT_STAGE_ROOT = 4,
    TENANT_STAGE_PIVOT = 5,
    TENANT_STAGE_SETTINGS = 6,
    TENANT_STAGE_LOGS = 7,
    TENANT_STAGE_IDENTITY = 8,
    TENANT_STAGE_WORKING = 9,
    TENANT_STAGE_SECCOMP = 10,
    TENANT_STAGE_EXEC = 11,
    TENANT_STAGE_LANDLOCK = 12,
    TENANT_STAGE_ENTRY = 20,
    TENANT_STAGE_TERMINAL = 21,
};

struct tenant_message {
    uint32_t type;
    uint32_t stage;
    int32_t error;
    uint32_t value;
    char call[24];
    char path[216];
};

/* What PID 1 leaves when the payload has ended. */
enum { TENANT_EXIT_MAGIC = 0x54495845 };

struct tenant_exit_record {
    uint32_t magic;
    uint32_t version; /* 1 */
    int32_t code;     /* CLD_EXITED, CLD_KILLED or CLD_DUMPED */
    int32_t status;   /* exit status or signal number */
};

#endif
