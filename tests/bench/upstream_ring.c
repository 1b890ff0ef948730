#include "upstream_ring.h"

#include <errno.h>
#include <stdlib.h>

#include "private.h" /* of the fetched source */

/* Each end on lines of its own: in life they belong to different machines. */
struct upstream_ring {
    struct vmbus_br tx __attribute__((aligned(64)));
    struct vmbus_br rx __attribute__((aligned(64)));
};

struct upstream_ring* upstream_open(void* block, unsigned int bytes) {
    struct upstream_ring* ring = aligned_alloc(64, sizeof *ring);
    if (ring) {
        vmbus_br_setup(&ring->tx, block, bytes);
        vmbus_br_setup(&ring->rx, block, bytes);
    }
    return ring;
}

void upstream_close(struct upstream_ring* ring) {
    free(ring);
}

int upstream_write(struct upstream_ring* ring, const void* payload, uint32_t bytes, uint64_t id) {
    const uint32_t padded = RTE_ALIGN(bytes, 8);
    uint64_t padding = 0;
    bool signal = false;
    struct vmbus_chanpkt packet = {.hdr = {.type = VMBUS_CHANPKT_TYPE_INBAND,
                                           .hlen = sizeof packet / 8,
                                           .tlen = (sizeof packet + padded) / 8,
                                           .xactid = id}};
    const struct iovec pieces[] = {
        {&packet, sizeof packet}, {(void*)(uintptr_t)payload, bytes}, {&padding, padded - bytes}};
    return vmbus_txbr_write(&ring->tx, pieces, 3, &signal);
}

int upstream_read(struct upstream_ring* ring, void* to, uint32_t room) {
    struct vmbus_chanpkt_hdr packet;
    int status = vmbus_rxbr_peek(&ring->rx, &packet, sizeof packet);
    if (status) return status;
    if (packet.hlen < VMBUS_CHANPKT_HLEN_MIN || packet.hlen > packet.tlen) return -EIO;

    const uint32_t header = packet.hlen * 8u, payload = packet.tlen * 8u - header;
    if (payload > room) return -ENOBUFS;
    status = vmbus_rxbr_read(&ring->rx, to, payload, header);
    return status ? status : (int)payload;
}
