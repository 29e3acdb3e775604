/*
 * The pieces of text in the configuration language: values as its words, lines, and the lines that stand for
 * a whole object. What goes where is in the tables of print_*.c.
 */
#ifndef TANDEM_CONF_PRINTER_H
#define TANDEM_CONF_PRINTER_H

#include <stdio.h>

#include "conf/layout.h"

/* Where the text goes, and what is around the object that is being printed. */
struct conf_printer {
    FILE *out;
    int depth;          /* of blocks */
    const char *prefix; /* before the keywords of an embedded struct: "garp_" */
    const struct conf_model *model;
    struct print_groups *groups; /* its virtual_server_groups; NULL = one object alone is printed */
    const struct conf_virtual_server *server; /* NULL outside */
    const struct conf_real_server *real;
    uint32_t next_script; /* where in recurring_scripts the one looked for probably is */
};

/* Begins a line; printer_end() ends it. */
void printer_begin(const struct conf_printer *printer, const char *keyword);
void printer_end(const struct conf_printer *printer);
__attribute__((format(printf, 2, 3))) void printer_line(const struct conf_printer *printer,
                                                        const char *format, ...);
__attribute__((format(printf, 2, 3))) void printer_open(struct conf_printer *printer, const char *format,
                                                        ...);
void printer_close(struct conf_printer *printer);

/* Words, with a blank before each. */
void printer_word(const struct conf_printer *printer, const char *text);
void printer_address(const struct conf_printer *printer, const struct ip_address *address);
void printer_endpoint(const struct conf_printer *printer, const struct ip_address *address, uint16_t port);
void printer_seconds(const struct conf_printer *printer, int64_t microseconds);
/* all_groups: with the other groups that user is in. */
void printer_user(const struct conf_printer *printer, uint32_t uid, uint32_t gid, bool all_groups);
void printer_command(const struct conf_printer *printer, const struct conf_script *script);
/* A regular expression, which the language reads as a word with escapes. */
void printer_escaped(const struct conf_printer *printer, const char *text);

/* Lines that are an object each: without the blanks in front and the end. */
typedef void printer_item(const struct conf_printer *printer, const void *item);
printer_item printer_hmac_key, printer_vip, printer_peer, printer_interface_delay, printer_tracked_interface,
    printer_tracked, printer_service, printer_route, printer_rule, printer_status_range, printer_setting,
    printer_linkbeat;

#endif
