/*
 * Plays everybody around a real tandem-director: the supervisor, a checker, vrrp and scripts. For the tests
 * of the IPVS table; see test_director_table.py.
 *
 * Reads commands from stdin, one a line, and writes what happens to stdout, one a line:
 *
 *     start FILE          a first start with that configuration         -> ready, table full
 *     respawn             a start after a death, with the same board    -> ready, table full
 *     reload FILE                                                       -> reloaded 1
 *     tell                scripts knows the new configuration too: what happened in the reload may be told
 *     verdict V R C up    check C of real server R of virtual server V (from 0) says up or down
 *     record V R          what the board says of a server (R - = of the virtual server, V - = of the table)
 *     kill                kill -9                                       -> ended STATUS
 *     stop                the order to stop                             -> stopped, ended 0
 *     gone                the supervisor dies, vrrp lives on; the player plays no supervisor any more
 *     vrrp-gone           vrrp ends for good
 *     cpu                 the director's CPU time so far, in ms
 *
 * Also written: "notify real V R up|down", "notify quorum V up|down", "log LEVEL TEXT".
 *
 * FILE has a line per server, real servers below their virtual server:
 *     virtual ADDRESS PORT tcp|udp SCHEDULER [quorum=N] [hysteresis=N] [persist=N] [flags=N] [omega]
 *     real ADDRESS PORT WEIGHT nat|dr|tun [checks=N] [alpha] [inhibit] [upper=N] [lower=N]
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/key.h"
#include "conf/slice.h"
#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/channel.h"
#include "daemon/core/log.h"

#define PEERS 3

enum { PEER_CHECKER, PEER_VRRP, PEER_SCRIPTS };

struct peer {
    enum role role;
    int fds[2]; /* ours, the director's; both kept so that a successor finds the same channel */
    struct channel *channel;
};

struct play {
    const char *program;
    const char *journal_path;
    struct loop *loop;
    struct channel *control;
    struct peer peers[PEERS];
    struct board *board;
    struct conf_model *model;
    pid_t pid;
    int log[2];
    uint64_t incarnation;
    struct verdict *verdicts; /* the last of each check, to be said again to a successor */
    size_t verdict_count;
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    say("broken %s: %s", what, strerror(errno));
    exit(2);
}

/* ------------------------------------------------------------------ the configuration */

static uint32_t option_number(const char *line, const char *name, uint32_t otherwise)
{
    const char *found = strstr(line, name);

    return found == NULL ? otherwise : (uint32_t)strtoul(found + strlen(name), NULL, 10);
}

static void add_service(struct conf_model *model, struct conf_virtual_server *server)
{
    struct conf_service *service = conf_model_alloc(model, sizeof(*service));

    service->first = server->endpoint;
    service->count = 1;
    conf_list_add(model, &server->services, service);
}

static void add_virtual(struct conf_model *model, const char *line)
{
    struct conf_virtual_server *server = conf_model_alloc(model, sizeof(*server));
    char address[64], protocol[8];
    unsigned int port;

    must(sscanf(line, "virtual %63s %u %7s %15s", address, &port, protocol, server->scheduler) == 4, line);
    must(ip_address_parse(address, &server->endpoint.address), address);
    server->endpoint.port = (uint16_t)port;
    server->protocol = strcmp(protocol, "udp") == 0 ? CONF_PROTOCOL_UDP : CONF_PROTOCOL_TCP;
    server->quorum = option_number(line, "quorum=", 1);
    server->hysteresis = option_number(line, "hysteresis=", 0);
    server->persistence_timeout_s = option_number(line, "persist=", 0);
    server->flags = option_number(line, "flags=", 0);
    server->omega = strstr(line, "omega") != NULL;
    add_service(model, server);
    server->persistence_netmask = UINT32_MAX;
    server->persistence_prefix_length = 128;
    server->key = conf_key_virtual_server(server);
    conf_list_add(model, &model->virtual_servers, server);
}

static void add_checks(struct conf_model *model, struct conf_real_server *real, const char *line)
{
    uint32_t count = option_number(line, "checks=", 1);

    for (uint32_t i = 0; i < count; i++) {
        struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

        checker->key = conf_key_checker(real->key, CONF_CHECK_TCP, i);
        checker->alpha = strstr(line, "alpha") != NULL;
        conf_list_add(model, &real->checkers, checker);
    }
}

