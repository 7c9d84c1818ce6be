#ifndef CIOLATENCY_SENSOR_H
#define CIOLATENCY_SENSOR_H

#include "ciolatency.h"

#include <bpf/libbpf.h>

struct ciolatency_sensor {
    struct bpf_object *object;
    struct bpf_link *links[CIOLATENCY_PROGRAMS];
    unsigned int link_count;
    bool sees_throttle;
    uint32_t row_count;
    int keys;      /* descriptors of maps, which belong to the object */
    int free_rows;
    void *rows; /* mapped */
    size_t rows_size;
    size_t row_stride;
    void *state; /* mapped */
    size_t state_size;
};

#endif
