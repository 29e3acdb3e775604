/*
 * The ctl process: answers the control socket from the boards, writes what signals ask for into files that
 * the supervisor opened, and passes orders to the supervisor. It holds no capability and no secret, can open
 * no file, and nobody waits for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/difference_summary.h"
#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "daemon/ctl/dump.h"
#include "daemon/ctl/server.h"
#include "daemon/ctl/status.h"

#define RESULT_TEXT_MAX (1U << 20)

struct ctl {
    struct child *child;
    struct conf_model *model; /* the slice; never NULL after start */
    struct ctl_server *server;
    struct ctl_configurations configurations; /* ours; passed on, never read */
};

static struct board *board_of(enum role role, uint16_t index, void *data)
{
    struct ctl *ctl = data;

    if (role == ROLE_CTL)
        return child_board(ctl->child);
    return child_board_of(ctl->child, role, index);
}

static struct status_source source_of(struct ctl *ctl)
{
    return (struct status_source){.model = ctl->model, .board_of = board_of, .data = ctl, .now = mono_now()};
}

static struct json_object *status(void *data)
{
    struct status_source source = source_of(data);

    return status_build(&source);
}

static struct json_object *statistics(void *data)
{
    struct status_source source = source_of(data);

    return dump_json(&source, 1);
}

static void order_reload(uint64_t id, void *data)
{
    struct ctl *ctl = data;
    struct command_id command = {id};

    channel_send(child_control(ctl->child), COMMAND_RELOAD, &command);
}

static void order_upgrade(uint64_t id, void *data)
{
    struct ctl *ctl = data;
    struct command_id command = {id};

    channel_send(child_control(ctl->child), COMMAND_UPGRADE, &command);
}

static struct ctl_configurations configurations(void *data)
{
    const struct ctl *ctl = data;

    return ctl->configurations;
}

static const struct ctl_server_callbacks server_callbacks = {status, statistics, configurations, order_reload,
                                                             order_upgrade};

static bool is_configured(uint64_t key, void *data)
{
    const struct ctl *ctl = data;

    for (uint32_t i = 0; i < ctl->model->instances.count; i++) {
        if (ctl->model->instances.items[i]->key == key)
            return true;
    }
    return false;
}

static bool take_slice(struct ctl *ctl)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(ctl->child), CONF_SLICE_CTL, &why);

    if (model == NULL) {
        log_error("the configuration cannot be read: %s", why);
        return false;
    }
    ctl->model = model;
    board_keep(child_board(ctl->child), is_configured, ctl);
    return true;
}

static void take_configuration(struct ctl *ctl)
{
    int fd = child_take_file(ctl->child, CONTROL_FILE_WHOLE);

    if (fd < 0)
        return;
    if (ctl->configurations.before >= 0)
        close(ctl->configurations.before);
    ctl->configurations = (struct ctl_configurations){.before = ctl->configurations.now, .now = fd};
}

static void start(struct child *child)
{
    struct ctl *ctl = child_data(child);
    const struct control_identity *identity = child_identity(child);
    int listener = child_take_file(child, CONTROL_FILE_CONTROL_SOCKET);

    ctl->child = child;
    ctl->configurations = (struct ctl_configurations){-1, -1};
    take_configuration(ctl);
    if (!take_slice(ctl))
        exit(EXIT_FAILURE);
    if (listener < 0)
        log_fatal("there is no control socket to serve");
    ctl->server = ctl_server_new(child_loop(child), listener, identity->control_gid, identity->incarnation,
                                 &server_callbacks, ctl);
    child_ready(child);
}

/* As far as ctl knows the configuration: neither scripts nor secrets. */
static void log_changes(const struct conf_model *before, const struct conf_model *now)
{
    struct conf_difference *difference = conf_difference_new(before, now);
    char text[CONF_SUMMARY_TEXT];

    if (difference->count > 0)
        log_notice("the reload: %s", conf_difference_summary(difference, text));
    else if (memcmp(before->digest, now->digest, sizeof(now->digest)) != 0)
        log_notice("the reload: scripts or other settings changed");
    conf_difference_free(difference);
}

static void reload(struct child *child)
{
    struct ctl *ctl = child_data(child);
    struct conf_model *before = ctl->model;
    bool taken = take_slice(ctl);

    take_configuration(ctl);
    child_reloaded(child, taken);
    if (!taken)
        return;
    log_changes(before, ctl->model);
    conf_model_free(before);
}

/* The text travels in a memfd of the supervisor's. */
static char *read_text(int fd)
{
    struct stat facts;
    ssize_t length = 0;
    char *text;

    if (fstat(fd, &facts) != 0 || facts.st_size < 0)
        facts.st_size = 0;
    if (facts.st_size > (off_t)RESULT_TEXT_MAX)
        facts.st_size = RESULT_TEXT_MAX;
    text = malloc((size_t)facts.st_size + 1);
    if (text == NULL)
        abort();
    if (facts.st_size > 0)
        length = pread(fd, text, (size_t)facts.st_size, 0);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : EIO;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

static void write_dump(struct ctl *ctl, const struct command_dump *order, int fd)
{
    struct command_dumped answer = {.id = order->id};
    struct status_source source = source_of(ctl);
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);

    if (out == NULL)
        abort();
    dump_write((enum dump_kind)order->kind, &source, order->json_version, out);
    fclose(out);
    answer.error = write_all(fd, bytes, length);
    free(bytes);
    if (order->clear != 0)
        dump_clear_counters(&source, child_board(ctl->child));
    channel_send(child_control(ctl->child), COMMAND_DUMPED, &answer);
}

static void control(struct child *child, enum message_type type, const void *payload, int fd)
{
    struct ctl *ctl = child_data(child);
    char *text;

    if (type == COMMAND_DUMP)
        write_dump(ctl, payload, fd);
    if (type == COMMAND_RESULT && ctl->server != NULL) {
        text = read_text(fd);
        ctl_server_reload_ended(ctl->server, payload, text);
        free(text);
    }
    if (fd >= 0)
        close(fd);
}

static void stop(struct child *child, bool supervisor_gone)
{
    struct ctl *ctl = child_data(child);

    (void)supervisor_gone;
    ctl_server_free(ctl->server);
    ctl->server = NULL;
    child_stopped(child);
}

int main(int argc, char **argv)
{
    static struct ctl ctl;
    static const struct child_callbacks callbacks = {
        .start = start, .reload = reload, .control = control, .stop = stop, .data = &ctl};
    int exit_status = child_main(ROLE_CTL, &callbacks, argc, argv);

    conf_model_free(ctl.model);
    return exit_status;
}
