/*
 * The difference of two configurations for people and programs. See plan.h.
 */
#include "conf/plan.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/difference_text.h"

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

struct listing {
    char *object; /* of the change before */
};

static void print_change(const struct conf_change *change, void *data)
{
    struct listing *listing = data;

    if (listing->object == NULL || strcmp(listing->object, change->object) != 0) {
        free(listing->object);
        listing->object = strdup(change->object);
        puts(change->object);
    }
    if (change->before != NULL && change->after != NULL && print_together(change))
        return;
    print_marked('-', change->before);
    print_marked('+', change->after);
}

static void print_text(const struct conf_difference *difference, const struct conf_model *before,
                       const struct conf_model *after)
{
    struct listing listing = {0};

    if (conf_difference_tell(difference, before, after, print_change, &listing) == 0)
        puts("nothing changes");
    free(listing.object);
}

/* ------------------------------------------------------------------ for programs */

static void add_text(struct json_object *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, name, json_object_new_string(text));
}

static void add_change(const struct conf_change *change, void *data)
{
    struct json_object *object = json_object_new_object();

    add_text(object, "object", change->object);
    add_text(object, "before", change->before);
    add_text(object, "after", change->after);
    json_object_array_add(data, object);
}

static void print_json(const struct conf_difference *difference, const struct conf_model *before,
                       const struct conf_model *after)
{
    struct json_object *object = json_object_new_object(), *changes = json_object_new_array();

    conf_difference_tell(difference, before, after, add_change, changes);
    json_object_object_add(object, "changes", changes);
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

/* ------------------------------------------------------------------ both */

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
    fprintf(stderr, "%s would not start, so there is no plan\n", request->path);
    conf_result_free(result);
    return NULL;
}

int conf_plan(const struct conf_load_request *before, const struct conf_load_request *after, bool json)
{
    struct conf_result *old = load(before), *new = load(after);
    struct conf_difference *difference;
    bool good = old != NULL && new != NULL;

    if (good) {
        const struct conf_model *from = conf_result_model(old), *to = conf_result_model(new);

        difference = conf_difference_new(from, to);
        if (json)
            print_json(difference, from, to);
        else
            print_text(difference, from, to);
        conf_difference_free(difference);
    }
    conf_result_free(new);
    conf_result_free(old);
    return good ? (int)CONF_OUTCOME_GOOD : (int)CONF_OUTCOME_REFUSED;
}
