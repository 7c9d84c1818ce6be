#include "logs.h"

#include "channel.h"
#include "kernel.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/un.h>

enum { CHUNK = 4096, STREAM_SOCKET = 1, NONBLOCK_SOCKET = O_NONBLOCK, UNIX_FAMILY = 1 };

static long write_whole(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        long written = kernel(__NR_write, file, bytes, size);
        if (written == -EINTR)
            continue;
        if (written < 0)
            return written;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

/* journald's stream protocol (sd_journal_stream_fd(3)): identifier, unit, priority, whether lines carry a level, and
 * three forwarding flags, each on its own line. */
static int connect_journal(const char *identifier)
{
    struct sockaddr_un address = {.sun_family = UNIX_FAMILY};
    char greeting[192];
    size_t end = text_append(address.sun_path, sizeof address.sun_path, 0, "/proc/self/fd/");
    text_append_number(address.sun_path, sizeof address.sun_path, end, TENANT_DESCRIPTOR_LOG);

    int stream = (int)check(kernel(__NR_socket, UNIX_FAMILY, STREAM_SOCKET | O_CLOEXEC, 0), TENANT_STAGE_LOGS,
                            "socket", NULL);
    check(kernel(__NR_connect, stream, &address, sizeof address), TENANT_STAGE_LOGS, "connect", "journald");
    end = text_append(greeting, sizeof greeting, 0, identifier);
    end = text_append(greeting, sizeof greeting, end, "\n\n6\n0\n0\n0\n0\n");
    check(write_whole(stream, greeting, end), TENANT_STAGE_LOGS, "write", "journald");
    check(kernel(__NR_fcntl, stream, F_SETFL, O_NONBLOCK), TENANT_STAGE_LOGS, "fcntl", "journald");
    return stream;
}

static int open_file(struct logs *logs)
{
    char name[160];
    struct statx status = {0};
    text_append(name, sizeof name, text_append(name, sizeof name, 0, logs->name), ".log");
    int file = (int)kernel(__NR_openat, TENANT_DESCRIPTOR_LOG, name,
                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file >= 0 && kernel(__NR_statx, file, "", AT_EMPTY_PATH, STATX_SIZE, &status) == 0)
        logs->written = status.stx_size;
    return file;
}

static void rotate_file(struct logs *logs)
{
    char from[160], to[160];
    text_append(from, sizeof from, text_append(from, sizeof from, 0, logs->name), ".log");
    text_append(to, sizeof to, text_append(to, sizeof to, 0, logs->name), ".log.1");
    if (kernel(__NR_renameat2, TENANT_DESCRIPTOR_LOG, from, TENANT_DESCRIPTOR_LOG, to, 0) < 0)
        return;
    int file = open_file(logs);
    if (file < 0)
        return;
    kernel(__NR_close, logs->streams[0].sink);
    logs->streams[0].sink = logs->streams[1].sink = file;
}

static int make_pipe(int stream, const struct tenant_identity *owner)
{
    int ends[2];
    check(kernel(__NR_pipe2, ends, O_CLOEXEC), TENANT_STAGE_LOGS, "pipe2", NULL);
    check(kernel(__NR_fchown, ends[1], owner->uid, owner->gid), TENANT_STAGE_LOGS, "fchown", "pipe");
    check(kernel(__NR_dup3, ends[1], stream, 0), TENANT_STAGE_LOGS, "dup3", NULL);
    kernel(__NR_close, ends[1]);
    check(kernel(__NR_fcntl, ends[0], F_SETFL, O_NONBLOCK), TENANT_STAGE_LOGS, "fcntl", "pipe");
    return ends[0];
}

void logs_open(const struct plan *plan, struct logs *logs, bool has_terminal)
{
    struct record record;
    struct tenant_logs settings;
    struct tenant_identity identity = {0};

    *logs = (struct logs){.enabled = plan_find(plan, TENANT_RECORD_LOGS, &record)};
    if (!logs->enabled) {
        kernel(__NR_close, TENANT_DESCRIPTOR_LOG);
        return;
    }
    record_copy(&record, &settings, sizeof settings);
    text_append(logs->name, sizeof logs->name, 0, record_text(&record, sizeof settings));
    logs->kind = settings.sink;
    logs->rate = settings.bytes_per_second;
    logs->burst = logs->tokens = settings.burst;
    logs->file_size = settings.file_size;
    logs->refilled_at = monotonic_time();
    if (plan_find(plan, TENANT_RECORD_IDENTITY, &record))
        record_copy(&record, &identity, sizeof identity);

    int file = -1;
    if (logs->kind == TENANT_LOG_FILE)
        file = (int)check(open_file(logs), TENANT_STAGE_LOGS, "openat", logs->name);
    for (int index = 0; index < LOG_STREAMS; index++) {
        logs->streams[index].pipe = has_terminal ? -1 : make_pipe(index + 1, &identity);
        logs->streams[index].sink = file >= 0 ? file : connect_journal(logs->name);
    }
    if (logs->kind == TENANT_LOG_JOURNAL)
        kernel(__NR_close, TENANT_DESCRIPTOR_LOG);
}

static void refill(struct logs *logs)
{
    uint64_t time = monotonic_time(), elapsed = time - logs->refilled_at;
    /* Bounded before it is multiplied: a stopped clock or a long pause overflows nothing. */
    uint64_t seconds = elapsed / 1000000000U;
    uint64_t gain = seconds >= 3600 ? logs->burst
                                    : seconds * logs->rate + elapsed % 1000000000U * (logs->rate / 1000) / 1000000U;
    if (gain == 0)
        return;
    logs->tokens = gain >= logs->burst - logs->tokens ? logs->burst : logs->tokens + gain;
    logs->refilled_at = time;
}

static void report_suppressed(struct logs *logs, struct log_stream *stream)
{
    char line[128];
    size_t end = text_append(line, sizeof line, 0, stream->within_line ? "\n" : "");
    end = text_append(line, sizeof line, end, "isolated: dropped ");
    end = text_append_number(line, sizeof line, end, logs->suppressed);
    end = text_append(line, sizeof line, end, " bytes of output beyond the tenant's log rate\n");
    if (write_whole(stream->sink, line, end) == 0) {
        logs->suppressed = 0;
        logs->written += end;
        stream->within_line = false;
    }
}

void logs_tell_suppressed(struct logs *logs)
{
    enum { LINE = 128 };
    refill(logs);
    if (logs->suppressed == 0 || logs->tokens < LINE)
        return;
    logs->tokens -= LINE;
    report_suppressed(logs, &logs->streams[0]);
}

static void put(struct logs *logs, struct log_stream *stream, const char *bytes, size_t size)
{
    refill(logs);
    if (size > logs->tokens) {
        logs->suppressed += size;
        return;
    }
    logs->tokens -= size;
    if (logs->suppressed > 0)
        report_suppressed(logs, stream);
    if (logs->kind == TENANT_LOG_FILE && logs->written + size > logs->file_size)
        rotate_file(logs);
    /* A sink that is full or gone costs the tenant its lines, never its progress. */
    if (write_whole(stream->sink, bytes, size) < 0) {
        logs->suppressed += size;
        return;
    }
    logs->written += size;
    stream->within_line = bytes[size - 1] != '\n';
}

bool logs_carry(struct logs *logs, struct log_stream *stream)
{
    char chunk[CHUNK];
    long got = kernel(__NR_read, stream->pipe, chunk, sizeof chunk);
    if (got == -EINTR || got == -EAGAIN)
        return got == -EINTR;
    if (got <= 0) {
        kernel(__NR_close, stream->pipe);
        stream->pipe = -1;
        return false;
    }
    put(logs, stream, chunk, (size_t)got);
    return true;
}

void logs_drain(struct logs *logs)
{
    enum { MOST_CHUNKS = 64 };
    for (int index = 0; index < LOG_STREAMS; index++)
        for (int chunk = 0; chunk < MOST_CHUNKS && logs->streams[index].pipe >= 0; chunk++)
            if (!logs_carry(logs, &logs->streams[index]))
                break;
    if (logs->suppressed > 0)
        report_suppressed(logs, &logs->streams[0]);
}
