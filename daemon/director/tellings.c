/*
 * What scripts is told, and when. See tellings.h.
 */
#include "daemon/director/tellings.h"

#include <stdint.h>
#include <stdlib.h>

struct telling {
    enum message_type type;
    union {
        struct notify_real_server real_server;
        struct notify_quorum quorum;
    } payload;
};

struct tellings {
    tellings_send *send;
    void *data;
    bool is_open;
    struct telling *items; /* nothing while open */
    size_t count;
    size_t room;
};

struct tellings *tellings_new(tellings_send *send, void *data)
{
    struct tellings *tellings = calloc(1, sizeof(*tellings));

    if (tellings == NULL)
        abort();
    tellings->send = send;
    tellings->data = data;
    return tellings;
}

void tellings_free(struct tellings *tellings)
{
    if (tellings == NULL)
        return;
    free(tellings->items);
    free(tellings);
}

void tellings_close(struct tellings *tellings)
{
    tellings->is_open = false;
}

void tellings_open(struct tellings *tellings)
{
    tellings->is_open = true;
    for (size_t i = 0; i < tellings->count; i++)
        tellings->send(tellings->items[i].type, &tellings->items[i].payload, tellings->data);
    tellings->count = 0;
}

static void keep(struct tellings *tellings, const struct telling *telling)
{
    if (tellings->count == tellings->room) {
        tellings->room = tellings->room == 0 ? 8 : tellings->room * 2;
        tellings->items = realloc(tellings->items, tellings->room * sizeof(tellings->items[0]));
        if (tellings->items == NULL)
            abort();
    }
    tellings->items[tellings->count++] = *telling;
}

static void tell(struct tellings *tellings, const struct telling *telling)
{
    if (tellings->is_open)
        tellings->send(telling->type, &telling->payload, tellings->data);
    else
        keep(tellings, telling);
}

void tellings_real_server(struct tellings *tellings, const struct notify_real_server *message)
{
    const struct telling telling = {.type = NOTIFY_REAL_SERVER, .payload.real_server = *message};

    tell(tellings, &telling);
}

void tellings_quorum(struct tellings *tellings, const struct notify_quorum *message)
{
    const struct telling telling = {.type = NOTIFY_QUORUM, .payload.quorum = *message};

    tell(tellings, &telling);
}
