/*
 * Clients of the control socket. See server.h.
 *
 * A client is in one of three phases: it is being listened to, it waits for a reload (or upgrade), or its
 * answer is going out. Reloads run one at a time: who asks while one runs waits for the next, which is then
 * ordered once for all.
 */
#include "daemon/ctl/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/descriptor.h"
#include "daemon/core/log.h"
#include "daemon/ctl/request.h"

#define CLIENTS_MAX  64
#define GROUPS_MAX   256
#define ANSWER_MAX   (32U << 20) /* 50,000 real servers */
#define ANSWERS_MAX  (64U << 20) /* all together */
#define IDLE_TIME    span_s(30)
#define RELOAD_TIME  span_s(120) /* then the supervisor is not going to answer */
#define ACCEPT_PAUSE span_ms(200)

struct client {
    LIST_ENTRY(client) next;
    struct ctl_server *server;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *idle;
    char input[CTL_REQUEST_MAX + 1];
    size_t input_length;
    char *answer; /* going out; NULL = none */
    size_t answer_length;
    size_t answer_sent;
    int descriptors[CTL_DESCRIPTORS_MAX]; /* going out with it */
    size_t descriptor_count;
    uint64_t awaited; /* id of the reload it waits for; 0 = none */
    bool last_answer; /* then the connection ends */
};

struct ctl_server {
    struct loop *loop;
    int listener;
    struct loop_watch *watch;
    struct loop_timer *pause; /* after accept failed for want of descriptors */
    uint32_t control_gid;
    LIST_HEAD(, client) clients;
    size_t client_count;
    size_t answers; /* bytes waiting, of all clients */
    uint64_t last_id;
    uint64_t running_id; /* of the reload under way; 0 = none */
    bool upgrades;       /* and that is an upgrade */
    const struct ctl_server_callbacks *callbacks;
    void *data;
};

static void listen_to(struct client *client);

/* ------------------------------------------------------------------ one client */

static void close_descriptors(struct client *client)
{
    while (client->descriptor_count > 0)
        close(client->descriptors[--client->descriptor_count]);
}

static void client_free(struct client *client)
{
    struct ctl_server *server = client->server;

    close_descriptors(client);
    LIST_REMOVE(client, next);
    server->client_count--;
    server->answers -= client->answer_length;
    loop_watch_free(client->watch);
    loop_timer_free(client->idle);
    close(client->fd);
    free(client->answer);
    free(client);
}

static void answer_is_out(struct client *client)
{
    client->server->answers -= client->answer_length;
    free(client->answer);
    client->answer = NULL;
    client->answer_length = client->answer_sent = 0;
    if (client->last_answer) {
        client_free(client);
        return;
    }
    listen_to(client);
}

/* Each descriptor goes with some bytes of its own. */
static ssize_t send_some(struct client *client)
{
    const char *rest = client->answer + client->answer_sent;
    size_t length = client->answer_length - client->answer_sent;
    int fd = client->descriptor_count == 0 ? -1 : client->descriptors[0];
    ssize_t sent = descriptor_send(client->fd, rest, client->descriptor_count > 1 ? 1 : length, fd,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent <= 0 || fd < 0)
        return sent;
    close(fd);
    client->descriptor_count--;
    memmove(client->descriptors, client->descriptors + 1, client->descriptor_count * sizeof(fd));
    return sent;
}

static void send_rest(struct client *client)
{
    while (client->answer_sent < client->answer_length) {
        ssize_t sent = send_some(client);

        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            loop_watch_want(client->watch, LOOP_WRITE);
            return;
        }
        if (sent < 0) {
            client_free(client);
            return;
        }
        client->answer_sent += (size_t)sent;
        loop_timer_in(client->idle, IDLE_TIME);
    }
    answer_is_out(client);
}

/* Takes object over. The client may be gone afterwards. */
static void answer(struct client *client, struct json_object *object)
{
    struct ctl_server *server = client->server;
    size_t length = 0;
    const char *text = json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

    if (text == NULL || length > ANSWER_MAX || server->answers + length > ANSWERS_MAX) {
        text = "{\"ok\":false,\"error\":\"the answer is too long, or too many are waiting to be read\"}";
        length = strlen(text);
    }
    client->answer = malloc(length + 1);
    if (client->answer == NULL)
        abort();
    memcpy(client->answer, text, length);
    client->answer[length] = '\n';
    client->answer_length = length + 1;
    server->answers += client->answer_length;
    json_object_put(object);
    loop_timer_in(client->idle, IDLE_TIME);
    send_rest(client);
}

static struct json_object *new_answer(bool ok)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "ok", json_object_new_boolean(ok));
    return object;
}