static void add_real(struct conf_model *model, const char *line)
{
    struct conf_virtual_server *parent = model->virtual_servers.items[model->virtual_servers.count - 1];
    struct conf_real_server *real = conf_model_alloc(model, sizeof(*real));
    char address[64], method[8];
    unsigned int port, weight;

    must(sscanf(line, "real %63s %u %u %7s", address, &port, &weight, method) == 4, line);
    must(ip_address_parse(address, &real->endpoint.address), address);
    real->endpoint.port = (uint16_t)port;
    real->weight = (uint16_t)weight;
    real->method.forwarding = method[0] == 'd'   ? CONF_FORWARD_DR
                              : method[0] == 't' ? CONF_FORWARD_TUN
                                                 : CONF_FORWARD_NAT;
    real->inhibit_on_failure = strstr(line, "inhibit") != NULL;
    real->upper_threshold = option_number(line, "upper=", 0);
    real->lower_threshold = option_number(line, "lower=", 0);
    real->key = conf_key_real_server(parent->key, &real->endpoint);
    add_checks(model, real, line);
    conf_list_add(model, &parent->real_servers, real);
}

static struct conf_model *read_configuration(const char *path)
{
    struct conf_model *model = conf_model_new();
    FILE *file = fopen(path, "re");
    char line[256];

    must(file != NULL, path);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "virtual", 7) == 0)
            add_virtual(model, line);
        else if (strncmp(line, "real", 4) == 0)
            add_real(model, line);
    }
    fclose(file);
    return model;
}

/* ------------------------------------------------------------------ what the director says */

static void on_control(struct channel *channel, enum message_type type, const void *payload, int fd,
                       void *data)
{
    (void)channel;
    (void)data;
    if (fd >= 0)
        close(fd);
    if (type == CHILD_READY)
        say("ready");
    else if (type == CHILD_RELOADED)
        say("reloaded %u", ((const struct child_reloaded *)payload)->ok);
    else if (type == CHILD_STOPPED)
        say("stopped");
}

static void reap(struct play *play)
{
    int status;

    must(waitpid(play->pid, &status, 0) == play->pid, "waitpid");
    play->pid = 0;
    say("ended %d", status);
}

static void on_control_closed(struct channel *channel, void *data)
{
    struct play *play = data;

    channel_free(channel);
    play->control = NULL;
    reap(play);
}

static const struct channel_callbacks control_callbacks = {on_control, NULL, on_control_closed};

static void say_real(const struct play *play, const struct notify_real_server *notify)
{
    for (uint32_t v = 0; v < play->model->virtual_servers.count; v++) {
        const struct conf_virtual_server *server = play->model->virtual_servers.items[v];

        for (uint32_t r = 0; r < server->real_servers.count; r++) {
            if (server->real_servers.items[r]->key == notify->real_server) {
                say("notify real %u %u %s", v, r, notify->up ? "up" : "down");
                return;
            }
        }
    }
    say("notify real gone %s", notify->up ? "up" : "down");
}

static void say_quorum(const struct play *play, const struct notify_quorum *notify)
{
    for (uint32_t v = 0; v < play->model->virtual_servers.count; v++) {
        if (play->model->virtual_servers.items[v]->key == notify->virtual_server) {
            say("notify quorum %u %s", v, notify->up ? "up" : "down");
            return;
        }
    }
    say("notify quorum gone %s", notify->up ? "up" : "down");
}

static void on_peer(struct channel *channel, enum message_type type, const void *payload, int fd, void *data)
{
    const struct play *play = data;

    (void)channel;
    (void)fd;
    if (type == DIRECTOR_TABLE_FULL)
        say("table full");
    else if (type == NOTIFY_REAL_SERVER)
        say_real(play, payload);
    else if (type == NOTIFY_QUORUM)
        say_quorum(play, payload);
}

static void on_hello(struct channel *channel, void *data)
{
    const struct play *play = data;

    if (channel != play->peers[PEER_CHECKER].channel)
        return;
    for (size_t i = 0; i < play->verdict_count; i++)
        channel_send(channel, VERDICT, &play->verdicts[i]);
}

static const struct channel_callbacks peer_callbacks = {on_peer, on_hello, NULL};

static void log_ready(int fd, unsigned int ready, void *data)
{
    struct log_datagram datagram = {0};
    ssize_t length = recv(fd, &datagram, sizeof(datagram), MSG_DONTWAIT);

    (void)ready;
    (void)data;
    if (length > (ssize_t)LOG_DATAGRAM_HEAD)
        say("log %u %.*s", datagram.level, (int)(length - (ssize_t)LOG_DATAGRAM_HEAD), datagram.text);
}

