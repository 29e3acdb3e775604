/*
 * The configuration in force. See running.h.
 */
#include "daemon/ctl/running.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/plan.h"
#include "conf/print.h"
#include "conf/slice.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"

#define ANSWER_PATIENCE_MS 10000
#define RELOAD_PATIENCE_MS 130000

/* ------------------------------------------------------------------ asking for it */

/* Takes the descriptor. NULL after an explanation. */
static struct conf_model *take(int *descriptor)
{
    const char *why;
    struct conf_model *model = conf_slice_take(*descriptor, CONF_SLICE_WHOLE, &why);

    *descriptor = -1;
    if (model == NULL)
        fprintf(stderr, "tandemctl: the configuration in force cannot be read: %s\n", why);
    return model;
}

struct conf_model *running_ask(const char *socket_path)
{
    struct ctl_enclosed enclosed;
    struct json_object *answer = ctl_demand(socket_path, CTL_CONFIG, ANSWER_PATIENCE_MS, &enclosed);
    struct conf_model *model;

    if (answer == NULL)
        return NULL;
    json_object_put(answer);
    model = take(&enclosed.descriptors[0]);
    ctl_enclosed_close(&enclosed);
    return model;
}

/* ------------------------------------------------------------------ config, plan */

int running_print(const char *socket_path)
{
    struct conf_model *model = running_ask(socket_path);
    char *text;

    if (model == NULL)
        return TANDEMCTL_FAILED;
    text = conf_print(model);
    if (text == NULL)
        abort();
    fputs(text, stdout);
    free(text);
    conf_model_free(model);
    return TANDEMCTL_GOOD;
}

/* What the daemon's marks for secrets are made with. False after an explanation. */
static bool read_key(const char *socket_path, struct conf_secret_key *key)
{
    char *path = ctl_key_beside(socket_path);
    bool good = conf_secret_key_read(key, path);

    if (!good)
        fprintf(stderr, "tandemctl: passwords cannot be compared: %s: %s\n", path, strerror(errno));
    free(path);
    return good;
}

int running_plan(const char *socket_path, const struct conf_load_request *file, bool json)
{
    struct conf_model *running = running_ask(socket_path), *wanted;
    struct conf_secret_key key;
    struct conf_plan_view *view;

    if (running == NULL || !read_key(socket_path, &key)) {
        conf_model_free(running);
        return TANDEMCTL_FAILED;
    }
    wanted = conf_plan_load(file, &key);
    if (wanted == NULL) {
        conf_model_free(running);
        return TANDEMCTL_REFUSED;
    }
    view = conf_plan_view_new(json);
    conf_plan_view_compare(view, running, wanted);
    conf_plan_view_end(view, "nothing changes");
    conf_model_free(running);
    conf_model_free(wanted);
    return TANDEMCTL_GOOD;
}

/* ------------------------------------------------------------------ reload */

/* Nothing to compare is nothing to say: the process that knew what was in force before has been replaced. */
static void show_changes(struct conf_plan_view *view, struct ctl_enclosed *enclosed)
{
    struct conf_model *before, *now;

    if (enclosed->descriptors[0] < 0 || enclosed->descriptors[1] < 0)
        return;
    before = take(&enclosed->descriptors[0]);
    now = take(&enclosed->descriptors[1]);
    if (before != NULL && now != NULL)
        conf_plan_view_compare(view, before, now);
    conf_model_free(now);
    conf_model_free(before);
}

/* The daemon's answer as it is, with what changed. */
static void show_as_json(struct json_object *answer, struct ctl_enclosed *enclosed)
{
    static const char *const names[] = {"ok", "outcome", "text"};
    struct conf_plan_view *view = conf_plan_view_new(true);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct json_object *value;

        if (json_object_object_get_ex(answer, names[i], &value))
            conf_plan_view_member(view, names[i], json_object_get(value));
    }
    show_changes(view, enclosed);
    conf_plan_view_end(view, NULL);
}

static void show_as_text(bool ok, struct ctl_enclosed *enclosed)
{
    bool known = enclosed->descriptors[0] >= 0 && enclosed->descriptors[1] >= 0;
    struct conf_plan_view *view;

    if (!ok) {
        fputs("tandemctl: the new configuration was refused; the one in force stays\n", stderr);
        return;
    }
    puts("the new configuration is in force");
    if (!known)
        return;
    view = conf_plan_view_new(false);
    show_changes(view, enclosed);
    conf_plan_view_end(view, "nothing changed");
}

int running_reload(const char *socket_path, bool json)
{
    struct ctl_enclosed enclosed;
    struct json_object *answer = ctl_demand(socket_path, CTL_RELOAD, RELOAD_PATIENCE_MS, &enclosed);
    struct json_object *member = NULL;
    int outcome = TANDEMCTL_FAILED;
    bool ok;

    if (answer == NULL)
        return TANDEMCTL_FAILED;
    ok = json_object_object_get_ex(answer, "ok", &member) && json_object_get_boolean(member);
    if (!json && json_object_object_get_ex(answer, "text", &member))
        fputs(json_object_get_string(member), stderr);
    if (json_object_object_get_ex(answer, "outcome", &member))
        outcome = json_object_get_int(member);
    if (json)
        show_as_json(answer, &enclosed);
    else
        show_as_text(ok, &enclosed);
    json_object_put(answer);
    ctl_enclosed_close(&enclosed);
    return !ok && outcome == TANDEMCTL_GOOD ? TANDEMCTL_REFUSED : outcome;
}
