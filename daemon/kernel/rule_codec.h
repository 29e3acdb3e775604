/*
 * Policy rules to and from rtnetlink messages (RTM_NEWRULE, RTM_DELRULE). Pure, as route_codec.h.
 */
#ifndef TANDEM_KERNEL_RULE_CODEC_H
#define TANDEM_KERNEL_RULE_CODEC_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"

/* No message of ours is longer. */
#define RULE_MESSAGE_MAX 384

/* Writes a request of that type with these NLM_F_* flags beside NLM_F_REQUEST into buffer, which has
 * RULE_MESSAGE_MAX bytes and is aligned for a header, and returns it. */
struct nlmsghdr *rule_encode(void *buffer, uint16_t type, uint16_t flags, const struct conf_rule *rule);

/* A request for the rules of a family, for rtnetlink_dump_some. buffer has RULE_DUMP_MAX bytes and is
 * aligned. */
#define RULE_DUMP_MAX 64
struct nlmsghdr *rule_encode_dump(void *buffer, uint8_t family);

/* True if what the kernel reports is that rule, in all particulars. */
bool rule_is_same(const struct nlmsghdr *message, const struct conf_rule *rule);

/* "priority 100 from 192.0.2.0/24 table 7", cut if need be. Returns buffer. */
#define RULE_TEXT 192
const char *rule_text(const struct conf_rule *rule, char buffer[static RULE_TEXT]);

#endif