/* ------------------------------------------------------------------ what we do */

static void spawn_director(struct play *play)
{
    char *arguments[] = {(char *)(uintptr_t)play->program, NULL};
    posix_spawn_file_actions_t actions;
    int fds[2];

    must(channel_pair(fds) == 0, "channel");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 3);
    must(posix_spawn(&play->pid, play->program, &actions, NULL, arguments, environ) == 0, play->program);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    play->control = channel_new(play->loop, fds[0], ROLE_SUPERVISOR, ROLE_DIRECTOR, &control_callbacks, play);
}

static void send_board(struct play *play)
{
    channel_send_fd(play->control, CONTROL_BOARD, &(struct control_board){ROLE_DIRECTOR, 0},
                    board_fd(play->board));
}

/* The slice, before it a board that has room for it. */
static void send_slice(struct play *play)
{
    uint32_t objects = 0;
    int fd = conf_slice_write(play->model, CONF_SLICE_DIRECTOR, 0, 1, &objects);

    must(fd >= 0, "slice");
    if (play->board == NULL)
        play->board = board_new(ROLE_DIRECTOR, objects);
    else if (board_slots(play->board) < objects + objects / 2)
        play->board = board_copy_larger(play->board, objects);
    must(play->board != NULL, "board");
    send_board(play);
    channel_send_fd(play->control, CONTROL_SLICE, NULL, fd);
    close(fd);
}

