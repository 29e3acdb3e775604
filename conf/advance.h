/*
 * The advance: what a reload changes, found without reading all of the configuration again.
 *
 * Nearly always a few virtual_server blocks. Whoever loads a configuration well leaves a record of its text;
 * the next load compares its own text with that, reads only what is outside of virtual_server blocks and
 * those that are new or other, and knows what becomes of the table before it has read the rest. The whole is
 * loaded all the same, afterwards, and has the last word.
 *
 * Why the whole is good if that part is. A record is made only of a configuration that nothing was complained
 * of. A text with an outline (outline.h) is a row of blocks that the tree reads one by one, none of which
 * can leave anything open for the next. Blocks outside virtual_servers are the same as before, each virtual
 * server was loaded without a complaint beside them, now or for the record, and virtual servers see nothing
 * of each other but
 *   - their keys and services: a block with the key of one that stays is no advance; and since a service is
 *     its virtual server where there is no virtual_server_group, one that is made from a group is none
 * either;
 *   - the limits of a text: far from them there is none to hit (CONF_ADVANCE_SIZE_MAX);
 *   - the block SSL, whose files are read if anybody needs them. As with everything else that virtual servers
 *     have the machine asked, interfaces, users, programs, a file that was there may be gone: so there is no
 *     record if they had asked anything that is not asked without them, and no advance if they do.
 * The machine itself may change between the two loads; then the supervisor brings the old table back
 * (reload_advance.c). Pure: texts and models in, decisions out.
 */
#ifndef TANDEM_CONF_ADVANCE_H
#define TANDEM_CONF_ADVANCE_H

#include "conf/load.h"

/* Of a record, and of what is loaded for an advance; conf_result_size. A quarter of what a text may have. */
#define CONF_ADVANCE_SIZE_MAX (4U << 20)

/* Blocks that are not where they were before: with more it is not worth it. */
#define CONF_ADVANCE_BLOCKS_MAX 128

/* ------------------------------------------------------------------ the record */

/* What is outside of the virtual_server blocks of a text, for the caller to free; NULL if it has no outline.
 */
char *conf_advance_rest(const char *text, size_t length, size_t *rest_length);

/* Of a text, what it was loaded to (the model may have been taken out of it), and the questions that the
 * machine was asked (served_host.h), which are those of its rest alone. NULL if no advance can come of it;
 * else so many bytes for the caller to free. */
uint8_t *conf_record_make(const char *text, size_t length, const struct conf_result *result,
                          const struct conf_model *model, uint64_t asked, size_t *bytes);

struct record_block;

/* A record as it is read: it points into its bytes. */
struct conf_record {
    const struct record_block *blocks;
    uint32_t count;
    const char *text;
    size_t length;
    uint64_t asked;
};

/* False if these are not the bytes of a record. They begin at an address for a uint64_t. */
bool conf_record_open(const void *bytes, size_t length, struct conf_record *record);

/* ------------------------------------------------------------------ the comparison */

struct conf_advance {
    char *text; /* to be loaded: the rest, and the virtual servers that are new or other */
    size_t length;
    size_t room;
    uint32_t servers; /* how many those are */
    bool *kept;       /* of the record's blocks: they are there as before */
    uint64_t *gone;   /* keys of the virtual servers that are not */
    uint32_t gone_count;
};

/* What is new in the text; to be freed. False, with nothing to be freed, if this is no case for an advance,
 * also if there is nothing new. */
bool conf_advance_find(const struct conf_record *record, const char *text, size_t length,
                       struct conf_advance *advance);

/* Whether what advance->text was loaded to may go ahead of the whole; then gone loses the keys of virtual
 * servers that are there again. asked is that of the load. */
bool conf_advance_settle(const struct conf_record *record, struct conf_advance *advance,
                         const struct conf_result *result, uint64_t asked);

void conf_advance_free(struct conf_advance *advance);

#endif
