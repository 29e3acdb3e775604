/*
 * The objects of the scripts' slice by their keys.
 *
 * The book keeps two configurations: an object that a reload removed still gets its last scripts (a real
 * server that goes is down, an instance stops), and they are in the one before.
 */
#ifndef TANDEM_NOTIFY_BOOK_H
#define TANDEM_NOTIFY_BOOK_H

#include "conf/model.h"

struct book;

enum book_kind {
    BOOK_INSTANCE,
    BOOK_SYNC_GROUP,
    BOOK_VIRTUAL_SERVER,
    BOOK_REAL_SERVER,
};

struct book_object {
    enum book_kind kind;
    union {
        const struct conf_instance *instance;
        const struct conf_sync_group *sync_group;
        const struct conf_virtual_server *virtual_server;
        const struct conf_real_server *real_server;
    };
};

struct book *book_new(void);
void book_free(struct book *book); /* NULL allowed */

/* Takes over the model; the one before the last is freed. */
void book_add(struct book *book, struct conf_model *model);

/* NULL if neither configuration has it as that kind. */
const struct book_object *book_find(const struct book *book, enum book_kind kind, uint64_t key);

/* enable_script_security of the newest configuration. */
bool book_wants_security(const struct book *book);

#endif
