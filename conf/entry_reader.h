/*
 * Reading the words of a route or rule line one after the other. Everything reports what it does not like; a
 * false then says that the line is to be left out.
 */
#ifndef TANDEM_CONF_ENTRY_READER_H
#define TANDEM_CONF_ENTRY_READER_H

#include "conf/build.h"
#include "conf/iproute_names.h"

/* The number for a name of iproute2's files, as iproute_number(), from where global_defs says they are. */
bool conf_iproute_number(const struct conf_builder *builder, enum iproute_names kind, const char *word,
                         uint32_t *number);

struct entry_reader {
    struct conf_builder *builder;
    const struct conf_node *node;
    size_t word;         /* the current one; what reads an argument moves on to it */
    uint8_t family;      /* AF_UNSPEC until a word decides */
    enum conf_block row; /* the block whose rows are the options of such a line */
};

const char *entry_word(const struct entry_reader *reader);

/* The current word is that one. */
bool entry_is(const struct entry_reader *reader, const char *word);

/* There are further words. */
bool entry_has_next(const struct entry_reader *reader);

/* Goes to the next word, which is to be what; a line that ends instead is refused. */
bool entry_next(struct entry_reader *reader, const char *what);

/* Complains about the current word; the line is left out. Always false. */
__attribute__((format(printf, 3, 4))) bool entry_wrong(const struct entry_reader *reader,
                                                       enum conf_problem problem, const char *format, ...);

/* The line is of that family; false if it is of the other. */
bool entry_settle_family(struct entry_reader *reader, uint8_t family);

/* Arguments, read from the word after the current one. */
bool entry_integer(struct entry_reader *reader, uint64_t least, uint64_t most, uint64_t *value);
bool entry_u32(struct entry_reader *reader, uint32_t most, uint32_t *value);
bool entry_name(struct entry_reader *reader, enum iproute_names kind, uint32_t *number);
bool entry_byte(struct entry_reader *reader, enum iproute_names kind, uint8_t *number);
bool entry_realms(struct entry_reader *reader, uint32_t *realms); /* [SOURCE/]DESTINATION */
bool entry_interface(struct entry_reader *reader, char **interface);
bool entry_address(struct entry_reader *reader, struct ip_address *address);

/* The current word as ADDRESS[/LENGTH], or default, any, all: then *address is of no family and *length 0. */
bool entry_prefix(struct entry_reader *reader, struct ip_address *address, uint8_t *length);

/* "track_group NAME" of a static line, whose items are on the interface that is found in *interface at the
 * end. */
bool entry_track_group(struct entry_reader *reader, char **interface);

/* What follows "encap", the current word. */
bool conf_read_encap(struct entry_reader *reader, struct conf_encap **encap);

/* The current word is no option, or one that is not built: then tandem refuses to start. Always false. */
bool entry_unknown(const struct entry_reader *reader, const char *of_what);

#endif
