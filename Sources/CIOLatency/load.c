#include "sensor.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* fentry needs a function that is there, and trampolines, which some architectures got late. */
static const char throttle_program[] = "bio_asks_limit";
static const char throttle_function[] = "__blk_throtl_bio";

/* libbpf has one place for its messages in a process. */
static pthread_mutex_t saying = PTHREAD_MUTEX_INITIALIZER;
static struct ciolatency_failure *listener;

/* Appends to what was said, and drops its beginning where there is no more room: the verdict is at the end. */
static void keep(const char *text, size_t length)
{
    size_t room = sizeof listener->said - 1, kept = strlen(listener->said);

    if (length > room) {
        text += length - room;
        length = room;
    }
    if (kept > room - length) {
        memmove(listener->said, listener->said + kept - (room - length), room - length);
        kept = room - length;
    }
    memcpy(listener->said + kept, text, length);
    listener->said[kept + length] = '\0';
}

static int listen(enum libbpf_print_level level, const char *format, va_list arguments)
{
    char *text = NULL;
    int length;

    if (level == LIBBPF_DEBUG || !listener)
        return 0;
    length = vasprintf(&text, format, arguments);
    if (length > 0)
        keep(text, (size_t)length);
    if (length >= 0)
        free(text);
    return 0;
}

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 1;

    while (power < least && power < 1u << 30)
        power <<= 1;
    return power;
}

static bool kernel_has_function(const char *name)
{
    struct btf *kernel = btf__load_vmlinux_btf();
    bool found = kernel && btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0;

    btf__free(kernel);
    return found;
}

static int size_map(struct bpf_object *object, const char *name, uint32_t entries)
{
    struct bpf_map *map = bpf_object__find_map_by_name(object, name);

    return map ? bpf_map__set_max_entries(map, entries) : -ENOENT;
}

/* Before it is loaded: the sizes of the maps, the constants. */
static int configure(struct bpf_object *object, const struct ciolatency_options *options)
{
    static const uint32_t slots = 8;
    /* The table is to be half empty when all is in flight that there shall be room for. */
    uint32_t buckets = power_of_two(options->flights / slots * 2);
    struct ciolatency_config config = {.bucket_mask = buckets - 1, .shard_mask = power_of_two(options->shards) - 1};
    struct bpf_map *constants = bpf_object__find_map_by_name(object, ".rodata");
    int error;

    if (!constants || bpf_map__value_size(constants) != sizeof config)
        return -EINVAL;
    error = bpf_map__set_initial_value(constants, &config, sizeof config);
    if (!error)
        error = size_map(object, "flights", buckets);
    if (!error)
        error = size_map(object, "histograms", options->rows);
    if (!error)
        error = size_map(object, "rows", options->rows);
    if (!error)
        error = size_map(object, "free_rows", options->rows);
    return error;
}

static int map_number(const struct ciolatency_sensor *sensor, const char *name)
{
    return bpf_object__find_map_fd_by_name(sensor->object, name);
}

static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

/* Maps what is read into memory, and lists every row as free. */
static int map_memory(struct ciolatency_sensor *sensor)
{
    void *memory;

    sensor->keys = map_number(sensor, "rows");
    sensor->free_rows = map_number(sensor, "free_rows");
    sensor->row_stride = (sizeof(struct ciolatency_row) + 7) & ~(size_t)7;
    sensor->rows_size = whole_pages(sensor->row_stride * sensor->row_count);
    memory = mmap(NULL, sensor->rows_size, PROT_READ | PROT_WRITE, MAP_SHARED, map_number(sensor, "histograms"), 0);
    if (memory == MAP_FAILED)
        return -errno;
    sensor->rows = memory;
    sensor->state_size = whole_pages(sizeof(struct ciolatency_state));
    memory = mmap(NULL, sensor->state_size, PROT_READ, MAP_SHARED, map_number(sensor, "state"), 0);
    if (memory == MAP_FAILED)
        return -errno;
    sensor->state = memory;
    for (uint32_t row = 0; row < sensor->row_count; row++) {
        if (bpf_map_update_elem(sensor->free_rows, NULL, &row, BPF_ANY) != 0)
            return -errno;
    }
    return 0;
}

/* Ends first and beginnings last: what begins before all is attached must not be without an end. */
static int attach(struct ciolatency_sensor *sensor)
{
    struct bpf_program *program = NULL;

    while ((program = bpf_object__prev_program(sensor->object, program)) != NULL) {
        struct bpf_link *link;

        if (!bpf_program__autoload(program))
            continue;
        link = bpf_program__attach(program);
        if (link) {
            sensor->links[sensor->link_count++] = link;
        } else if (strcmp(bpf_program__name(program), throttle_program) == 0) {
            sensor->sees_throttle = false;
        } else {
            return -errno;
        }
    }
    return 0;
}

static int build(struct ciolatency_sensor *sensor, const void *object, size_t size,
                 const struct ciolatency_options *options, struct ciolatency_failure *failure)
{
    LIBBPF_OPTS(bpf_object_open_opts, opening, .object_name = "iolatency");
    struct bpf_program *throttle;
    unsigned int programs = 0;
    int error;

    failure->stage = CIOLATENCY_STAGE_OPEN;
    sensor->object = bpf_object__open_mem(object, size, &opening);
    if (!sensor->object)
        return -errno;
    for (throttle = NULL; (throttle = bpf_object__next_program(sensor->object, throttle)) != NULL;)
        programs++;
    throttle = bpf_object__find_program_by_name(sensor->object, throttle_program);
    if (programs > CIOLATENCY_PROGRAMS || !throttle)
        return -EINVAL;
    error = configure(sensor->object, options);
    if (error)
        return error;
    sensor->row_count = options->rows;
    sensor->sees_throttle = kernel_has_function(throttle_function);
    if (!sensor->sees_throttle)
        bpf_program__set_autoload(throttle, false);

    failure->stage = CIOLATENCY_STAGE_LOAD;
    error = bpf_object__load(sensor->object);
    if (error)
        return error;
    failure->stage = CIOLATENCY_STAGE_MAP;
    error = map_memory(sensor);
    if (error)
        return error;
    failure->stage = CIOLATENCY_STAGE_ATTACH;
    return attach(sensor);
}

struct ciolatency_sensor *ciolatency_load(const void *object, size_t size, const struct ciolatency_options *options,
                                          struct ciolatency_failure *failure)
{
    struct ciolatency_sensor *sensor = calloc(1, sizeof *sensor);
    libbpf_print_fn_t before;
    int error;

    memset(failure, 0, sizeof *failure);
    if (!sensor) {
        failure->error = ENOMEM;
        return NULL;
    }
    pthread_mutex_lock(&saying);
    listener = failure;
    before = libbpf_set_print(listen);
    error = build(sensor, object, size, options, failure);
    libbpf_set_print(before);
    listener = NULL;
    pthread_mutex_unlock(&saying);
    /* The kernel's types took megabytes, which the allocator would keep. */
    malloc_trim(0);
    if (!error)
        return sensor;
    failure->error = -error;
    ciolatency_close(sensor);
    return NULL;
}

void ciolatency_close(struct ciolatency_sensor *sensor)
{
    while (sensor->link_count > 0)
        bpf_link__destroy(sensor->links[--sensor->link_count]);
    if (sensor->rows)
        munmap(sensor->rows, sensor->rows_size);
    if (sensor->state)
        munmap(sensor->state, sensor->state_size);
    bpf_object__close(sensor->object);
    free(sensor);
}
