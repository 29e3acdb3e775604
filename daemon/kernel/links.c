/*
 * The links process.
 *
 *     vrrp --LINKS_STAND_BY-----------------> stand_by (we wait where vrrp runs)
 *     vrrp --LINKS_TAKE, RELEASE, ANNOUNCE--> address_manager --> rtnetlink, announcer
 *     vrrp <--LINKS_TAKEN, RELEASED---------- address_manager
 *     vrrp <--LINKS_INTERFACE---------------- interface_table <-- link_monitor <-- the kernel's events
 *     vrrp --LINKS_OPEN_SOCKET--> vrrp_socket; LINKS_SOCKET comes back with the descriptor
 *     checker <--LINKS_LOCAL_SERVER----------- local_servers <---- link_monitor
 *     checker --CHECK_OPEN_SOCKET--> check_sockets; CHECK_SOCKET comes back with the descriptor
 *
 * Orders may speak of an instance whose configuration is still on its way to us: a reload reaches vrrp and
 * links in any order. Such orders are kept until the next configuration, or until EARLY_TIME is over.
 */
#include "daemon/kernel/links.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/board_records.h"
#include "daemon/core/log.h"
#include "daemon/core/vrrp_state.h"
#include "daemon/kernel/accept_rules.h"
#include "daemon/kernel/address_log.h"
#include "daemon/kernel/address_manager.h"
#include "daemon/kernel/check_sockets.h"
#include "daemon/kernel/interface_table.h"
#include "daemon/kernel/link_monitor.h"
#include "daemon/kernel/local_servers.h"
#include "daemon/kernel/stand_by.h"
#include "daemon/kernel/vrrp_socket.h"

#define EARLY_MAX    256
#define EARLY_TIME   span_s(5)
#define CHECKERS_MAX 48        /* no configuration has more checker processes */
#define CLIENTS_TIME span_s(5) /* for vrrp to end before us, when the supervisor is gone */

/* An interface the configuration names, as vrrp was last told of it. */
struct named_interface {
    struct links_interface told;
    bool was_told;
};

struct early_order {
    enum message_type type;
    struct links_take take; /* .key also for the types that have only that */
};

struct links {
    struct child *child;
    struct conf_model *model;
    struct rtnetlink *netlink;
    struct interface_table *table;
    struct link_monitor *monitor;
    struct address_manager *manager;
    struct check_sockets *check_sockets;
    struct local_servers *local_servers;
    struct address_log *address_log; /* NULL = not wanted */
    struct route_manager *routes;
    struct stand_by *stand_by;
    struct named_interface *named;
    size_t named_count;
    struct early_order early[EARLY_MAX];
    size_t early_count;
    struct loop_timer *early_over;
    struct loop_timer *clients_over;
    bool stop_wanted; /* once vrrp has ended */
    bool stopped;
};

static struct channel *vrrp_of(const struct links *links)
{
    return child_peer(links->child, ROLE_VRRP, 0);
}

/* ------------------------------------------------------------------ interfaces */

static void tell_interfaces(struct links *links, bool all)
{
    for (size_t i = 0; i < links->named_count; i++) {
        struct named_interface *named = &links->named[i];
        struct links_interface now;

        interface_table_describe(links->table, named->told.name, &now);
        if (!all && named->was_told && memcmp(&now, &named->told, sizeof(now)) == 0)
            continue;
        named->told = now;
        named->was_told = true;
        channel_send(vrrp_of(links), LINKS_INTERFACE, &named->told);
    }
}

static void name_interface(struct links *links, const char *name)
{
    struct named_interface *named;

    if (name == NULL)
        return;
    for (size_t i = 0; i < links->named_count; i++) {
        if (strcmp(links->named[i].told.name, name) == 0)
            return;
    }
    links->named = realloc(links->named, (links->named_count + 1) * sizeof(*links->named));
    if (links->named == NULL)
        abort();
    named = &links->named[links->named_count++];
    memset(named, 0, sizeof(*named));
    snprintf(named->told.name, sizeof(named->told.name), "%s", name);
}

