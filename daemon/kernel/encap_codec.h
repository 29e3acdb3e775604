/*
 * What the packets of a route are wrapped into, to and from its attributes (RTA_ENCAP_TYPE, RTA_ENCAP). Pure;
 * for route_codec.c.
 */
#ifndef TANDEM_KERNEL_ENCAP_CODEC_H
#define TANDEM_KERNEL_ENCAP_CODEC_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/model.h"

/* Appends both attributes to a message that has so many bytes in all. False if they do not fit. */
bool encap_put(struct nlmsghdr *message, size_t room, const struct conf_encap *encap);

/* Compares a route's or nexthop's attributes by type, up to RTA_MAX, with the configuration's; NULL = none.
 */
bool encap_is_same(const struct nlattr *const *by_type, const struct conf_encap *encap);

#endif
