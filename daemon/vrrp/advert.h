/*
 * An instance's own advert, kept ready: sending patches the priority (and for unicast the destination), sums
 * up and hands it to the kernel. No memory is allocated there.
 */
#ifndef TANDEM_VRRP_ADVERT_H
#define TANDEM_VRRP_ADVERT_H

#include "conf/model.h"
#include "daemon/vrrp/packet.h"
#include "daemon/vrrp/socket.h"

/* A unicast peer, and the form of checksum it was heard to use. */
struct advert_peer {
    struct ip_address address;
    enum vrrp_checksum_form form; /* VRRP_CHECKSUM_UNKNOWN = not heard yet: it is sent ours */
};

struct advert {
    uint8_t *bytes; /* owned; NULL before the first build */
    size_t length;
    enum vrrp_checksum_form form;
    struct ip_address source;
    struct ip_address destination; /* multicast; unicast: per peer */
    struct advert_peer *peers;     /* owned; as many as the configuration's unicast peers, in its order */
    uint32_t peer_count;
};

/* Builds, or rebuilds after a change of configuration or source. */
void advert_build(struct advert *advert, const struct conf_instance *conf, const struct ip_address *source);
void advert_free(struct advert *advert);

/* That unicast peer was heard with a checksum of that form: adverts to it have the same from now on, unless
 * the configuration insists (v3_checksum_as_v2, old_unicast_checksum). True if that is a change. */
bool advert_learn_form(struct advert *advert, const struct conf_instance *conf, const struct ip_address *peer,
                       enum vrrp_checksum_form form);

/* Sends to the group, or to every peer; sequence is for the authentication header of auth_type AH. 0, or the
 * errno of the last failure. */
int advert_send(struct advert *advert, const struct conf_instance *conf, const struct vrrp_socket *socket,
                unsigned int ifindex, uint8_t priority, uint32_t sequence);

/* True if a received advert lists the same addresses as ours. */
bool advert_lists_same(const struct advert *advert, const struct conf_instance *conf,
                       const struct vrrp_advert *received);

#endif
