/*
 * What the formats of the dump files share. See dump.h.
 */
#include "daemon/ctl/dump.h"

#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "daemon/core/vrrp_state.h"

/* ------------------------------------------------------------------ counters */

/* Places of uint64_t in vrrp_record and in ctl_record, which go together. */
static const struct {
    size_t counted;
    size_t shown;
} counters[] = {
#define COUNTER(name)                                                                                        \
    {                                                                                                        \
        offsetof(struct vrrp_record, name), offsetof(struct ctl_record, name)                                \
    }
    COUNTER(adverts_sent),
    COUNTER(adverts_received),
    COUNTER(became_master),
    COUNTER(released_master),
    COUNTER(priority_zero_sent),
    COUNTER(priority_zero_received),
    COUNTER(errors.length),
    COUNTER(errors.ttl),
    COUNTER(errors.type),
    COUNTER(errors.interval),
    COUNTER(errors.address_list),
    COUNTER(errors.auth_type),
    COUNTER(errors.auth_mismatch),
    COUNTER(errors.auth_failure),
    COUNTER(errors.auth_missing),
    COUNTER(errors.auth_malformed),
    COUNTER(errors.auth_unknown_key),
    COUNTER(errors.auth_invalid_hmac),
    COUNTER(errors.auth_stale),
    COUNTER(errors.auth_replay),
#undef COUNTER
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
_Static_assert(COUNTERS * sizeof(uint64_t) == sizeof(struct ctl_record), "no counter is forgotten");

static uint64_t counter_at(const void *record, size_t place)
{
    uint64_t value;

    memcpy(&value, (const char *)record + place, sizeof(value));
    return value;
}

/* A count below the one noted is of an instance that was made anew since. */
static void subtract(const struct vrrp_record *now, const struct ctl_record *before, struct ctl_record *shown)
{
    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t count = counter_at(now, counters[i].counted), noted = counter_at(before, counters[i].shown);

        if (noted <= count)
            count -= noted;
        memcpy((char *)shown + counters[i].shown, &count, sizeof(count));
    }
}

void dump_clear_counters(const struct status_source *source, struct board *own)
{
    const struct board *vrrp = source->board_of(ROLE_VRRP, 0, source->data);

    for (uint32_t i = 0; i < source->model->instances.count; i++) {
        uint64_t key = source->model->instances.items[i]->key;
        struct ctl_record none = {0}, noted;
        struct vrrp_record now;

        if (vrrp == NULL || !board_read(vrrp, key, &now))
            continue;
        subtract(&now, &none, &noted);
        board_write(own, key, &noted);
    }
}

/* ------------------------------------------------------------------ an instance */

static bool read_record(const struct status_source *source, enum role role, uint64_t key, void *record)
{
    const struct board *board = source->board_of(role, 0, source->data);

    return board != NULL && board_read(board, key, record);
}

static const char *group_of(const struct conf_model *model, const struct conf_instance *conf)
{
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        for (uint32_t j = 0; j < group->members.count; j++) {
            if (group->members.items[j] == conf)
                return group->name;
        }
    }
    return NULL;
}

void dump_look(const struct status_source *source, const struct conf_instance *conf,
               struct dump_instance *instance)
{
    struct ctl_record noted = {0};

    memset(instance, 0, sizeof(*instance));
    instance->conf = conf;
    instance->group = group_of(source->model, conf);
    if (!read_record(source, ROLE_VRRP, conf->key, &instance->vrrp) ||
        instance->vrrp.state >= VRRP_STATE_COUNT)
        memset(&instance->vrrp, 0, sizeof(instance->vrrp));
    if (!read_record(source, ROLE_LINKS, conf->key, &instance->links))
        memset(&instance->links, 0, sizeof(instance->links));
    read_record(source, ROLE_CTL, conf->key, &noted);
    subtract(&instance->vrrp, &noted, &instance->counters);
}

bool dump_read_tracked(const struct status_source *source, uint64_t key, struct track_record *tracked)
{
    const struct board *board = source->board_of(ROLE_VRRP, 0, source->data);
    union vrrp_board_record record = {.instance = {0}};

    if (board == NULL || !board_read(board, key, &record) || record.tracked.kind != VRRP_RECORD_TRACKED)
        return false;
    *tracked = record.tracked;
    return true;
}

