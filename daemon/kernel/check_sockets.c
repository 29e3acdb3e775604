/*
 * Sockets for checkers. See check_sockets.h.
 */
#include "daemon/kernel/check_sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <uthash.h>

#include "daemon/core/outgoing_socket.h"
#include "daemon/kernel/ping_range.h"

struct entry {
    const struct conf_checker *checker;
    UT_hash_handle by_key;
};

struct check_sockets {
    struct entry *entries;
};

struct check_sockets *check_sockets_new(void)
{
    struct check_sockets *sockets = calloc(1, sizeof(*sockets));

    if (sockets == NULL)
        abort();
    return sockets;
}

static void forget(struct check_sockets *sockets)
{
    struct entry *entry, *next;

    HASH_ITER(by_key, sockets->entries, entry, next)
    {
        HASH_DELETE(by_key, sockets->entries, entry);
        free(entry);
    }
}

static void learn(struct check_sockets *sockets, const struct conf_real_server *server)
{
    for (uint32_t i = 0; i < server->checkers.count; i++) {
        struct entry *entry = calloc(1, sizeof(*entry));

        if (entry == NULL)
            abort();
        entry->checker = server->checkers.items[i];
        HASH_ADD_KEYPTR(by_key, sockets->entries, &entry->checker->key, sizeof(entry->checker->key), entry);
    }
}

void check_sockets_configure(struct check_sockets *sockets, const struct conf_model *model)
{
    forget(sockets);
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < server->real_servers.count; j++)
            learn(sockets, server->real_servers.items[j]);
    }
}

static bool settings_of(const struct conf_checker *checker, struct outgoing_settings *settings)
{
    *settings = (struct outgoing_settings){.family = checker->connect.address.family,
                                           .bind = checker->bind,
                                           .interface = checker->bind_interface,
                                           .mark = checker->fwmark};
    switch (conf_transport_of(checker->type)) {
    case CONF_TRANSPORT_TCP:
        settings->kind = OUTGOING_STREAM;
        return true;
    case CONF_TRANSPORT_UDP:
        settings->kind = OUTGOING_DATAGRAM;
        return true;
    case CONF_TRANSPORT_ICMP:
        settings->kind = OUTGOING_PING;
        return true;
    case CONF_TRANSPORT_NONE:
        break;
    }
    return false;
}

/* A descriptor, or -1 with errno. */
static int open_socket(const struct check_sockets *sockets, uint64_t key)
{
    struct outgoing_settings settings;
    struct entry *entry;
    int fd;

    HASH_FIND(by_key, sockets->entries, &key, sizeof(key), entry);
    if (entry == NULL || !settings_of(entry->checker, &settings)) {
        errno = ENOENT;
        return -1;
    }
    fd = outgoing_socket_open(&settings);
    if (fd >= 0 || errno != EACCES || settings.kind != OUTGOING_PING)
        return fd;
    errno = ping_range_admit_us();
    return errno != 0 ? -1 : outgoing_socket_open(&settings);
}

void check_sockets_serve(const struct check_sockets *sockets, struct channel *checker,
                         const struct check_socket *request)
{
    struct check_socket answer = {.key = request->key, .serial = request->serial};
    int fd = open_socket(sockets, request->key);

    if (fd >= 0) {
        channel_send_fd(checker, CHECK_SOCKET, &answer, fd);
        close(fd);
        return;
    }
    answer.error = errno;
    channel_send(checker, CHECK_SOCKET_ERROR, &answer);
}