static void name_interfaces_of(struct links *links, const struct conf_instance *instance)
{
    const char *last = "";

    name_interface(links, instance->interface);
    for (uint32_t i = 0; i < instance->tracked_interfaces.count; i++)
        name_interface(links, instance->tracked_interfaces.items[i]->interface);
    for (uint32_t i = 0; i < instance->vips.count; i++) {
        if (strcmp(instance->vips.items[i]->interface, last) != 0)
            name_interface(links, instance->vips.items[i]->interface);
        last = instance->vips.items[i]->interface;
    }
}

static void name_interfaces(struct links *links)
{
    const struct conf_model *model = links->model;

    links->named_count = 0;
    for (uint32_t i = 0; i < model->instances.count; i++)
        name_interfaces_of(links, model->instances.items[i]);
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        for (uint32_t j = 0; j < group->tracked_interfaces.count; j++)
            name_interface(links, group->tracked_interfaces.items[j]->interface);
    }
}

/* ------------------------------------------------------------------ the kernel's events */

static void on_link(const struct kernel_link *link, bool exists, void *data)
{
    struct links *links = data;

    if (exists)
        interface_table_set_link(links->table, link);
    else
        interface_table_remove_link(links->table, link->ifindex);
    address_manager_link(links->manager, link, exists);
    route_manager_doubt(links->routes);
}

static void log_address(const struct links *links, const struct kernel_address *address, bool exists)
{
    const struct kernel_link *link = interface_table_by_index(links->table, address->ifindex);

    if (links->address_log != NULL)
        address_log_note(links->address_log, address, exists, link == NULL ? NULL : link->name);
}

static void on_address(const struct kernel_address *address, bool exists, void *data)
{
    struct links *links = data;

    log_address(links, address, exists);
    local_servers_address(links->local_servers, address, exists);
    if (!exists)
        route_manager_doubt(links->routes); /* routes with this source went along */
    if (address_manager_address(links->manager, address, exists))
        return;
    if (exists)
        interface_table_set_address(links->table, address);
    else
        interface_table_remove_address(links->table, address);
}

static void on_links_begin(void *data)
{
    struct links *links = data;

    interface_table_begin_links(links->table);
}

static void link_vanished(const struct kernel_link *link, void *data)
{
    struct links *links = data;

    address_manager_link(links->manager, link, false);
    route_manager_doubt(links->routes);
}

static void on_route_removed(const struct nlmsghdr *message, void *data)
{
    struct links *links = data;

    route_manager_heard(links->routes, message);
}

static void on_links_end(void *data)
{
    struct links *links = data;

    interface_table_end_links(links->table, link_vanished, links);
}

static void on_addresses_begin(void *data)
{
    struct links *links = data;

    interface_table_forget_addresses(links->table);
    local_servers_forget(links->local_servers);
    address_manager_forget(links->manager);
}

static void tell_checkers(uint64_t key, bool local, void *data)
{
    const struct links *links = data;
    struct links_local_server message = {.key = key, .local = local};

    for (uint16_t index = 0; index < CHECKERS_MAX; index++)
        channel_send(child_peer(links->child, ROLE_CHECKER, index), LINKS_LOCAL_SERVER, &message);
}

static void on_settled(void *data)
{
    struct links *links = data;

    address_manager_settled(links->manager);
    route_manager_settled(links->routes);
    tell_interfaces(links, false);
    local_servers_tell(links->local_servers, false, tell_checkers, links);
}

static const struct link_monitor_callbacks monitor_callbacks = {
    on_link, on_address, on_links_begin, on_links_end, on_addresses_begin, on_settled, on_route_removed};

/* ------------------------------------------------------------------ for the address manager */