enum vrrp_state dump_wanted_state(const struct dump_instance *instance)
{
    if (instance->vrrp.state == VRRP_MASTER || instance->vrrp.state == VRRP_BACKUP)
        return (enum vrrp_state)instance->vrrp.state;
    return instance->conf->wanted_state == CONF_WANTED_MASTER ? VRRP_MASTER : VRRP_BACKUP;
}

/* ------------------------------------------------------------------ a VIP */

/* A text that grows, and is cut rather than overrun. */
struct text {
    char *bytes;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text->bytes + text->used, DUMP_VIP_TEXT - text->used, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->used += (size_t)length;
    if (text->used >= DUMP_VIP_TEXT)
        text->used = DUMP_VIP_TEXT - 1;
}

static const char *scope_name(uint8_t scope)
{
    switch (scope) {
    case RT_SCOPE_UNIVERSE:
        return "global";
    case RT_SCOPE_SITE:
        return "site";
    case RT_SCOPE_LINK:
        return "link";
    case RT_SCOPE_HOST:
        return "host";
    case RT_SCOPE_NOWHERE:
        return "nowhere";
    }
    return NULL;
}

static void append_flags(struct text *text, const struct conf_vip *vip)
{
    static const struct {
        uint32_t flag;
        const char *word;
    } flags[] = {
        {CONF_VIP_USE_VMAC, "use_vmac"},
        {CONF_VIP_HOME, "home"},
        {CONF_VIP_DAD, "-nodad"},
        {CONF_VIP_MNGTMPADDR, "mngtmpaddr"},
        {CONF_VIP_NOPREFIXROUTE, "noprefixroute"},
        {CONF_VIP_AUTOJOIN, "autojoin"},
        {CONF_VIP_NO_TRACK, "no_track"},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (vip->flags & flags[i].flag)
            append(text, " %s", flags[i].word);
    }
}

static void append_lifetime(struct text *text, const struct conf_vip *vip)
{
    if (vip->address.family != AF_INET6)
        return;
    if (vip->preferred_lifetime_s == 0)
        append(text, " deprecated");
    else if (vip->preferred_lifetime_s == CONF_LIFETIME_FOREVER)
        append(text, " preferred_lft forever");
    else
        append(text, " preferred_lft %u", vip->preferred_lifetime_s);
}

const char *dump_vip(const struct dump_instance *instance, const struct conf_vip *vip,
                     char buffer[static DUMP_VIP_TEXT])
{
    struct text text = {.bytes = buffer};
    char address[IP_ADDRESS_TEXT];
    const char *scope = scope_name(vip->scope);

    append(&text, "%s", ip_address_text(&vip->address, address));
    if (vip->prefix_length != (vip->address.family == AF_INET6 ? 128 : 32))
        append(&text, "/%u", (unsigned int)vip->prefix_length);
    append(&text, " dev %s", vip->interface);
    if (scope != NULL)
        append(&text, " scope %s", scope);
    else
        append(&text, " scope %u", (unsigned int)vip->scope);
    if (vip->broadcast_kind == CONF_BROADCAST_GIVEN)
        append(&text, " brd %s", ip_address_text(&vip->broadcast, address));
    if (vip->label != NULL)
        append(&text, " label %s", vip->label);
    if (ip_address_is_set(&vip->peer))
        append(&text, " peer %s/%u", ip_address_text(&vip->peer, address),
               (unsigned int)vip->peer_prefix_length);
    append_flags(&text, vip);
    append_lifetime(&text, vip);
    if (instance->links.addresses_present > 0 &&
        instance->links.addresses_present == instance->links.addresses_wanted)
        append(&text, " set");
    return buffer;
}

/* ------------------------------------------------------------------ the whole */

static void write_json(const struct status_source *source, unsigned int version, FILE *out)
{
    struct json_object *object = dump_json(source, version);

    fputs(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
          out);
    json_object_put(object);
}

void dump_write(enum dump_kind kind, const struct status_source *source, unsigned int json_version, FILE *out)
{
    switch (kind) {
    case DUMP_DATA:
        dump_data(source, out);
        return;
    case DUMP_BALANCER:
        dump_balancer(source, out);
        return;
    case DUMP_STATS:
        dump_statistics(source, out);
        return;
    case DUMP_JSON:
        write_json(source, json_version, out);
        return;
    case DUMP_KINDS:
        return;
    }
}
