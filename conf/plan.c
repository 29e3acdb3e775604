/*
 * The difference of two configurations for people and programs. See plan.h.
 */
#include "conf/plan.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/difference_text.h"
#include "conf/slice.h"

/* ------------------------------------------------------------------ for people */

/* Each line of text behind a mark. */
static void print_marked(char mark, const char *text)
{
    while (text != NULL) {
        size_t length = strcspn(text, "\n");

        printf("    %c %.*s\n", mark, (int)length, text);
        text = text[length] == '\0' ? NULL : text + length + 1;
    }
}

/* "priority 100", "priority 150": one line that shows both values; "auth_pass", "auth_pass (changed)": the
 * second says it. */
static bool print_together(const struct conf_change *change)
{
    size_t keyword = strcspn(change->before, " ");

    if (strchr(change->before, '\n') != NULL || strchr(change->after, '\n') != NULL ||
        strncmp(change->before, change->after, keyword) != 0 || change->after[keyword] != ' ')
        return false;
    if (change->before[keyword] == '\0')
        printf("    ~ %s\n", change->after);
    else
        printf("    ~ %s -> %s\n", change->before, change->after + keyword + 1);
    return true;
}

struct conf_plan_view {
    struct json_object *root; /* NULL: text */
    struct json_object *changes;
    char *object; /* of the change before */
    size_t count;
};

static void print_change(struct conf_plan_view *view, const struct conf_change *change)
{
    if (view->object == NULL || strcmp(view->object, change->object) != 0) {
        free(view->object);
        view->object = strdup(change->object);
        puts(change->object);
    }
    if (change->before != NULL && change->after != NULL && print_together(change))
        return;
    print_marked('-', change->before);
    print_marked('+', change->after);
}

/* ------------------------------------------------------------------ for programs */

static void add_text(struct json_object *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, name, json_object_new_string(text));
}

static void add_change(struct conf_plan_view *view, const struct conf_change *change)
{
    struct json_object *object = json_object_new_object();

    add_text(object, "object", change->object);
    add_text(object, "before", change->before);
    add_text(object, "after", change->after);
    json_object_array_add(view->changes, object);
}

void conf_plan_view_member(struct conf_plan_view *view, const char *name, struct json_object *value)
{
    json_object_object_add(view->root, name, value);
}

/* ------------------------------------------------------------------ both */

struct conf_plan_view *conf_plan_view_new(bool json)
{
    struct conf_plan_view *view = calloc(1, sizeof(*view));

    if (view == NULL)
        abort();
    if (!json)
        return view;
    view->root = json_object_new_object();
    view->changes = json_object_new_array();
    json_object_object_add(view->root, "changes", view->changes);
    return view;
}

void conf_plan_view_change(const struct conf_change *change, void *data)
{
    struct conf_plan_view *view = data;

    view->count++;
    if (view->root == NULL)
        print_change(view, change);
    else
        add_change(view, change);
}

void conf_plan_view_free(struct conf_plan_view *view)
{
    json_object_put(view->root);
    free(view->object);
    free(view);
}

size_t conf_plan_view_end(struct conf_plan_view *view, const char *nothing)
{
    size_t count = view->count;

    if (view->root == NULL && count == 0)
        puts(nothing);
    if (view->root != NULL)
        puts(json_object_to_json_string_ext(view->root,
                                            JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    conf_plan_view_free(view);
    return count;
}

void conf_plan_view_compare(struct conf_plan_view *view, const struct conf_model *before,
                            const struct conf_model *after)
{
    struct conf_difference *difference = conf_difference_new(before, after);

    conf_difference_tell(difference, before, after, conf_plan_view_change, view);
    conf_difference_free(difference);
}

/* ------------------------------------------------------------------ loading */

/* NULL after an explanation, if it would not start. */
static struct conf_result *load(const struct conf_load_request *request)
{
    struct conf_result *result = conf_load(request);

    if (result == NULL) {
        fputs("there is no memory to load the configuration\n", stderr);
        return NULL;
    }
    if (conf_result_outcome(result) != CONF_OUTCOME_REFUSED)
        return result;
    conf_diagnostics_print(conf_result_diagnostics(result), stderr);
    if (conf_result_lacks_effects_only(result)) {
        fprintf(stderr, "%s would not start; this is the plan as if it did\n", request->path);
        return result;
    }
    fprintf(stderr, "%s would not start, so there is no plan\n", request->path);
    conf_result_free(result);
    return NULL;
}

struct conf_model *conf_plan_load(const struct conf_load_request *request, const struct conf_secret_key *key)
{
    struct conf_result *result = load(request);
    struct conf_model *model;
    const char *why;

    if (result == NULL)
        return NULL;
    model = conf_slice_take(conf_slice_write_whole(conf_result_model(result), key), CONF_SLICE_WHOLE, &why);
    if (model == NULL)
        fprintf(stderr, "%s cannot be compared: %s\n", request->path, why);
    conf_result_free(result);
    return model;
}

int conf_plan(const struct conf_load_request *before, const struct conf_load_request *after, bool json)
{
    struct conf_result *old = load(before), *new = load(after);
    bool good = old != NULL && new != NULL;

    if (good) {
        struct conf_plan_view *view = conf_plan_view_new(json);

        conf_plan_view_compare(view, conf_result_model(old), conf_result_model(new));
        conf_plan_view_end(view, "nothing changes");
        good = conf_result_outcome(new) != CONF_OUTCOME_REFUSED;
    }
    conf_result_free(new);
    conf_result_free(old);
    return good ? (int)CONF_OUTCOME_GOOD : (int)CONF_OUTCOME_REFUSED;
}
