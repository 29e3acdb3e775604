/*
 * The daemon's part of the comparison: its configuration and the state it tells. See drift.h.
 */
#include "daemon/ctl/drift.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/digest.h"
#include "conf/plan.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/drift_parts.h"
#include "daemon/ctl/members.h"
#include "daemon/ctl/running.h"

#define ANSWER_PATIENCE_MS 10000
#define ATTEMPTS           5 /* to get state and configuration of the same moment */

/* ------------------------------------------------------------------ states */

static void add_state(struct drift *drift, struct json_object *object, const char *up)
{
    struct drift_state *state;
    uint64_t key = strtoull(member_text(object, "key"), NULL, 16);

    if (strcmp(member_text(object, "state"), "UNKNOWN") == 0 || drift_state_of(drift, key) != NULL)
        return;
    state = calloc(1, sizeof(*state));
    if (state == NULL)
        abort();
    state->key = key;
    state->up = strcmp(member_text(object, "state"), up) == 0;
    state->weight = (uint16_t)json_object_get_int(member(object, "wanted_weight"));
    HASH_ADD(hh, drift->states, key, sizeof(state->key), state);
}

static void add_states(struct drift *drift, struct json_object *list, const char *up)
{
    for (size_t i = 0; i < length_of(list); i++) {
        struct json_object *object = json_object_array_get_idx(list, i);

        add_state(drift, object, up);
        add_states(drift, member(object, "real_servers"), up);
    }
}

const struct drift_state *drift_state_of(const struct drift *drift, uint64_t key)
{
    struct drift_state *found = NULL;

    HASH_FIND(hh, drift->states, &key, sizeof(key), found);
    return found;
}

static void forget_states(struct drift *drift)
{
    struct drift_state *state, *next;

    HASH_ITER(hh, drift->states, state, next)
    {
        HASH_DEL(drift->states, state);
        free(state);
    }
}

typedef void real_server_visitor(struct drift_state *state, const struct conf_real_server *real);

static void visit_real_servers(struct drift *drift, const struct conf_model *model,
                               real_server_visitor *visit)
{
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < server->real_servers.count; j++) {
            struct drift_state *state = NULL;

            HASH_FIND(hh, drift->states, &server->real_servers.items[j]->key, sizeof(state->key), state);
            if (state != NULL)
                visit(state, server->real_servers.items[j]);
        }
    }
}

static void note_weight(struct drift_state *state, const struct conf_real_server *real)
{
    state->has_configured_weight = state->weight == real->weight;
}

static void take_weight(struct drift_state *state, const struct conf_real_server *real)
{
    if (state->has_configured_weight)
        state->weight = real->weight;
}

/* ------------------------------------------------------------------ asking the daemon */

static struct json_object *ask_status(const char *socket_path)
{
    struct ctl_enclosed enclosed;
    struct json_object *answer = ctl_demand(socket_path, CTL_STATUS, ANSWER_PATIENCE_MS, &enclosed), *status;

    ctl_enclosed_close(&enclosed);
    status = json_object_get(member(answer, "status"));
    json_object_put(answer);
    return status;
}

/* Both of the same configuration; false after an explanation. */
static bool ask_daemon(const char *socket_path, struct conf_model **model, struct json_object **status)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        char digest[CONF_DIGEST_TEXT];

        *model = running_ask(socket_path);
        *status = *model == NULL ? NULL : ask_status(socket_path);
        if (*status != NULL && strcmp(member_text(member(*status, "configuration"), "digest"),
                                      conf_digest_text((*model)->digest, digest)) == 0)
            return true;
        conf_model_free(*model);
        if (*model == NULL || *status == NULL)
            return false;
        json_object_put(*status);
    }
    fputs("tandemctl: the daemon is reloading; try again\n", stderr);
    return false;
}

/* 0 if none runs. */
static int pid_of(struct json_object *status, const char *role)
{
    struct json_object *processes = member(status, "processes");

    for (size_t i = 0; i < length_of(processes); i++) {
        struct json_object *process = json_object_array_get_idx(processes, i);

        if (strcmp(member_text(process, "role"), role) == 0)
            return json_object_get_int(member(process, "pid"));
    }
    return 0;
}

/* False after an explanation. */
static bool enter_network_of(int pid)
{
    char path[40];
    bool entered;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
    if (!entered)
        fprintf(stderr, "tandemctl: the daemon's network namespace cannot be entered: %s: %s\n", path,
                strerror(errno));
    if (fd >= 0)
        close(fd);
    return entered;
}

/* ------------------------------------------------------------------ the whole */

/* What no process of the daemon's does, as with tandemd -P or -C, is not missing. */
static bool compare(const struct drift *drift, struct json_object *status)
{
    bool same = drift->running == drift->wanted;
    int links = pid_of(status, "links"), director = pid_of(status, "director");

    if (!enter_network_of(pid_of(status, "ctl")))
        return false;
    if ((links != 0 || !same) && !drift_links(drift))
        return false;
    if (director != 0 && !enter_network_of(director))
        return false;
    return (director == 0 && same) || drift_ipvs(drift);
}

int drift_plan(const char *socket_path, const struct conf_load_request *file, bool json)
{
    struct conf_model *wanted = file == NULL ? NULL : conf_plan_load(file, NULL), *running;
    struct drift drift = {.told = conf_plan_view_change};
    struct json_object *status;
    bool done = false;
    size_t count;

    if (file != NULL && wanted == NULL)
        return TANDEMCTL_REFUSED;
    drift.data = conf_plan_view_new(json);
    if (ask_daemon(socket_path, &running, &status)) {
        drift.running = running;
        drift.wanted = file == NULL ? running : wanted;
        add_states(&drift, member(status, "instances"), "MASTER");
        add_states(&drift, member(status, "virtual_servers"), "UP");
        visit_real_servers(&drift, drift.running, note_weight);
        visit_real_servers(&drift, drift.wanted, take_weight); /* what checks make of weights stays */
        done = compare(&drift, status);
        forget_states(&drift);
        json_object_put(status);
        conf_model_free(running);
    }
    conf_model_free(wanted);
    if (!done) {
        conf_plan_view_free(drift.data);
        return TANDEMCTL_FAILED;
    }
    count = conf_plan_view_end(drift.data, "the kernel has what it is to have");
    return count == 0 ? TANDEMCTL_GOOD : TANDEMCTL_DRIFT;
}