static void send_start(struct play *play)
{
    struct control_identity identity = {.incarnation = ++play->incarnation,
                                        .uid = 65534,
                                        .gid = 65534,
                                        .flags = IDENTITY_NO_TANDEM_USER,
                                        .count = 1,
                                        .respawns = (uint32_t)play->incarnation - 1};
    int journal = open(play->journal_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    must(journal >= 0, play->journal_path);
    channel_send(play->control, CONTROL_IDENTITY, &identity);
    channel_send_fd(play->control, CONTROL_LOG, NULL, play->log[1]);
    for (size_t i = 0; i < PEERS; i++)
        channel_send_fd(play->control, CONTROL_PEER, &(struct control_peer){(uint16_t)play->peers[i].role, 0},
                        play->peers[i].fds[1]);
    channel_send_fd(play->control, CONTROL_FILE, &(struct control_file){CONTROL_FILE_IPVS_JOURNAL}, journal);
    send_slice(play);
    channel_send(play->control, CONTROL_TELL, NULL);
    channel_send(play->control, CONTROL_START, NULL);
    close(journal);
}

static void make_peers(struct play *play)
{
    static const enum role roles[PEERS] = {ROLE_CHECKER, ROLE_VRRP, ROLE_SCRIPTS};

    for (size_t i = 0; i < PEERS; i++) {
        struct peer *peer = &play->peers[i];

        if (peer->channel != NULL) {
            channel_free(peer->channel);
            close(peer->fds[1]);
        }
        peer->role = roles[i];
        must(channel_pair(peer->fds) == 0, "channel");
        peer->channel =
            channel_new(play->loop, peer->fds[0], peer->role, ROLE_DIRECTOR, &peer_callbacks, play);
    }
}

static void command_start(struct play *play, const char *path)
{
    conf_model_free(play->model);
    play->model = read_configuration(path);
    board_free(play->board);
    play->board = NULL;
    play->verdict_count = 0;
    play->incarnation = 0;
    make_peers(play);
    spawn_director(play);
    send_start(play);
}

static void command_respawn(struct play *play)
{
    spawn_director(play);
    send_start(play);
}

static void command_reload(struct play *play, const char *path)
{
    conf_model_free(play->model);
    play->model = read_configuration(path);
    send_slice(play);
}

static void remember(struct play *play, const struct verdict *verdict)
{
    for (size_t i = 0; i < play->verdict_count; i++) {
        if (play->verdicts[i].key == verdict->key) {
            play->verdicts[i] = *verdict;
            return;
        }
    }
    play->verdicts = realloc(play->verdicts, (play->verdict_count + 1) * sizeof(*verdict));
    must(play->verdicts != NULL, "memory");
    play->verdicts[play->verdict_count++] = *verdict;
}

static void command_verdict(struct play *play, unsigned int v, unsigned int r, unsigned int c, bool up)
{
    const struct conf_real_server *real = play->model->virtual_servers.items[v]->real_servers.items[r];
    struct verdict verdict = {.key = conf_key_checker(real->key, CONF_CHECK_TCP, c), .up = up};

    remember(play, &verdict);
    channel_send(play->peers[PEER_CHECKER].channel, VERDICT, &verdict);
}

static void command_record(const struct play *play, const char *v, const char *r)
{
    const struct conf_virtual_server *server =
        v[0] == '-' ? NULL : play->model->virtual_servers.items[strtoul(v, NULL, 10)];
    uint64_t key = server == NULL ? 0 : server->key;
    struct director_record record;

    if (server != NULL && r[0] != '-')
        key = server->real_servers.items[strtoul(r, NULL, 10)]->key;
    if (!board_read(play->board, key, &record))
        say("record none");
    else
        say("record kind=%u up=%u live_weight=%u in_table=%u last_error=%d changes=%" PRIu64
            " mended=%" PRIu64,
            record.kind, record.up, record.live_weight, record.in_table, record.last_error, record.changes,
            record.mended);
}

static void command_cpu(const struct play *play)
{
    unsigned long user = 0, system = 0;
    char path[64], text[512] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)play->pid);
    file = fopen(path, "re");
    must(file != NULL && fgets(text, sizeof(text), file) != NULL, path);
    fclose(file);
    must(sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                &system) == 2,
         path);
    say("cpu %ld", (long)(user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

static void command_vrrp_gone(struct play *play)
{
    struct peer *vrrp = &play->peers[PEER_VRRP];

    channel_free(vrrp->channel);
    close(vrrp->fds[1]);
    vrrp->channel = NULL;
}

/* The copies of the director's ends die with the supervisor too. */
static void command_gone(struct play *play)
{
    channel_free(play->control);
    play->control = NULL;
    for (size_t i = 0; i < PEERS; i++) {
        close(play->peers[i].fds[1]);
        play->peers[i].fds[1] = -1;
    }
}

static void obey_spawning(struct play *play, const char *line)
{
    char word[256];

    if (sscanf(line, "start %255s", word) == 1)
        command_start(play, word);
    else if (strcmp(line, "respawn") == 0)
        command_respawn(play);
    else if (sscanf(line, "reload %255s", word) == 1)
        command_reload(play, word);
    else if (strcmp(line, "tell") == 0)
        channel_send(play->control, CONTROL_TELL, NULL);
    else if (strcmp(line, "kill") == 0)
        kill(play->pid, SIGKILL);
    else if (strcmp(line, "stop") == 0)
        channel_send(play->control, CONTROL_STOP, NULL);
    else if (strcmp(line, "gone") == 0)
        command_gone(play);
    else if (strcmp(line, "vrrp-gone") == 0)
        command_vrrp_gone(play);
    else if (strcmp(line, "reap") == 0)
        reap(play);
    else
        say("broken command: %s", line);
}

static void obey(struct play *play, const char *line)
{
    unsigned int v, r, c;
    char word[16], other[16];

    if (sscanf(line, "verdict %u %u %u %4s", &v, &r, &c, word) == 4)
        command_verdict(play, v, r, c, strcmp(word, "up") == 0);
    else if (sscanf(line, "record %15s %15s", word, other) == 2)
        command_record(play, word, other);
    else if (strcmp(line, "cpu") == 0)
        command_cpu(play);
    else
        obey_spawning(play, line);
}

static void stdin_ready(int fd, unsigned int ready, void *data)
{
    static char pending[4096];
    static size_t used;
    struct play *play = data;
    ssize_t got = read(fd, pending + used, sizeof(pending) - 1 - used);
    char *end;

    (void)ready;
    if (got <= 0) {
        loop_stop(play->loop);
        return;
    }
    used += (size_t)got;
    pending[used] = '\0';
    while ((end = strchr(pending, '\n')) != NULL) {
        *end = '\0';
        obey(play, pending);
        used -= (size_t)(end + 1 - pending);
        memmove(pending, end + 1, used + 1);
    }
}

int main(int argc, char **argv)
{
    struct play play = {0};

    if (argc != 3) {
        fprintf(stderr, "usage: %s TANDEM-DIRECTOR JOURNAL\n", argv[0]);
        return 2;
    }
    play.program = argv[1];
    play.journal_path = argv[2];
    play.loop = loop_new();
    must(play.loop != NULL && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, play.log) == 0,
         "sockets");
    loop_watch_new(play.loop, play.log[0], LOOP_READ, log_ready, &play);
    loop_watch_new(play.loop, STDIN_FILENO, LOOP_READ, stdin_ready, &play);
    loop_run(play.loop);
    if (play.pid > 0)
        kill(play.pid, SIGKILL);
    return 0;
}