static void answer_error(struct client *client, const char *why)
{
    struct json_object *object = new_answer(false);

    json_object_object_add(object, "error", json_object_new_string(why));
    answer(client, object);
}

/* Has a copy of the descriptor go out with the next answer; -1 is none. */
static void enclose(struct client *client, int fd)
{
    int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy >= 0)
        client->descriptors[client->descriptor_count++] = copy;
}

/* ------------------------------------------------------------------ requests */

static void order_reload(struct ctl_server *server)
{
    server->running_id = ++server->last_id;
    server->upgrades = false;
    server->callbacks->reload(server->running_id, server->data);
}

static void await_reload(struct client *client)
{
    struct ctl_server *server = client->server;

    loop_watch_want(client->watch, 0);
    loop_timer_in(client->idle, RELOAD_TIME);
    client->awaited =
        server->last_id + 1; /* the one under way may have read the files before they were changed */
    if (server->running_id == 0)
        order_reload(server);
}

static void await_upgrade(struct client *client)
{
    struct ctl_server *server = client->server;

    if (server->running_id != 0) {
        answer_error(client, "a reload or upgrade is under way; try again");
        return;
    }
    loop_watch_want(client->watch, 0);
    loop_timer_in(client->idle, RELOAD_TIME);
    client->awaited = server->running_id = ++server->last_id;
    server->upgrades = true;
    server->callbacks->upgrade(server->running_id, server->data);
}

static void answer_configuration(struct client *client)
{
    enclose(client, client->server->callbacks->configurations(client->server->data).now);
    if (client->descriptor_count == 0)
        answer_error(client, "the configuration in force is not at hand; see the log");
    else
        answer(client, new_answer(true));
}

static void carry_out(struct client *client, enum ctl_verb verb)
{
    struct ctl_server *server = client->server;
    struct json_object *object;

    switch (verb) {
    case CTL_STATUS:
        object = new_answer(true);
        json_object_object_add(object, "status", server->callbacks->status(server->data));
        answer(client, object);
        break;
    case CTL_STATS:
        object = new_answer(true);
        json_object_object_add(object, "instances", server->callbacks->statistics(server->data));
        answer(client, object);
        break;
    case CTL_VERSION:
        object = new_answer(true);
        json_object_object_add(object, "version", json_object_new_string(TANDEM_VERSION));
        answer(client, object);
        break;
    case CTL_CONFIG:
        answer_configuration(client);
        break;
    case CTL_RELOAD:
        await_reload(client);
        break;
    case CTL_UPGRADE:
        await_upgrade(client);
        break;
    case CTL_VERB_COUNT:
        break;
    }
}

static const char *may(const struct client *client, enum ctl_verb verb)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    gid_t groups[GROUPS_MAX];
    socklen_t groups_size = sizeof(groups);
    struct ctl_user user;

    if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return "the kernel does not say who you are";
    if (getsockopt(client->fd, SOL_SOCKET, SO_PEERGROUPS, groups, &groups_size) != 0)
        groups_size = 0;
    user = (struct ctl_user){peer.uid, peer.gid, groups, groups_size / sizeof(groups[0])};
    return ctl_refusal(&user, client->server->control_gid, verb);
}

static void handle_line(struct client *client, size_t length)
{
    enum ctl_verb verb = CTL_VERB_COUNT;
    const char *why = ctl_request_parse(client->input, length, &verb);
    size_t consumed = length + 1;

    client->input_length -= consumed;
    memmove(client->input, client->input + consumed, client->input_length);
    if (why == NULL)
        why = may(client, verb);
    if (why == NULL)
        carry_out(client, verb);
    else
        answer_error(client, why);
}

/* At most one request is dealt with; the client may be gone afterwards. */
static void handle_input(struct client *client)
{
    char *newline = memchr(client->input, '\n', client->input_length);

    if (newline != NULL) {
        handle_line(client, (size_t)(newline - client->input));
    } else if (client->input_length == sizeof(client->input)) {
        client->last_answer = true;
        answer_error(client, "the request is too long");
    }
}

static void read_input(struct client *client)
{
    ssize_t length = recv(client->fd, client->input + client->input_length,
                          sizeof(client->input) - client->input_length, MSG_DONTWAIT);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        client_free(client);
        return;
    }
    client->input_length += (size_t)length;
    handle_input(client);
}

static void client_ready(int fd, unsigned int ready, void *data)
{
    struct client *client = data;

    (void)fd;
    if (client->answer != NULL)
        send_rest(client);
    else if (ready & LOOP_READ)
        read_input(client);
}

