/*
 * The sockets of the process: those a predecessor held, those links is asked for, and what comes of it. See
 * process.h; the socket itself is socket.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"

void process_keep_held(struct vrrp_process *process, uint64_t key, int fd)
{
    struct held_socket *held = calloc(1, sizeof(*held));

    if (held == NULL)
        abort();
    held->key = key;
    held->fd = fd;
    STAILQ_INSERT_TAIL(&process->held, held, next);
}

/* Opens the socket with the held one of its key, if there is. */
static void open_held(struct vrrp_process *process, struct vrrp_socket *socket)
{
    struct held_socket *held;

    STAILQ_FOREACH(held, &process->held, next)
    {
        if (held->key != socket->key)
            continue;
        STAILQ_REMOVE(&process->held, held, held_socket, next);
        vrrp_socket_open(socket, child_loop(process->child), held->fd);
        free(held);
        return;
    }
}

static void before_receiving(void *data)
{
    process_guard(data, mono_now());
}

struct vrrp_socket *process_acquire_socket(struct vrrp_process *process, const struct vrrp_socket_spec *spec)
{
    static const struct vrrp_socket_hooks hooks = {unit_received, before_receiving};
    struct vrrp_socket *socket = vrrp_socket_acquire(&process->sockets, spec, &hooks, process);

    if (socket->fd < 0)
        open_held(process, socket);
    return socket;
}

/* What no instance needs any more. */
void process_drop_held(struct vrrp_process *process)
{
    while (!STAILQ_EMPTY(&process->held)) {
        struct held_socket *held = STAILQ_FIRST(&process->held);

        STAILQ_REMOVE_HEAD(&process->held, next);
        child_release(process->child, held->key);
        close(held->fd);
        free(held);
    }
}

static void leave_socket(struct vrrp_process *process, struct vrrp_socket *socket, uint8_t vrid)
{
    uint64_t key = socket->key;

    socket->by_vrid[vrid] = NULL;
    if (vrrp_socket_release(socket))
        child_release(process->child, key);
}

void process_change_socket(struct vrrp_process *process, struct vrrp_instance *instance,
                           const struct conf_instance *conf)
{
    struct vrrp_socket *old = instance->socket;
    struct vrrp_socket_spec spec;

    vrrp_socket_spec_of(conf, &spec);
    if (vrrp_socket_spec_is_same(&spec, &old->spec))
        return;
    instance->socket = process_acquire_socket(process, &spec);
    instance->socket->by_vrid[conf->vrid] = instance;
    leave_socket(process, old, conf->vrid);
    process_ask_for_sockets(process);
}

void process_ask_for_sockets(struct vrrp_process *process)
{
    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        struct message_key key = {instance->key};

        if (instance->socket->fd >= 0 || instance->socket->asked)
            continue;
        instance->socket->asked = true;
        channel_send(process_links(process), LINKS_OPEN_SOCKET, &key);
    }
}

void process_forget_questions(struct vrrp_process *process)
{
    struct vrrp_socket *socket;

    LIST_FOREACH(socket, &process->sockets, next)
    socket->asked = false;
}

/* Its instances can speak now, or have lost their voice. */
static void look_at_users(struct vrrp_process *process, const struct vrrp_socket *socket)
{
    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        if (instance->socket == socket && instance->unit != NULL && instance->unit->started)
            unit_look(instance);
    }
    process_start_units(process);
}

void process_socket_arrived(struct vrrp_process *process, uint64_t key, int fd)
{
    struct vrrp_instance *instance = process_find(process, key);

    if (instance == NULL) {
        close(fd);
        return;
    }
    if (!vrrp_socket_open(instance->socket, child_loop(process->child), fd)) {
        log_error("instance %s: the socket from links cannot be used: %s", instance->conf->name,
                  strerror(instance->socket->error));
        return;
    }
    child_hold(process->child, instance->socket->key, fd);
    look_at_users(process, instance->socket);
}

void process_socket_failed(struct vrrp_process *process, const struct links_error *failure)
{
    struct vrrp_instance *instance = process_find(process, failure->key);

    if (instance == NULL)
        return;
    if (instance->socket->error != failure->error)
        log_error("instance %s: no socket for adverts on %s: %s", instance->conf->name,
                  instance->conf->interface == NULL ? "any interface" : instance->conf->interface,
                  strerror(failure->error));
    instance->socket->asked = false;
    instance->socket->error = failure->error == 0 ? EIO : failure->error;
    look_at_users(process, instance->socket);
}
