/*
 * What the tables of print_*.c are written with: one file a part of the language, each with the functions for
 * values only its objects have, and a table that pairs rows of layout.c with keywords. print.c walks them.
 */
#ifndef TANDEM_CONF_PRINT_ROWS_H
#define TANDEM_CONF_PRINT_ROWS_H

#include "conf/print.h"

typedef struct conf_printer printer;
typedef const struct conf_print_rule rule_row;
typedef const struct field field_row;

static inline const void *member(field_row *field, const void *object)
{
    return (const char *)object + field->offset;
}

/* A row's value after its keyword, unless it is the usual one. */
conf_print_function print_number, print_seconds, print_flag, print_bool, print_text, print_characters,
    print_script, print_tracked, print_address, print_device, print_hmac;
/* A list: of lines in a block with the row's keyword, or of objects that are blocks. */
conf_print_function print_lines, print_blocks;
/* A list of keywords without effect, each a line of its own. */
conf_print_function print_settings;

/* Lines with a value that is no row's; nothing for NULL, an address that is not set, an empty script. */
void put_bool(const printer *out, const char *keyword, bool value);
void put_text(const printer *out, const char *keyword, const char *text);
void put_endpoint(const printer *out, const char *keyword, const struct ip_address *address, uint16_t port);
void put_script(const printer *out, const char *keyword, const struct conf_script *script, bool with_user);
/* The recurring script with that key, as its command and its user. */
void put_recurring(printer *out, const char *keyword, uint64_t key);

/* The line that opens a block with a name. */
#define HEAD(type, keyword)                                                                                  \
    static void head_of_##type(const printer *out, const void *item)                                         \
    {                                                                                                        \
        printer_begin(out, keyword);                                                                         \
        printer_word(out, ((const struct conf_##type *)item)->name);                                         \
    }

/* clang-format off */
/* Rows of a struct conf_print_rule[]. */
#define LINE(field, keyword, print, usual) {field, CONF_PRINT_LINES, keyword, print, usual, false}
#define AT_ROOT(field, keyword, print) {field, CONF_PRINT_LINES, keyword, print, 0, true}
#define PART(field) {field, CONF_PRINT_PART, NULL, NULL, 0, false}
#define FOLLOWS(field) {field, CONF_PRINT_FOLLOWS, NULL, NULL, 0, false}
#define NESTED(field, prefix) {field, CONF_PRINT_NESTED, prefix, NULL, 0, false}
#define HIDDEN(field, keyword) {field, CONF_PRINT_FOLLOWS, keyword, NULL, 0, false}
#define NO_USUAL INT64_MIN
#define END {NULL, CONF_PRINT_PART, NULL, NULL, 0, false}

/* Rows of a struct conf_print_object[], each named as its layout. */
#define OBJECT(type, line, head) {#type, rules_of_##type, line, head}
#define LINES(type, line) OBJECT(type, line, NULL)
#define BLOCK(type) OBJECT(type, NULL, head_of_##type)
#define STRUCT(type) OBJECT(type, NULL, NULL)
#define NO_MORE {NULL, NULL, NULL, NULL}
/* clang-format on */

extern const struct conf_print_object conf_print_global_objects[], conf_print_instance_objects[],
    conf_print_track_objects[], conf_print_server_objects[], conf_print_check_objects[],
    conf_print_device_objects[];

#endif
