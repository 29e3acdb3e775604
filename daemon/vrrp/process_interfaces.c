/*
 * What the vrrp process does when links tells of an interface: at once, or when the change has lasted
 * (interface_up_down_delays). See process.h and interfaces.h.
 */
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"

/* What the configuration says, as far as the timers of those that use the interface allow. */
static struct link_patience patience_with(const struct vrrp_process *process, const char *interface)
{
    struct link_patience patience = {{0}, {0}};

    for (uint32_t i = 0; i < process->model->interface_delays.count; i++) {
        const struct conf_interface_delay *delay = process->model->interface_delays.items[i];

        if (strncmp(delay->interface, interface, IFNAMSIZ) == 0)
            patience = (struct link_patience){span_us(delay->down_us), span_us(delay->up_us)};
    }
    for (const struct vrrp_instance *instance = process->instances;
         instance != NULL && patience.down.ns + patience.up.ns > 0; instance = instance->hh.next) {
        const struct conf_instance *conf = instance->conf;

        if (conf->interface != NULL && strncmp(conf->interface, interface, IFNAMSIZ) == 0)
            patience =
                link_patience_within(patience, conf->down_timer_adverts, instance->router.master_interval);
    }
    return patience;
}

/* What counts of an interface has changed. */
static void take_interface(struct vrrp_process *process, const struct links_interface *news)
{
    struct vrrp_socket *socket;

    LIST_FOREACH(socket, &process->sockets, next)
    {
        if (strncmp(socket->spec.interface, news->name, sizeof(socket->spec.interface)) != 0)
            continue;
        socket->error = socket->fd < 0 && !socket->asked ? 0 : socket->error;
        if (socket->fd >= 0 && socket->ifindex != 0 && news->ifindex != 0 && socket->ifindex != news->ifindex)
            vrrp_socket_close(socket); /* bound to an interface that is gone; this one has its name */
    }
    process_ask_for_sockets(process);
    process_look(process, news->name);
    process_start_units(process);
}

/* What waits in the channel comes first: the link may be back, and we late. */
void process_links_are_due(void *data)
{
    struct vrrp_process *process = data;
    const struct links_interface *interface;

    while (process_links(process) != NULL && channel_receive_now(process_links(process)))
        ;
    while ((interface = interfaces_pass(process->interfaces, mono_now())) != NULL)
        take_interface(process, interface);
    loop_timer_set(process->links_due, interfaces_due(process->interfaces));
}

static void say_that_it_waits(const struct links_interface *news, const struct link_patience *patience)
{
    bool works = interface_works(news);

    log_info("interface %.*s is %s; that counts if it lasts %.3f s (interface_up_down_delays)", IFNAMSIZ,
             news->name, works ? "up" : "down", span_seconds(works ? patience->up : patience->down));
}

void process_interface_news(struct vrrp_process *process, const struct links_interface *news)
{
    struct mono due_before = interfaces_due(process->interfaces);
    struct link_patience patience = patience_with(process, news->name);
    bool changed = interfaces_update(process->interfaces, news, &patience, mono_now());

    if (!mono_is_set(due_before) && mono_is_set(interfaces_due(process->interfaces)))
        say_that_it_waits(news, &patience);
    loop_timer_set(process->links_due, interfaces_due(process->interfaces));
    if (changed)
        take_interface(process, news);
}
