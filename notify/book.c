/*
 * An index of two configurations. See book.h.
 */
#include "notify/book.h"

#include <stdlib.h>

#include <uthash.h>

struct row {
    UT_hash_handle by_key;
    uint64_t key;
    struct book_object object;
};

struct edition {
    struct conf_model *model;
    struct row *rows;
};

struct book {
    struct edition newest;
    struct edition previous;
};

struct book *book_new(void)
{
    struct book *book = calloc(1, sizeof(*book));

    if (book == NULL)
        abort();
    return book;
}

static void empty(struct edition *edition)
{
    struct row *row, *next;

    HASH_ITER(by_key, edition->rows, row, next)
    {
        HASH_DELETE(by_key, edition->rows, row);
        free(row);
    }
    conf_model_free(edition->model);
    *edition = (struct edition){0};
}

void book_free(struct book *book)
{
    if (book == NULL)
        return;
    empty(&book->newest);
    empty(&book->previous);
    free(book);
}

static void add_row(struct edition *edition, uint64_t key, struct book_object object)
{
    struct row *row = calloc(1, sizeof(*row));

    if (row == NULL)
        abort();
    row->key = key;
    row->object = object;
    HASH_ADD(by_key, edition->rows, key, sizeof(row->key), row);
}

static void add_virtual_server(struct edition *edition, const struct conf_virtual_server *virtual_server)
{
    add_row(edition, virtual_server->key,
            (struct book_object){.kind = BOOK_VIRTUAL_SERVER, .virtual_server = virtual_server});
    for (uint32_t i = 0; i < virtual_server->real_servers.count; i++) {
        const struct conf_real_server *real_server = virtual_server->real_servers.items[i];

        add_row(edition, real_server->key,
                (struct book_object){.kind = BOOK_REAL_SERVER, .real_server = real_server});
    }
}

void book_add(struct book *book, struct conf_model *model)
{
    struct edition edition = {.model = model};

    for (uint32_t i = 0; i < model->instances.count; i++)
        add_row(&edition, model->instances.items[i]->key,
                (struct book_object){.kind = BOOK_INSTANCE, .instance = model->instances.items[i]});
    for (uint32_t i = 0; i < model->sync_groups.count; i++)
        add_row(&edition, model->sync_groups.items[i]->key,
                (struct book_object){.kind = BOOK_SYNC_GROUP, .sync_group = model->sync_groups.items[i]});
    for (uint32_t i = 0; i < model->virtual_servers.count; i++)
        add_virtual_server(&edition, model->virtual_servers.items[i]);
    empty(&book->previous);
    book->previous = book->newest;
    book->newest = edition;
}

static const struct book_object *find_in(const struct edition *edition, enum book_kind kind, uint64_t key)
{
    struct row *row;

    HASH_FIND(by_key, edition->rows, &key, sizeof(key), row);
    return row != NULL && row->object.kind == kind ? &row->object : NULL;
}

const struct book_object *book_find(const struct book *book, enum book_kind kind, uint64_t key)
{
    const struct book_object *object = find_in(&book->newest, kind, key);

    return object != NULL ? object : find_in(&book->previous, kind, key);
}

bool book_wants_security(const struct book *book)
{
    return book->newest.model != NULL && book->newest.model->global.enable_script_security;
}
