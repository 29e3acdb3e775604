/*
 * The client's side of the control socket. See client.h.
 */
#include "daemon/ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/descriptor.h"

#define ANSWER_MAX (64U << 20)

struct answer {
    char *bytes;
    size_t length;
    size_t room;
    struct ctl_enclosed enclosed;
};

/* The path with another suffix, if it has that one; else with it in addition. */
static char *beside(const char *path, const char *suffix, const char *other)
{
    size_t length = strlen(path), without = length - strlen(suffix);
    char *result;

    if (length > strlen(suffix) && strcmp(path + without, suffix) == 0)
        length = without;
    if (asprintf(&result, "%.*s%s", (int)length, path, other) < 0)
        abort();
    return result;
}

char *ctl_socket_beside(const char *pid_file)
{
    return beside(pid_file, ".pid", ".sock");
}

char *ctl_key_beside(const char *socket_path)
{
    return beside(socket_path, ".sock", ".key");
}

static void explain_connect(const char *socket_path, int error, char why[static CTL_CLIENT_WHY])
{
    switch (error) {
    case ENOENT:
        snprintf(why, CTL_CLIENT_WHY,
                 "no daemon found: there is no control socket %s; is tandemd running, or with another pid "
                 "file (-p)?",
                 socket_path);
        break;
    case ECONNREFUSED:
        snprintf(why, CTL_CLIENT_WHY, "tandemd is not running: nobody serves its control socket %s",
                 socket_path);
        break;
    case EACCES:
    case EPERM:
        snprintf(why, CTL_CLIENT_WHY,
                 "no permission for %s: only root and members of the group tandem may ask; try sudo",
                 socket_path);
        break;
    default:
        snprintf(why, CTL_CLIENT_WHY, "%s: %s", socket_path, strerror(error));
    }
}

static int connect_to(const char *socket_path, char why[static CTL_CLIENT_WHY])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(socket_path) >= sizeof(address.sun_path)) {
        snprintf(why, CTL_CLIENT_WHY, "%.200s is too long for the path of a socket", socket_path);
        return -1;
    }
    strcpy(address.sun_path, socket_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    explain_connect(socket_path, errno, why);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A daemon that turns us away may have closed already; its answer is still to be read. */
static void send_request(int fd, enum ctl_verb verb)
{
    char line[64];
    int length = snprintf(line, sizeof(line), "{\"verb\":\"%s\"}\n", ctl_verb_name(verb));

    if (send(fd, line, (size_t)length, MSG_NOSIGNAL) != length)
        shutdown(fd, SHUT_WR);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void make_room(struct answer *answer)
{
    if (answer->room - answer->length >= 4096)
        return;
    answer->room = answer->room * 2 + 65536;
    answer->bytes = realloc(answer->bytes, answer->room);
    if (answer->bytes == NULL)
        abort();
}

void ctl_enclosed_close(struct ctl_enclosed *enclosed)
{
    for (size_t i = 0; i < CTL_DESCRIPTORS_MAX; i++) {
        if (enclosed->descriptors[i] >= 0)
            close(enclosed->descriptors[i]);
        enclosed->descriptors[i] = -1;
    }
}

static void keep_descriptor(struct answer *answer, int fd)
{
    for (size_t i = 0; i < CTL_DESCRIPTORS_MAX; i++) {
        if (answer->enclosed.descriptors[i] >= 0)
            continue;
        answer->enclosed.descriptors[i] = fd;
        return;
    }
    close(fd);
}

static ssize_t receive_some(int fd, struct answer *answer)
{
    struct iovec room = {answer->bytes + answer->length, answer->room - answer->length};
    union descriptor_control control;
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    int descriptor = length < 0 ? -1 : descriptor_take(&message, &(bool){false});

    if (descriptor >= 0)
        keep_descriptor(answer, descriptor);
    return length;
}

/* Reads up to the newline; NULL, or why there is no answer. */
static const char *receive_line(int fd, struct answer *answer, int timeout_ms)
{
    int64_t until = now_ms() + timeout_ms;
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    for (;;) {
        int64_t left = until - now_ms();
        int ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
        ssize_t length;

        if (ready == 0)
            return "the daemon did not answer in time; see its log";
        if (ready < 0)
            continue; /* a signal */
        make_room(answer);
        length = receive_some(fd, answer);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return "the daemon ended the connection without an answer; see its log";
        answer->length += (size_t)length;
        if (answer->bytes[answer->length - 1] == '\n')
            return NULL;
        if (answer->length > ANSWER_MAX)
            return "the answer is too long";
    }
}

static struct json_object *parse_answer(const struct answer *answer)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *object = json_tokener_parse_ex(tokener, answer->bytes, (int)answer->length);

    json_tokener_free(tokener);
    if (json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    return NULL;
}

struct json_object *ctl_ask_enclosed(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                                     struct ctl_enclosed *enclosed, char why[static CTL_CLIENT_WHY])
{
    struct json_object *object = NULL;
    struct answer answer = {.enclosed = {{-1, -1}}};
    const char *failure;
    int fd = connect_to(socket_path, why);

    *enclosed = answer.enclosed;
    if (fd < 0)
        return NULL;
    send_request(fd, verb);
    failure = receive_line(fd, &answer, timeout_ms);
    if (failure == NULL) {
        object = parse_answer(&answer);
        failure = "the answer is not what tandemd says; is it another program's socket?";
    }
    if (object == NULL) {
        snprintf(why, CTL_CLIENT_WHY, "%s: %s", socket_path, failure);
        ctl_enclosed_close(&answer.enclosed);
    }
    *enclosed = answer.enclosed;
    free(answer.bytes);
    close(fd);
    return object;
}

struct json_object *ctl_ask(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                            char why[static CTL_CLIENT_WHY])
{
    struct ctl_enclosed enclosed;
    struct json_object *answer = ctl_ask_enclosed(socket_path, verb, timeout_ms, &enclosed, why);

    ctl_enclosed_close(&enclosed);
    return answer;
}

struct json_object *ctl_demand(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                               struct ctl_enclosed *enclosed)
{
    char why[CTL_CLIENT_WHY];
    struct json_object *answer = ctl_ask_enclosed(socket_path, verb, timeout_ms, enclosed, why);
    struct json_object *error = NULL;

    if (answer == NULL) {
        fprintf(stderr, "tandemctl: %s\n", why);
        return NULL;
    }
    if (json_object_object_get_ex(answer, "error", &error)) {
        fprintf(stderr, "tandemctl: %s\n", json_object_get_string(error));
        json_object_put(answer);
        ctl_enclosed_close(enclosed);
        return NULL;
    }
    return answer;
}
