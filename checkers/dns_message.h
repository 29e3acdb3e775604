/*
 * DNS queries and what their answers say first (RFC 1035, section 4). Pure.
 */
#ifndef TANDEM_CHECKERS_DNS_MESSAGE_H
#define TANDEM_CHECKERS_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_QUERY_BYTES 271 /* the longest: header, a name of 255 bytes, type, class */

/* Writes a query for that name ("." or labels of 1 to 63 bytes with dots between) and type, recursion
 * desired; its length, or 0 if the name is none. */
size_t dns_query_write(uint16_t id, const char *name, uint16_t type, uint8_t query[static DNS_QUERY_BYTES]);

/* True if the bytes are an answer to a query with that id; *code is then its response code. */
bool dns_answer_read(const uint8_t *bytes, size_t length, uint16_t id, uint8_t *code);

#endif