static void send_outcome(const struct links *links, enum message_type type, uint64_t key, int error,
                         uint32_t failed)
{
    struct links_error outcome = {.key = key, .error = error, .count = failed};

    channel_send(vrrp_of(links), type, &outcome);
}

static void on_taken(uint64_t key, int error, uint32_t failed, void *data)
{
    struct links *links = data;

    route_manager_take(links->routes, key);
    if (key != ADDRESS_STATIC)
        send_outcome(links, LINKS_TAKEN, key, error, failed);
}

static void on_released(uint64_t key, int error, uint32_t failed, void *data)
{
    send_outcome(data, LINKS_RELEASED, key, error, failed);
}

static bool stands(uint64_t key, void *data)
{
    const struct links *links = data;

    return address_manager_stands(links->manager, key);
}

static void on_routes_counted(uint64_t key, const struct route_counts *counts, void *data)
{
    const struct links *links = data;

    address_manager_note_routes(links->manager, key, counts);
}

static const struct route_manager_callbacks route_callbacks = {stands, on_routes_counted};

static struct master_record read_master(uint64_t key, void *data)
{
    const struct links *links = data;
    const struct board *board = child_board_of(links->child, ROLE_VRRP, 0);
    struct master_record master = {0};
    struct vrrp_record record;

    if (board == NULL || !board_read(board, key, &record))
        return master;
    master.witness.is_master = record.state == VRRP_MASTER;
    master.witness.last_beat = board_last_beat(board);
    master.witness.last_advert = (struct mono){record.last_advert_sent_ns};
    master.peer_down = span_ns(record.peer_down_interval_ns);
    return master;
}

static struct board *own_board(void *data)
{
    const struct links *links = data;

    return child_board(links->child);
}

static void drain_events(void *data)
{
    const struct links *links = data;

    link_monitor_drain(links->monitor);
}

static void resync(void *data)
{
    const struct links *links = data;

    link_monitor_resync(links->monitor);
}

static void on_idle(void *data)
{
    struct links *links = data;

    if (links->stopped)
        return;
    links->stopped = true;
    accept_rules_remove();
    child_stopped(links->child);
}

static const struct address_manager_callbacks manager_callbacks = {
    on_taken, on_released, read_master, own_board, drain_events, resync, on_idle};

/* ------------------------------------------------------------------ vrrp's orders */

static const struct conf_instance *find_instance(const struct links *links, uint64_t key)
{
    for (uint32_t i = 0; i < links->model->instances.count; i++) {
        if (links->model->instances.items[i]->key == key)
            return links->model->instances.items[i];
    }
    return NULL;
}

static void refuse_socket(const struct links *links, uint64_t key, int error)
{
    struct links_error refusal = {.key = key, .error = error};

    channel_send(vrrp_of(links), LINKS_SOCKET_ERROR, &refusal);
}

static bool open_socket(const struct links *links, uint64_t key)
{
    const struct conf_instance *instance = find_instance(links, key);
    const struct kernel_link *link = NULL;
    const char *what = "";
    int fd;

    if (instance == NULL)
        return false;
    if (instance->interface != NULL) {
        link = interface_table_by_name(links->table, instance->interface);
        if (link == NULL) {
            refuse_socket(links, key, ENODEV);
            return true;
        }
    }
    fd = vrrp_socket_open(instance, link == NULL ? 0 : link->ifindex, &what);
    if (fd < 0) {
        int error = errno;

        log_error("%s: no socket for adverts on %s: %s: %s", instance->name,
                  instance->interface == NULL ? "any interface" : instance->interface, what, strerror(error));
        refuse_socket(links, key, error);
        return true;
    }
    channel_send_fd(vrrp_of(links), LINKS_SOCKET, &(struct message_key){key}, fd);
    close(fd);
    return true;
}

