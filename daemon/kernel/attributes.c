/*
 * Attributes of rtnetlink messages. See attributes.h.
 */
#include "daemon/kernel/attributes.h"

#include <string.h>

struct reading {
    const struct nlattr **by_type;
    uint16_t most;
};

static int collect(const struct nlattr *attribute, void *data)
{
    const struct reading *reading = data;

    if (mnl_attr_type_valid(attribute, reading->most) > 0)
        reading->by_type[mnl_attr_get_type(attribute)] = attribute;
    return MNL_CB_OK;
}

bool attributes_read_payload(const void *bytes, size_t length, const struct nlattr **by_type, uint16_t most)
{
    struct reading reading = {by_type, most};

    memset(by_type, 0, (most + 1U) * sizeof(struct nlattr *));
    return mnl_attr_parse_payload(bytes, length, collect, &reading) >= 0;
}

bool attributes_read(const struct nlmsghdr *message, size_t head, const struct nlattr **by_type,
                     uint16_t most)
{
    struct reading reading = {by_type, most};

    memset(by_type, 0, (most + 1U) * sizeof(struct nlattr *));
    return mnl_nlmsg_get_payload_len(message) >= head &&
           mnl_attr_parse(message, (unsigned int)head, collect, &reading) >= 0;
}

uint32_t attribute_u32(const struct nlattr *attribute, uint32_t otherwise)
{
    if (attribute == NULL || mnl_attr_get_payload_len(attribute) != sizeof(uint32_t))
        return otherwise;
    return mnl_attr_get_u32(attribute);
}
