/*
 * Local virtual servers. See local_servers.h.
 */
#include "daemon/kernel/local_servers.h"

#include <stdlib.h>
#include <sys/queue.h>

struct server {
    const struct conf_virtual_server *conf;
    bool told; /* local was */
    bool local;
};

/* An address that one of the servers has; on two interfaces it is there twice. */
struct held {
    LIST_ENTRY(held) next;
    uint32_t ifindex;
    struct ip_address address;
};

struct local_servers {
    struct server *servers;
    uint32_t count;
    LIST_HEAD(, held) held;
};

struct local_servers *local_servers_new(void)
{
    struct local_servers *servers = calloc(1, sizeof(*servers));

    if (servers == NULL)
        abort();
    LIST_INIT(&servers->held);
    return servers;
}

void local_servers_forget(struct local_servers *servers)
{
    while (!LIST_EMPTY(&servers->held)) {
        struct held *held = LIST_FIRST(&servers->held);

        LIST_REMOVE(held, next);
        free(held);
    }
}

void local_servers_free(struct local_servers *servers)
{
    if (servers == NULL)
        return;
    local_servers_forget(servers);
    free(servers->servers);
    free(servers);
}

void local_servers_configure(struct local_servers *servers, const struct conf_model *model)
{
    local_servers_forget(servers);
    free(servers->servers);
    servers->count = 0;
    servers->servers = calloc(model->virtual_servers.count + 1, sizeof(servers->servers[0]));
    if (servers->servers == NULL)
        abort();
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        if (model->virtual_servers.items[i]->ha_suspend)
            servers->servers[servers->count++].conf = model->virtual_servers.items[i];
    }
}

static bool has_address(const struct conf_virtual_server *conf, const struct ip_address *address)
{
    for (uint32_t i = 0; i < conf->services.count; i++) {
        const struct conf_service *service = conf->services.items[i];
        uint32_t place = ip_address_count(&service->first.address, address); /* 1 = the first */

        if (service->fwmark == 0 && place >= 1 && place <= service->count)
            return true;
    }
    return false;
}

static bool is_anybodys(const struct local_servers *servers, const struct ip_address *address)
{
    for (uint32_t i = 0; i < servers->count; i++) {
        if (has_address(servers->servers[i].conf, address))
            return true;
    }
    return false;
}

static struct held *find(const struct local_servers *servers, const struct kernel_address *address)
{
    struct held *held;

    LIST_FOREACH(held, &servers->held, next)
    {
        if (held->ifindex == address->ifindex && ip_address_compare(&held->address, &address->address) == 0)
            return held;
    }
    return NULL;
}

void local_servers_address(struct local_servers *servers, const struct kernel_address *address, bool exists)
{
    struct held *held;

    if (servers->count == 0 || !is_anybodys(servers, &address->address))
        return;
    held = find(servers, address);
    if (held == NULL && exists) {
        held = calloc(1, sizeof(*held));
        if (held == NULL)
            abort();
        held->ifindex = address->ifindex;
        held->address = address->address;
        LIST_INSERT_HEAD(&servers->held, held, next);
    } else if (held != NULL && !exists) {
        LIST_REMOVE(held, next);
        free(held);
    }
}

static bool is_local(const struct local_servers *servers, const struct conf_virtual_server *conf)
{
    const struct held *held;

    LIST_FOREACH(held, &servers->held, next)
    {
        if (has_address(conf, &held->address))
            return true;
    }
    return false;
}

void local_servers_tell(struct local_servers *servers, bool all,
                        void (*tell)(uint64_t key, bool local, void *data), void *data)
{
    for (uint32_t i = 0; i < servers->count; i++) {
        struct server *server = &servers->servers[i];
        bool local = is_local(servers, server->conf);

        if (!all && server->told && server->local == local)
            continue;
        server->told = true;
        server->local = local;
        tell(server->conf->key, local, data);
    }
}
