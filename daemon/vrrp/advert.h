/*
 * An instance's own advert, kept ready: sending patches the priority (and for unicast the destination), sums
 * up and hands it to the kernel. No memory is allocated there.
 */
#ifndef TANDEM_VRRP_ADVERT_H
#define TANDEM_VRRP_ADVERT_H

#include "conf/model.h"
#include "daemon/vrrp/packet.h"
#include "daemon/vrrp/socket.h"

struct advert {
    uint8_t *bytes; /* owned; NULL before the first build */
    size_t length;
    enum vrrp_checksum_form form;
    struct ip_address source;
    struct ip_address destination; /* multicast; unicast: per peer */
};

/* Builds, or rebuilds after a change of configuration or source. */
void advert_build(struct advert *advert, const struct conf_instance *conf, const struct ip_address *source);
void advert_free(struct advert *advert);

/* Sends to the group, or to every peer. 0, or the errno of the last failure. */
int advert_send(struct advert *advert, const struct conf_instance *conf, const struct vrrp_socket *socket,
                unsigned int ifindex, uint8_t priority);

/* True if a received advert lists the same addresses as ours. */
bool advert_lists_same(const struct advert *advert, const struct conf_instance *conf,
                       const struct vrrp_advert *received);

#endif