/* Carries out an order; false if no instance has its key. */
static bool carry_out(struct links *links, const struct early_order *order)
{
    switch ((unsigned int)order->type) {
    case LINKS_OPEN_SOCKET:
        return open_socket(links, order->take.key);
    case LINKS_TAKE:
        link_monitor_drain(links->monitor); /* so that what is on already is known */
        route_manager_expect(links->routes, order->take.key);
        return address_manager_take(links->manager, &order->take);
    case LINKS_RELEASE:
        link_monitor_drain(links->monitor);
        route_manager_release(links->routes, order->take.key);
        return address_manager_release(links->manager, order->take.key);
    case LINKS_ANNOUNCE:
        return address_manager_announce(links->manager, order->take.key);
    default:
        return true;
    }
}

/* Nobody knows the instance, and nobody will: vrrp must not wait. */
static void answer_in_vain(struct links *links, const struct early_order *order)
{
    log_debug("an order for an instance that is not configured: %s", message_row(order->type)->name);
    if (order->type == LINKS_OPEN_SOCKET)
        refuse_socket(links, order->take.key, ENOENT);
    if (order->type == LINKS_TAKE)
        send_outcome(links, LINKS_TAKEN, order->take.key, ENOENT, 0);
    if (order->type == LINKS_RELEASE)
        send_outcome(links, LINKS_RELEASED, order->take.key, 0, 0);
}

static void keep_for_later(struct links *links, const struct early_order *order)
{
    if (order->type == LINKS_RELEASE || links->early_count == EARLY_MAX) {
        answer_in_vain(links, order);
        return;
    }
    links->early[links->early_count++] = *order;
    loop_timer_in(links->early_over, EARLY_TIME);
}

static void early_is_over(void *data)
{
    struct links *links = data;

    for (size_t i = 0; i < links->early_count; i++)
        answer_in_vain(links, &links->early[i]);
    links->early_count = 0;
}

static void carry_out_early(struct links *links)
{
    size_t kept = 0;

    for (size_t i = 0; i < links->early_count; i++) {
        if (!carry_out(links, &links->early[i]))
            links->early[kept++] = links->early[i];
    }
    links->early_count = kept;
}

/* A later order for an instance that is not known yet makes the earlier ones of the other kind void. */
static void drop_early(struct links *links, uint64_t key)
{
    size_t kept = 0;

    for (size_t i = 0; i < links->early_count; i++) {
        if (links->early[i].take.key != key || links->early[i].type == LINKS_OPEN_SOCKET)
            links->early[kept++] = links->early[i];
    }
    links->early_count = kept;
}

static void on_message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                       int fd)
{
    struct links *links = child_data(child);
    struct early_order order = {.type = type};

    if (fd >= 0)
        close(fd);
    if (links->stopped)
        return;
    if (type == CHECK_OPEN_SOCKET) {
        check_sockets_serve(links->check_sockets, from, payload);
        return;
    }
    if (type == LINKS_STAND_BY) {
        link_monitor_drain(links->monitor);
        stand_by_begin(links->stand_by, ((const struct links_stand_by *)payload)->cpu);
        return;
    }
    stand_by_end(links->stand_by);
    if (type == LINKS_SYNCED) {
        link_monitor_drain(links->monitor);
        route_manager_synced(links->routes);
        address_manager_synced(links->manager);
        return;
    }
    memcpy(&order.take, payload, message_row(type)->size);
    if (type == LINKS_TAKE || type == LINKS_RELEASE)
        drop_early(links, order.take.key);
    if (!carry_out(links, &order))
        keep_for_later(links, &order);
}

static void on_peer_started(struct child *child, struct channel *peer)
{
    struct links *links = child_data(child);

    if (channel_other(peer) == ROLE_CHECKER)
        local_servers_tell(links->local_servers, true, tell_checkers, links);
    if (channel_other(peer) != ROLE_VRRP)
        return;
    links->early_count = 0;
    route_manager_vrrp_started(links->routes);
    address_manager_vrrp_started(links->manager);
    tell_interfaces(links, true);
}

