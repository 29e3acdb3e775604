/*
 * Checking a configuration for a person or a program: text to stderr, or JSON to stdout. See check.h.
 */
#include "conf/check.h"

#include <json-c/json.h>
#include <stdio.h>

#include "conf/digest.h"
#include "conf/load.h"

#define LINE_BYTES_MAX 65536 /* a longer line is not repeated with each problem in it */

static const char *problem_name(enum conf_problem problem)
{
    static const char *const names[] = {
        [CONF_PROBLEM_FILE] = "file",
        [CONF_PROBLEM_INCLUDE] = "include",
        [CONF_PROBLEM_TEXT] = "text",
        [CONF_PROBLEM_DEFINITION] = "definition",
        [CONF_PROBLEM_SEQUENCE] = "sequence",
        [CONF_PROBLEM_BRACE] = "brace",
        [CONF_PROBLEM_UNKNOWN_KEYWORD] = "unknown_keyword",
        [CONF_PROBLEM_MISPLACED] = "misplaced",
        [CONF_PROBLEM_NOT_BUILT] = "not_built",
        [CONF_PROBLEM_NO_EFFECT] = "no_effect",
        [CONF_PROBLEM_DEPRECATED] = "deprecated",
        [CONF_PROBLEM_ARGUMENT] = "argument",
        [CONF_PROBLEM_VALUE] = "value",
        [CONF_PROBLEM_DUPLICATE] = "duplicate",
        [CONF_PROBLEM_MISSING] = "missing",
        [CONF_PROBLEM_CONFLICT] = "conflict",
        [CONF_PROBLEM_REFERENCE] = "reference",
        [CONF_PROBLEM_DEFAULT] = "default",
        [CONF_PROBLEM_TOO_MANY] = "too_many",
    };

    return (size_t)problem < sizeof(names) / sizeof(names[0]) && names[problem] != NULL ? names[problem]
                                                                                        : "?";
}

static const char *outcome_name(enum conf_outcome outcome)
{
    switch (outcome) {
    case CONF_OUTCOME_GOOD:
        return "good";
    case CONF_OUTCOME_COMPLAINTS:
        return "complaints";
    case CONF_OUTCOME_REFUSED:
        return "refused";
    }
    return "?";
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, name, json_object_new_string(text));
}

static void add_position(struct json_object *object, const struct conf_sources *sources,
                         const struct conf_position *position)
{
    if (position->source == 0)
        return;
    add_text(object, "file", conf_source_name(sources, position->source));
    json_object_object_add(object, "line", json_object_new_int64(position->line));
    json_object_object_add(object, "column", json_object_new_int64(position->column));
}

/* Newest use first. */
static struct json_object *expansions_json(const struct conf_sources *sources, uint32_t number)
{
    struct json_object *list = json_object_new_array();
    const struct conf_expansion *expansion;

    while ((expansion = conf_source_expansion(sources, number)) != NULL) {
        struct json_object *object = json_object_new_object();

        add_text(object, "name", expansion->name);
        add_position(object, sources, &expansion->used_at);
        json_object_array_add(list, object);
        number = expansion->used_at.expansion;
    }
    return list;
}

static void add_source_line(struct json_object *object, const struct conf_sources *sources,
                            const struct conf_diagnostic *diagnostic)
{
    const struct conf_position *position = &diagnostic->position;
    const char *text;
    size_t length;

    if (!conf_source_line(sources, position->source, position->line, &text, &length) ||
        length > LINE_BYTES_MAX)
        return;
    json_object_object_add(object, "width", json_object_new_int64(diagnostic->width));
    json_object_object_add(object, "source", json_object_new_string_len(text, (int)length));
}

static struct json_object *diagnostic_json(const struct conf_sources *sources,
                                           const struct conf_diagnostic *diagnostic)
{
    struct json_object *object = json_object_new_object(), *related = json_object_new_array();

    add_text(object, "severity", conf_severity_word(diagnostic->severity));
    add_text(object, "problem", problem_name(diagnostic->problem));
    add_position(object, sources, &diagnostic->position);
    add_source_line(object, sources, diagnostic);
    add_text(object, "text", diagnostic->text);
    add_text(object, "expected", diagnostic->expected);
    add_text(object, "suggestion", diagnostic->suggestion);
    add_text(object, "advice", diagnostic->advice);
    for (uint32_t i = 0; i < diagnostic->related_count; i++) {
        struct json_object *place = json_object_new_object();

        add_position(place, sources, &diagnostic->related[i].position);
        add_text(place, "text", diagnostic->related[i].text);
        json_object_array_add(related, place);
    }
    json_object_object_add(object, "related", related);
    json_object_object_add(object, "expansions", expansions_json(sources, diagnostic->position.expansion));
    return object;
}

struct json_object *conf_check_json(struct conf_result *result)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    enum conf_outcome outcome = conf_result_outcome(result);
    struct json_object *object = json_object_new_object(), *list = json_object_new_array();
    char text[CONF_DIGEST_TEXT];
    uint8_t digest[16];

    add_text(object, "outcome", outcome_name(outcome));
    json_object_object_add(object, "exit_status", json_object_new_int((int)outcome));
    if (outcome != CONF_OUTCOME_REFUSED) {
        conf_digest(conf_result_model(result), digest);
        add_text(object, "digest", conf_digest_text(digest, text));
    }
    conf_diagnostics_sort(diagnostics);
    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++)
        json_object_array_add(
            list, diagnostic_json(conf_result_sources(result), conf_diagnostics_item(diagnostics, i)));
    json_object_object_add(object, "diagnostics", list);
    return object;
}

static void print_json(struct conf_result *result)
{
    struct json_object *object = conf_check_json(result);

    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

int conf_check(const struct conf_load_request *request, bool json)
{
    struct conf_load_request own = *request;
    enum conf_outcome outcome = CONF_OUTCOME_REFUSED;
    struct conf_result *result;

    own.verdict_only = !json; /* which has the model's digest */
    result = conf_load(&own);
    if (result == NULL) {
        fputs("there is no memory to load the configuration\n", stderr);
        return (int)outcome;
    }
    outcome = conf_result_outcome(result);
    if (json)
        print_json(result);
    else
        conf_diagnostics_print(conf_result_diagnostics(result), stderr);
    conf_result_free(result);
    return (int)outcome;
}
