#include "clinux_aio.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const int clinux_o_direct = O_DIRECT;
const int clinux_o_tmpfile = O_TMPFILE;

int clinux_aio_setup(unsigned int events, uint64_t *context)
{
    aio_context_t made = 0;
    int result = (int)syscall(SYS_io_setup, events, &made);

    *context = made;
    return result;
}

int clinux_aio_destroy(uint64_t context)
{
    return (int)syscall(SYS_io_destroy, (aio_context_t)context);
}

void clinux_aio_prepare(struct iocb *request, int file, int is_write, void *bytes, size_t count, int64_t offset,
                        uint64_t slot)
{
    *request = (struct iocb){
        .aio_data = slot,
        .aio_lio_opcode = is_write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
        .aio_fildes = (uint32_t)file,
        .aio_buf = (uintptr_t)bytes,
        .aio_nbytes = count,
        .aio_offset = offset,
    };
}

int clinux_aio_submit(uint64_t context, struct iocb *request)
{
    return (int)syscall(SYS_io_submit, (aio_context_t)context, 1L, &request);
}

int clinux_aio_wait(uint64_t context, int maximum, struct io_event *events, int64_t nanoseconds)
{
    struct timespec patience = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    long minimum = nanoseconds > 0;

    return (int)syscall(SYS_io_getevents, (aio_context_t)context, minimum, (long)maximum, events, &patience);
}

int clinux_precise_timers(void)
{
    return prctl(PR_SET_TIMERSLACK, 1L, 0L, 0L, 0L);
}