/* ------------------------------------------------------------------ life */

static bool read_slice(struct links *links)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(links->child), CONF_SLICE_LINKS, &why);

    if (model == NULL) {
        log_error("the configuration for links cannot be read: %s", why);
        return false;
    }
    address_manager_configure(links->manager, model);
    route_manager_configure(links->routes, model);
    link_monitor_watch_routes(links->monitor, route_manager_watches(links->routes));
    accept_rules_apply(model);
    check_sockets_configure(links->check_sockets, model);
    local_servers_configure(links->local_servers, model);
    conf_model_free(links->model);
    links->model = model;
    name_interfaces(links);
    return true;
}

static void take_static(struct links *links)
{
    if (!address_manager_take_static(links->manager))
        route_manager_take(links->routes, ROUTE_STATIC);
}

static void on_reload(struct child *child)
{
    struct links *links = child_data(child);
    bool sound = read_slice(links);

    if (sound) {
        link_monitor_resync(links->monitor);
        take_static(links);
        tell_interfaces(links, true);
        carry_out_early(links);
    }
    child_reloaded(child, sound);
}

static void stop_now(void *data)
{
    struct links *links = data;

    loop_timer_stop(links->clients_over);
    links->stop_wanted = false;
    route_manager_stop(links->routes);
    address_manager_stop(links->manager);
}

static void withdraw(struct links *links)
{
    route_manager_withdraw(links->routes);
    address_manager_withdraw(links->manager);
}

static void on_peer_ended(struct child *child, enum role peer)
{
    struct links *links = child_data(child);

    if (peer != ROLE_VRRP)
        return;
    if (links->stop_wanted)
        stop_now(links);
    else
        withdraw(links); /* it dies again and again, or is not needed any more */
}

static void on_stop(struct child *child, bool supervisor_gone)
{
    struct links *links = child_data(child);

    if (!supervisor_gone && (child_identity(child)->flags & IDENTITY_KEEP_ADDRESSES) != 0) {
        link_monitor_drain(links->monitor); /* so that what has just come on is known */
        address_manager_leave(links->manager);
        return;
    }
    if (!supervisor_gone || vrrp_of(links) == NULL) {
        stop_now(links);
        return;
    }
    links->stop_wanted = true;
    loop_timer_in(links->clients_over, CLIENTS_TIME);
}

static void on_start(struct child *child)
{
    static struct links links;

    links.child = child;
    child_set_data(child, &links);
    links.netlink = rtnetlink_new();
    links.table = interface_table_new();
    links.check_sockets = check_sockets_new();
    links.local_servers = local_servers_new();
    links.stand_by = stand_by_new(child_loop(child));
    links.early_over = loop_timer_new(child_loop(child), early_is_over, &links);
    links.clients_over = loop_timer_new(child_loop(child), stop_now, &links);
    if ((child_identity(child)->flags & IDENTITY_LOG_ADDRESSES) != 0)
        links.address_log = address_log_new();
    if (links.netlink == NULL)
        log_fatal("no rtnetlink socket: %s", strerror(errno));
    links.monitor = link_monitor_new(child_loop(child), links.netlink, &monitor_callbacks, &links);
    links.manager =
        address_manager_new(child_loop(child), links.netlink, links.table, &manager_callbacks, &links);
    if (links.monitor == NULL || links.manager == NULL)
        log_fatal("no socket for interface events or announcements: %s", strerror(errno));
    links.routes = route_manager_new(child_loop(child), links.netlink, links.table, &route_callbacks, &links);
    if (!read_slice(&links))
        log_fatal("links cannot start without its configuration");
    link_monitor_resync(links.monitor);
    take_static(&links);
    child_ready(child);
}

const struct child_callbacks links_callbacks = {
    .start = on_start,
    .reload = on_reload,
    .message = on_message,
    .peer_started = on_peer_started,
    .peer_ended = on_peer_ended,
    .stop = on_stop,
};
