/*
 * The attributes of an rtnetlink message, by their type.
 */
#ifndef TANDEM_KERNEL_ATTRIBUTES_H
#define TANDEM_KERNEL_ATTRIBUTES_H

#include <libmnl/libmnl.h>
#include <stdbool.h>

/* Fills by_type[0..most] from what stands behind a head of that many bytes: NULL for what is not there; types
 * above most are passed over. They stay within the message. False if it is shorter than the head or
 * malformed. */
bool attributes_read(const struct nlmsghdr *message, size_t head, const struct nlattr **by_type,
                     uint16_t most);
/* The same of attributes that stand alone, of length bytes. */
bool attributes_read_payload(const void *bytes, size_t length, const struct nlattr **by_type, uint16_t most);

/* Its value; otherwise if it is absent or of another size. */
uint32_t attribute_u32(const struct nlattr *attribute, uint32_t otherwise);

#endif
