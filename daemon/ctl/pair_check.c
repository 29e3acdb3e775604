/*
 * tandemctl check A B: both files' diagnostics, what the machines disagree about, and a table of what happens
 * when something fails. See pair.h.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/check.h"
#include "daemon/ctl/pair.h"
#include "daemon/ctl/table.h"

#define LABEL_BYTES 320

/* What is shown of one run. */
struct shown {
    struct pair *pair;
    struct pair_failure *failures;
    size_t failure_count;
    struct pair_outcome *outcomes; /* match_count of each failure */
    bool problems;
};

/* ------------------------------------------------------------------ words */

static const char *kind_word(enum pair_failure_kind kind)
{
    switch (kind) {
    case PAIR_BOX:
        return "machine";
    case PAIR_INTERFACE:
        return "interface";
    case PAIR_SCRIPT:
        return "script";
    case PAIR_FILE:
        return "file";
    case PAIR_PROCESS:
        return "process";
    case PAIR_BFD:
        return "BFD session";
    }
    return "?";
}

/* "A: interface eth0 goes down" */
static const char *failure_text(const struct pair_failure *failure, char text[static LABEL_BYTES])
{
    char box = "AB"[failure->box];

    switch (failure->kind) {
    case PAIR_BOX:
        snprintf(text, LABEL_BYTES, "%c: the machine dies", box);
        break;
    case PAIR_INTERFACE:
        snprintf(text, LABEL_BYTES, "%c: interface %s goes %s", box, failure->name,
                 failure->inverted ? "up" : "down");
        break;
    case PAIR_SCRIPT:
    case PAIR_PROCESS:
    case PAIR_BFD:
        snprintf(text, LABEL_BYTES, "%c: %s %s %s", box, kind_word(failure->kind), failure->name,
                 failure->inverted ? "is well (reverse)" : "fails");
        break;
    case PAIR_FILE:
        snprintf(text, LABEL_BYTES, "%c: file %s reads %d", box, failure->name, failure->value);
        break;
    }
    return text;
}

static const char *masters_text(unsigned int masters)
{
    static const char *const texts[] = {"nobody", "A", "B", "both"};

    return texts[masters & 3];
}

static const char *verdict_name(enum pair_verdict verdict)
{
    switch (verdict) {
    case PAIR_UNTOUCHED:
        return "untouched";
    case PAIR_STAYS:
        return "stays";
    case PAIR_FAILS_OVER:
        return "fails_over";
    case PAIR_NO_FAILOVER:
        return "no_failover";
    case PAIR_MOVES:
        return "moves";
    case PAIR_NOBODY:
        return "nobody";
    case PAIR_BOTH:
        return "both";
    }
    return "?";
}

static const char *verdict_text(enum pair_verdict verdict)
{
    switch (verdict) {
    case PAIR_UNTOUCHED:
        return "";
    case PAIR_STAYS:
        return "the master stays";
    case PAIR_FAILS_OVER:
        return "fails over";
    case PAIR_NO_FAILOVER:
        return "DOES NOT FAIL OVER";
    case PAIR_MOVES:
        return "MOVES TO WHAT FAILED";
    case PAIR_NOBODY:
        return "NOBODY IS MASTER";
    case PAIR_BOTH:
        return "BOTH ARE MASTER";
    }
    return "?";
}

/* ------------------------------------------------------------------ text */

static void print_findings(const struct pair *pair, FILE *out)
{
    for (size_t i = 0; i < pair->finding_count; i++) {
        const struct pair_finding *finding = &pair->findings[i];

        fprintf(out, "vrrp_instance %s: warning: %s\n    %s\n",
                pair_match_name(&pair->matches[finding->match]), finding->text, finding->advice);
    }
}

static void add_row(struct table *table, const struct shown *shown, size_t failure, size_t match)
{
    const struct pair_outcome *outcome = &shown->outcomes[failure * shown->pair->match_count + match];
    bool good = pair_verdict_is_good(outcome->verdict);
    char text[LABEL_BYTES];

    if (outcome->verdict == PAIR_UNTOUCHED)
        return;
    table_cell(table, TABLE_PLAIN, "%s", failure_text(&shown->failures[failure], text));
    table_cell(table, TABLE_PLAIN, "%s", pair_match_name(&shown->pair->matches[match]));
    table_cell(table, TABLE_PLAIN, "%s", masters_text(outcome->before));
    table_cell(table, TABLE_PLAIN, "%s", masters_text(outcome->after));
    if (outcome->verdict == PAIR_FAILS_OVER)
        table_cell(table, TABLE_GOOD, "fails over (%.1f s)", outcome->seconds);
    else
        table_cell(table, good ? TABLE_GOOD : TABLE_BAD, "%s", verdict_text(outcome->verdict));
}

static void print_table(const struct shown *shown, FILE *out)
{
    static const char *const titles[] = {"FAILURE", "INSTANCE", "MASTER", "THEN", "RESULT", NULL};
    struct table *table = table_new(titles);

    for (size_t i = 0; i < shown->failure_count; i++) {
        for (size_t j = 0; j < shown->pair->match_count; j++)
            add_row(table, shown, i, j);
    }
    table_print(table, out, 0, isatty(fileno(out)) != 0);
    table_free(table);
}

