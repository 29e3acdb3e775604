/*
 * Synchronisation daemons, wanted and running. See sync_daemon.h.
 */
#include "daemon/director/sync_daemon.h"

#include <string.h>

/* What the kernel takes where nothing is said (net/netfilter/ipvs/ip_vs_sync.c); maxlen follows from the
 * interface. */
#define KERNEL_PORT 8848
#define KERNEL_TTL  1

static const uint8_t kernel_group[4] = {224, 0, 0, 81};

static struct ipvs_daemon daemon_of(const struct conf_sync_daemon *conf, bool master)
{
    struct ipvs_daemon daemon = {
        .master = master,
        .sync_id = conf->id,
        .maxlen = conf->maxlen,
        .port = conf->port,
        .ttl = conf->ttl,
        .group_family = conf->group.family,
    };

    strncpy(daemon.interface, conf->interface, sizeof(daemon.interface) - 1);
    memcpy(daemon.group, conf->group.bytes, sizeof(daemon.group));
    return daemon;
}

static bool has_group(const struct ipvs_daemon *running, const struct conf_sync_daemon *conf)
{
    if (!ip_address_is_set(&conf->group))
        return running->group_family == AF_INET && memcmp(running->group, kernel_group, 4) == 0;
    return running->group_family == conf->group.family &&
           memcmp(running->group, conf->group.bytes, ip_address_length(&conf->group)) == 0;
}

static bool fits(const struct ipvs_daemon *running, const struct conf_sync_daemon *conf)
{
    return strncmp(running->interface, conf->interface, sizeof(running->interface)) == 0 &&
           running->sync_id == conf->id && (conf->maxlen == 0 || running->maxlen == conf->maxlen) &&
           running->port == (conf->port == 0 ? KERNEL_PORT : conf->port) &&
           running->ttl == (conf->ttl == 0 ? KERNEL_TTL : conf->ttl) && has_group(running, conf);
}

static const struct ipvs_daemon *find(const struct ipvs_daemon *running, uint32_t count, bool master)
{
    for (uint32_t i = 0; i < count; i++) {
        if (running[i].master == master)
            return &running[i];
    }
    return NULL;
}

static bool is_wanted(enum sync_duty duty, bool master)
{
    switch (duty) {
    case SYNC_MASTER:
        return master;
    case SYNC_BACKUP:
        return !master;
    case SYNC_BOTH:
        return true;
    case SYNC_UNKNOWN:
    case SYNC_NEITHER:
        return false;
    }
    return false;
}

uint32_t sync_daemon_orders(enum sync_duty duty, const struct conf_sync_daemon *conf,
                            const struct ipvs_daemon *running, uint32_t running_count,
                            struct ipvs_order orders[static SYNC_ORDERS_MAX])
{
    bool start[2] = {false, false};
    uint32_t count = 0;

    if (duty == SYNC_UNKNOWN)
        return 0;
    for (int master = 0; master < 2; master++) {
        const struct ipvs_daemon *now = find(running, running_count, master);
        bool wanted = conf->interface != NULL && is_wanted(duty, master);

        start[master] = wanted && (now == NULL || !fits(now, conf));
        if (now != NULL && (!wanted || start[master]))
            orders[count++] = (struct ipvs_order){.kind = IPVS_ORDER_STOP_DAEMON, .daemon = *now};
    }
    for (int master = 0; master < 2; master++) {
        if (start[master])
            orders[count++] =
                (struct ipvs_order){.kind = IPVS_ORDER_START_DAEMON, .daemon = daemon_of(conf, master)};
    }
    return count;
}
