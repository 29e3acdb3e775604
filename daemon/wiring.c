/*
 * The channels between children. See wiring.h.
 */
#include "daemon/wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "daemon/core/log.h"

struct end {
    enum role role;
    uint16_t index;
    int fd;
};

struct wire {
    LIST_ENTRY(wire) next;
    struct end ends[2];
};

struct wiring {
    LIST_HEAD(, wire) wires;
};

static const struct {
    enum role one;
    enum role other;
} pairs[] = {
    {ROLE_VRRP, ROLE_LINKS},   {ROLE_CHECKER, ROLE_DIRECTOR}, {ROLE_DIRECTOR, ROLE_VRRP},
    {ROLE_VRRP, ROLE_SCRIPTS}, {ROLE_DIRECTOR, ROLE_SCRIPTS}, {ROLE_CHECKER, ROLE_LINKS},
    {ROLE_CHECKER, ROLE_SCRIPTS}, {ROLE_SCRIPTS, ROLE_MAIL},
};

struct wiring *wiring_new(void)
{
    struct wiring *wiring = calloc(1, sizeof(*wiring));

    if (wiring == NULL)
        abort();
    LIST_INIT(&wiring->wires);
    return wiring;
}

static void cut(struct wire *wire)
{
    LIST_REMOVE(wire, next);
    close(wire->ends[0].fd);
    close(wire->ends[1].fd);
    free(wire);
}

void wiring_free(struct wiring *wiring)
{
    if (wiring == NULL)
        return;
    while (!LIST_EMPTY(&wiring->wires))
        cut(LIST_FIRST(&wiring->wires));
    free(wiring);
}

static bool they_talk(enum role a, enum role b)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if ((pairs[i].one == a && pairs[i].other == b) || (pairs[i].one == b && pairs[i].other == a))
            return true;
    }
    return false;
}

static bool is_end_of(const struct end *end, const struct process *process)
{
    return end->role == process_role(process) && end->index == process_index(process);
}

static bool is_wired(const struct wiring *wiring, const struct process *a, const struct process *b)
{
    struct wire *wire;

    LIST_FOREACH(wire, &wiring->wires, next)
    {
        if ((is_end_of(&wire->ends[0], a) && is_end_of(&wire->ends[1], b)) ||
            (is_end_of(&wire->ends[0], b) && is_end_of(&wire->ends[1], a)))
            return true;
    }
    return false;
}

/* Gives process its end, the other end naming the peer. */
static void send_end(struct process *process, const struct end *own, const struct end *other)
{
    struct control_peer peer = {(uint16_t)other->role, other->index};

    channel_send_fd(process_control(process), CONTROL_PEER, &peer, own->fd);
}

static void connect_two(struct wiring *wiring, struct process *process, struct process *peer)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    int fds[2];

    if (wire == NULL)
        abort();
    if (channel_pair(fds) != 0)
        log_fatal("no channel between %s and %s: %s", process_name(process), process_name(peer),
                  strerror(errno));
    wire->ends[0] = (struct end){process_role(process), process_index(process), fds[0]};
    wire->ends[1] = (struct end){process_role(peer), process_index(peer), fds[1]};
    LIST_INSERT_HEAD(&wiring->wires, wire, next);
    if (process_runs(peer))
        send_end(peer, &wire->ends[1], &wire->ends[0]);
}

void wiring_connect(struct wiring *wiring, struct process *process, struct process *const *processes,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct process *peer = processes[i];

        if (peer != process && they_talk(process_role(process), process_role(peer)) &&
            !is_wired(wiring, process, peer))
            connect_two(wiring, process, peer);
    }
}

void wiring_send_ends(struct wiring *wiring, struct process *process)
{
    struct wire *wire;

    LIST_FOREACH(wire, &wiring->wires, next)
    {
        if (is_end_of(&wire->ends[0], process))
            send_end(process, &wire->ends[0], &wire->ends[1]);
        else if (is_end_of(&wire->ends[1], process))
            send_end(process, &wire->ends[1], &wire->ends[0]);
    }
}

void wiring_disconnect(struct wiring *wiring, const struct process *process)
{
    struct wire *wire, *next;

    for (wire = LIST_FIRST(&wiring->wires); wire != NULL; wire = next) {
        next = LIST_NEXT(wire, next);
        if (is_end_of(&wire->ends[0], process) || is_end_of(&wire->ends[1], process))
            cut(wire);
    }
}

void wiring_bequeath(const struct wiring *wiring, struct inheritance *inheritance)
{
    struct wire *wire;

    LIST_FOREACH(wire, &wiring->wires, next)
    {
        for (int i = 0; i < 2; i++)
            inheritance_add_held(inheritance,
                                 &(struct inherited_held){.role = ROLE_SUPERVISOR, .fd = wire->ends[i].fd});
    }
}