/* ------------------------------------------------------------------ JSON */

static struct json_object *findings_json(const struct pair *pair)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < pair->finding_count; i++) {
        const struct pair_finding *finding = &pair->findings[i];
        struct json_object *object = json_object_new_object();

        json_object_object_add(object, "instance",
                               json_object_new_string(pair_match_name(&pair->matches[finding->match])));
        json_object_object_add(object, "text", json_object_new_string(finding->text));
        json_object_object_add(object, "advice", json_object_new_string(finding->advice));
        json_object_array_add(list, object);
    }
    return list;
}

static struct json_object *outcome_json(const struct pair_failure *failure, const struct pair_match *match,
                                        const struct pair_outcome *outcome)
{
    static const char *const boxes[] = {"A", "B"};
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "box", json_object_new_string(boxes[failure->box]));
    json_object_object_add(object, "failure", json_object_new_string(kind_word(failure->kind)));
    if (failure->name != NULL)
        json_object_object_add(object, "name", json_object_new_string(failure->name));
    json_object_object_add(object, "instance", json_object_new_string(pair_match_name(match)));
    json_object_object_add(object, "master", json_object_new_string(masters_text(outcome->before)));
    json_object_object_add(object, "then", json_object_new_string(masters_text(outcome->after)));
    json_object_object_add(object, "seconds", json_object_new_double(outcome->seconds));
    json_object_object_add(object, "result", json_object_new_string(verdict_name(outcome->verdict)));
    json_object_object_add(object, "good", json_object_new_boolean(pair_verdict_is_good(outcome->verdict)));
    return object;
}

static struct json_object *outcomes_json(const struct shown *shown)
{
    struct json_object *list = json_object_new_array();
    size_t matches = shown->pair->match_count;

    for (size_t i = 0; i < shown->failure_count * matches; i++) {
        if (shown->outcomes[i].verdict != PAIR_UNTOUCHED)
            json_object_array_add(list,
                                  outcome_json(&shown->failures[i / matches],
                                               &shown->pair->matches[i % matches], &shown->outcomes[i]));
    }
    return list;
}

static void print_json(struct conf_result *const results[PAIR_BOXES], const struct shown *shown, int status)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "exit_status", json_object_new_int(status));
    json_object_object_add(object, "A", conf_check_json(results[0]));
    json_object_object_add(object, "B", conf_check_json(results[1]));
    if (shown->pair != NULL) {
        json_object_object_add(object, "differences", findings_json(shown->pair));
        json_object_object_add(object, "failures", outcomes_json(shown));
    }
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}

/* ------------------------------------------------------------------ the check */

static void run(struct shown *shown, const struct conf_model *a, const struct conf_model *b)
{
    struct pair_world *world;
    size_t matches;

    shown->pair = pair_new(a, b);
    shown->failures = pair_failures(shown->pair, &shown->failure_count);
    matches = shown->pair->match_count;
    shown->outcomes = calloc(shown->failure_count * matches + 1, sizeof(*shown->outcomes));
    if (shown->outcomes == NULL)
        abort();
    world = pair_world_new(shown->pair, shown->failures, shown->failure_count);
    for (size_t i = 0; i < shown->failure_count; i++)
        pair_world_run(world, &shown->failures[i], &shown->outcomes[i * matches]);
    pair_world_free(world);
    shown->problems = shown->pair->finding_count > 0;
    for (size_t i = 0; i < shown->failure_count * matches; i++)
        shown->problems = shown->problems || !pair_verdict_is_good(shown->outcomes[i].verdict);
}

static void print_text(const char *const files[PAIR_BOXES], struct conf_result *const results[PAIR_BOXES],
                       const struct shown *shown)
{
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        conf_diagnostics_print(conf_result_diagnostics(results[box]), stderr);
    if (shown->pair == NULL)
        return;
    print_findings(shown->pair, stderr);
    printf("A is %s, B is %s\n", files[0], files[1]);
    print_table(shown, stdout);
}

static int check_results(const char *const files[PAIR_BOXES], struct conf_result *const results[PAIR_BOXES],
                         bool json)
{
    int a = (int)conf_result_outcome(results[0]), b = (int)conf_result_outcome(results[1]);
    int status = a > b ? a : b;
    struct shown shown = {0};

    if (status != CONF_OUTCOME_REFUSED)
        run(&shown, conf_result_model(results[0]), conf_result_model(results[1]));
    if (shown.problems && status == CONF_OUTCOME_GOOD)
        status = CONF_OUTCOME_COMPLAINTS;
    if (json)
        print_json(results, &shown, status);
    else
        print_text(files, results, &shown);
    if (shown.pair != NULL)
        pair_free(shown.pair);
    free(shown.failures);
    free(shown.outcomes);
    return status;
}

int pair_check(const char *const files[PAIR_BOXES], const char *config_id, bool json)
{
    struct conf_result *results[PAIR_BOXES];
    int status = CONF_OUTCOME_REFUSED;

    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        results[box] = conf_load(&(struct conf_load_request){.path = files[box], .config_id = config_id});
    if (results[0] != NULL && results[1] != NULL)
        status = check_results(files, results, json);
    else
        fputs("there is no memory to load the configuration\n", stderr);
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        conf_result_free(results[box]);
    return status;
}
