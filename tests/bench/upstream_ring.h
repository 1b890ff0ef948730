/* The ring of the distribution's own vmbus bus driver, whose source is fetched when the benchmark
 * is built. One sending and one receiving end on the same memory, each as the driver calls it. */
#ifndef UPSTREAM_RING_H
#define UPSTREAM_RING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct upstream_ring;

/* A control page and data, `bytes` in all; both indices 0. NULL without memory. */
struct upstream_ring* upstream_open(void* block, unsigned int bytes);
void upstream_close(struct upstream_ring* ring);

/* 0, or a negative errno when the ring is full. */
int upstream_write(struct upstream_ring* ring, const void* payload, uint32_t bytes, uint64_t id);

/* Copies the payload of the next packet: its size, or a negative errno. */
int upstream_read(struct upstream_ring* ring, void* to, uint32_t room);

#ifdef __cplusplus
}
#endif

#endif