/* The next request may already be there; it is looked at from the loop, so that no client keeps us busy. */
static void listen_to(struct client *client)
{
    bool more = memchr(client->input, '\n', client->input_length) != NULL;

    loop_watch_want(client->watch, LOOP_READ);
    loop_timer_in(client->idle, more ? span_ms(0) : IDLE_TIME);
}

/* The timer of a client: its next request is already there, or it has been idle for too long. */
static void look_again(void *data)
{
    struct client *client = data;

    if (client->awaited != 0) {
        if (client->awaited == client->server->running_id)
            client->server->running_id = 0;
        client->awaited = 0;
        client->last_answer = true;
        answer_error(client, "the reload was not answered in time; see the log");
        return;
    }
    if (client->answer == NULL && memchr(client->input, '\n', client->input_length) != NULL)
        handle_input(client);
    else
        client_free(client);
}

/* ------------------------------------------------------------------ accepting */

static void add_client(struct ctl_server *server, int fd)
{
    struct client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        abort();
    client->server = server;
    client->fd = fd;
    client->watch = loop_watch_new(server->loop, fd, LOOP_READ, client_ready, client);
    client->idle = loop_timer_new(server->loop, look_again, client);
    loop_timer_in(client->idle, IDLE_TIME);
    LIST_INSERT_HEAD(&server->clients, client, next);
    server->client_count++;
}

static void refuse_crowd(int fd)
{
    static const char text[] = "{\"ok\":false,\"error\":\"too many clients are connected; try again\"}\n";

    if (send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        log_debug("a client over the limit of %d was turned away", CLIENTS_MAX);
    close(fd);
}

static void accept_client(int listener, unsigned int ready, void *data)
{
    struct ctl_server *server = data;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)ready;
    if (fd < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            loop_watch_want(server->watch, 0); /* it stays readable: do not spin */
            loop_timer_in(server->pause, ACCEPT_PAUSE);
        }
        return;
    }
    if (server->client_count == CLIENTS_MAX)
        refuse_crowd(fd);
    else
        add_client(server, fd);
}

static void accept_again(void *data)
{
    struct ctl_server *server = data;

    loop_watch_want(server->watch, LOOP_READ);
}

struct ctl_server *ctl_server_new(struct loop *loop, int listener, uint32_t control_gid, uint64_t first_id,
                                  const struct ctl_server_callbacks *callbacks, void *data)
{
    struct ctl_server *server = calloc(1, sizeof(*server));

    if (server == NULL)
        abort();
    fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
    server->loop = loop;
    server->listener = listener;
    server->control_gid = control_gid;
    server->last_id = first_id;
    server->callbacks = callbacks;
    server->data = data;
    LIST_INIT(&server->clients);
    server->watch = loop_watch_new(loop, listener, LOOP_READ, accept_client, server);
    server->pause = loop_timer_new(loop, accept_again, server);
    return server;
}

void ctl_server_free(struct ctl_server *server)
{
    if (server == NULL)
        return;
    while (!LIST_EMPTY(&server->clients))
        client_free(LIST_FIRST(&server->clients));
    loop_watch_free(server->watch);
    loop_timer_free(server->pause);
    close(server->listener);
    free(server);
}

/* ------------------------------------------------------------------ reloads */

/* What a reload has changed is seen from what was in force before and is now. */
static void enclose_both(struct client *client)
{
    struct ctl_configurations both = client->server->callbacks->configurations(client->server->data);

    if (both.before < 0 || both.now < 0)
        return;
    enclose(client, both.before);
    enclose(client, both.now);
}

static struct json_object *reload_answer(const struct command_result *result, const char *text)
{
    struct json_object *object = new_answer(result->ok != 0);

    json_object_object_add(object, "outcome", json_object_new_int((int32_t)result->outcome));
    json_object_object_add(object, "text", json_object_new_string(text));
    return object;
}

void ctl_server_reload_ended(struct ctl_server *server, const struct command_result *result, const char *text)
{
    struct client *client, *following;
    bool wanted_again = false;

    if (server->running_id == 0)
        return;
    if (result->id != server->running_id) { /* a predecessor's: ours was not heard while that one ran */
        if (!server->upgrades)
            server->callbacks->reload(server->running_id, server->data);
        return;
    }
    server->running_id = 0;
    for (client = LIST_FIRST(&server->clients); client != NULL; client = following) {
        following = LIST_NEXT(client, next);
        if (client->awaited == result->id) {
            client->awaited = 0;
            if (result->ok && !server->upgrades)
                enclose_both(client);
            answer(client, reload_answer(result, text));
        } else if (client->awaited != 0) {
            wanted_again = true;
        }
    }
    if (wanted_again)
        order_reload(server);
}
