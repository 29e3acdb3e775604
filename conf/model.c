/*
 * The model's memory: an arena, freed as a whole; and what follows from single objects. See model.h.
 */
#include "conf/model.h"

#include <stdlib.h>
#include <string.h>

#include "conf/arena.h"

struct conf_model *conf_model_new(void)
{
    struct conf_model *model = calloc(1, sizeof(*model));

    if (model == NULL)
        return NULL;
    model->arena = conf_arena_new();
    if (model->arena == NULL) {
        free(model);
        return NULL;
    }
    return model;
}

void conf_model_free(struct conf_model *model)
{
    if (model == NULL)
        return;
    conf_arena_free(model->arena);
    free(model);
}

void *conf_model_alloc(struct conf_model *model, size_t size)
{
    return conf_arena_alloc(model->arena, size);
}

char *conf_model_strdup(struct conf_model *model, const char *text)
{
    return conf_arena_text(model->arena, text, strlen(text));
}

void *conf_list_room(struct conf_model *model, void *items, size_t item_size, uint32_t count, uint32_t *room)
{
    size_t size = *room;
    void *larger = conf_arena_room(model->arena, items, item_size, count, &size);

    *room = (uint32_t)size;
    return larger;
}

/* ------------------------------------------------------------------ virtual routers */

const char *conf_linkbeat_word(enum conf_linkbeat_method method)
{
    static const char *const words[] = {
        [CONF_LINKBEAT_AUTO] = "",
        [CONF_LINKBEAT_MII] = "MII",
        [CONF_LINKBEAT_ETHTOOL] = "ETHTOOL",
        [CONF_LINKBEAT_IOCTL] = "IOCTL",
    };

    return words[method];
}

uint32_t conf_notify_count(const struct conf_notify *notify)
{
    uint32_t count = 0;

    if (notify == NULL)
        return 0;
    count += notify->master.words.count > 0;
    count += notify->backup.words.count > 0;
    count += notify->fault.words.count > 0;
    count += notify->stop.words.count > 0;
    count += notify->any.words.count > 0;
    count += notify->deleted.words.count > 0;
    count += notify->rx_lower_priority.words.count > 0;
    return count;
}

bool conf_is_virtual_mac(const char *mac)
{
    return strncmp(mac, "00:00:5e:00:01:", 15) == 0 || strncmp(mac, "00:00:5e:00:02:", 15) == 0;
}

/* ------------------------------------------------------------------ checks */

#define FIRST_FREE_PORT 1024 /* below it, binding is a privilege */

enum conf_transport conf_transport_of(enum conf_checker_type type)
{
    switch (type) {
    case CONF_CHECK_TCP:
    case CONF_CHECK_HTTP:
    case CONF_CHECK_SSL:
    case CONF_CHECK_SMTP:
        return CONF_TRANSPORT_TCP;
    case CONF_CHECK_UDP:
    case CONF_CHECK_DNS:
        return CONF_TRANSPORT_UDP;
    case CONF_CHECK_PING:
        return CONF_TRANSPORT_ICMP;
    case CONF_CHECK_MISC:
    case CONF_CHECK_BFD:
    case CONF_CHECK_FILE:
    case CONF_CHECK_TYPES:
        break;
    }
    return CONF_TRANSPORT_NONE;
}

bool conf_checker_needs_links(const struct conf_checker *checker)
{
    switch (conf_transport_of(checker->type)) {
    case CONF_TRANSPORT_ICMP:
        return true;
    case CONF_TRANSPORT_TCP:
    case CONF_TRANSPORT_UDP:
        return checker->fwmark != 0 || (checker->bind.port != 0 && checker->bind.port < FIRST_FREE_PORT);
    case CONF_TRANSPORT_NONE:
        break;
    }
    return false;
}
