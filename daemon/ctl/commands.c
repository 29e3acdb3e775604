/*
 * The commands of tandemctl. One table of commands and one of options feed parsing and help. See commands.h.
 */
#include "daemon/ctl/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/check.h"
#include "conf/keyword_help.h"
#include "conf/plan.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/pair.h"
#include "daemon/ctl/statistics_view.h"
#include "daemon/ctl/status_view.h"
#include "daemon/ctl/upgrade_wait.h"

#define DEFAULT_PID_FILE   TANDEM_RUNDIR "/tandemd.pid"
#define ANSWER_PATIENCE_MS 10000
#define RELOAD_PATIENCE_MS 130000

static const struct {
    const char *name;
    const char *argument; /* NULL = none */
    const char *text;
} commands[COMMAND_COUNT] = {
    [COMMAND_STATUS] = {"status", NULL, "show what the running daemon does (the default)"},
    [COMMAND_STATS] = {"stats", NULL, "show the counters of the virtual routers"},
    [COMMAND_DO_RELOAD] = {"reload", NULL, "let it read its configuration again; wait for the outcome"},
    [COMMAND_CHECK] = {"check", "FILE [FILE]",
                       "check a configuration, or those of both machines and who is master when; no daemon"},
    [COMMAND_PLAN] = {"plan", "FILE", "show what would change from the file of --against to this one"},
    [COMMAND_KEYWORD] = {"keyword", "WORD", "print what a keyword of the configuration means"},
    [COMMAND_VERSION] = {"version", NULL, "print the versions of this program and of the daemon"},
    [COMMAND_DO_UPGRADE] = {"upgrade", NULL,
                            "let the daemon go over to the version now installed; wait until it has"},
};

static const struct {
    char letter;
    const char *name;
    const char *argument;
    const char *text;
} rows[] = {
    {'j', "json", NULL, "status, stats, check, plan: print JSON"},
    {'s', "socket", "PATH", "the daemon's control socket (default: beside its pid file)"},
    {'p', "pid", "FILE", "the daemon's pid file (default: " DEFAULT_PID_FILE ")"},
    {'i', "config-id", "ID", "check, plan: the identity that lines beginning with @ID ask for"},
    {'a', "against", "FILE", "plan: the configuration to begin from"},
    {'h', "help", NULL, "print this"},
    {'v', "version", NULL, "print the version of this program"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

void tandemctl_print_help(FILE *out)
{
    fputs("usage: tandemctl [OPTION]... [COMMAND]\n\n"
          "Asks and commands a running tandemd.\n\nCommands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *argument = commands[i].argument == NULL ? "" : commands[i].argument;

        fprintf(out, "  %s %-*s %s\n", commands[i].name, (int)(15 - strlen(commands[i].name)), argument,
                commands[i].text);
    }
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < ROWS; i++) {
        const char *argument = rows[i].argument == NULL ? "" : rows[i].argument;

        fprintf(out, "  -%c, --%s%s%-*s %s\n", rows[i].letter, rows[i].name, *argument == '\0' ? " " : "=",
                (int)(15 - strlen(rows[i].name)), argument, rows[i].text);
    }
    fputs("\nExit status: 0 good; 1 the configuration runs, with complaints; 2 it would not start, and a\n"
          "running daemon keeps the one it has; 3 the daemon could not be asked, or wrong usage.\n"
          "Root may do everything, members of the group tandem may look. Manual: tandemctl(1).\n",
          out);
}

/* ------------------------------------------------------------------ the command line */

/* The daemon may have been started under keepalived's name. */
static const char *usual_pid_file(void)
{
    bool runs_as_keepalived =
        access(TANDEM_RUNDIR "/tandemd.sock", F_OK) != 0 && access("/run/keepalived.sock", F_OK) == 0;

    return runs_as_keepalived ? "/run/keepalived.pid" : DEFAULT_PID_FILE;
}

static enum tandemctl_parsed apply(int letter, struct tandemctl_options *options)
{
    switch (letter) {
    case 'j':
        options->json = true;
        return TANDEMCTL_RUN;
    case 's':
        options->socket = optarg;
        return TANDEMCTL_RUN;
    case 'p':
        options->pid_file = optarg;
        return TANDEMCTL_RUN;
    case 'i':
        options->id = optarg;
        return TANDEMCTL_RUN;
    case 'a':
        options->against = optarg;
        return TANDEMCTL_RUN;
    case 'v':
        puts("tandemctl " TANDEM_VERSION);
        return TANDEMCTL_DONE;
    case 'h':
        tandemctl_print_help(stdout);
        return TANDEMCTL_DONE;
    }
    fputs("see tandemctl --help\n", stderr);
    return TANDEMCTL_WRONG;
}

static enum tandemctl_parsed parse_options(int argc, char **argv, struct tandemctl_options *options)
{
    struct option long_options[ROWS + 1] = {0};
    char letters[2 * ROWS + 1];
    size_t used = 0;
    int letter;

    for (size_t i = 0; i < ROWS; i++) {
        int argument = rows[i].argument == NULL ? no_argument : required_argument;

        long_options[i] = (struct option){rows[i].name, argument, NULL, rows[i].letter};
        letters[used++] = rows[i].letter;
        if (argument == required_argument)
            letters[used++] = ':';
    }
    letters[used] = '\0';
    optind = 0; /* glibc: begin anew, for tests that parse more than once */
    while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        enum tandemctl_parsed parsed = apply(letter, options);

        if (parsed != TANDEMCTL_RUN)
            return parsed;
    }
    return TANDEMCTL_RUN;
}

static bool find_command(const char *name, struct tandemctl_options *options)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            options->command = (enum tandemctl_command)i;
            return true;
        }
    }
    fprintf(stderr, "tandemctl: '%s' is not a command; see tandemctl --help\n", name);
    return false;
}

enum tandemctl_parsed tandemctl_parse(int argc, char **argv, struct tandemctl_options *options)
{
    enum tandemctl_parsed parsed;
    int left, wanted;

    *options = (struct tandemctl_options){.command = COMMAND_STATUS, .pid_file = usual_pid_file()};
    parsed = parse_options(argc, argv, options);
    if (parsed != TANDEMCTL_RUN)
        return parsed;
    if (optind < argc && !find_command(argv[optind++], options))
        return TANDEMCTL_WRONG;
    left = argc - optind;
    wanted = commands[options->command].argument == NULL ? 0 : 1;
    if (left != wanted && !(options->command == COMMAND_CHECK && left == 2)) {
        fprintf(stderr, "tandemctl: usage: tandemctl %s %s\n", commands[options->command].name,
                commands[options->command].argument == NULL ? "" : commands[options->command].argument);
        return TANDEMCTL_WRONG;
    }
    if (left >= 1)
        options->file = argv[optind];
    if (left == 2)
        options->other_file = argv[optind + 1];
    if (options->command == COMMAND_PLAN && options->against == NULL) {
        fputs("tandemctl: usage: tandemctl plan --against=FILE FILE\n", stderr);
        return TANDEMCTL_WRONG;
    }
    return TANDEMCTL_RUN;
}

/* ------------------------------------------------------------------ asking the daemon */

/* NULL after an explanation on stderr. */
static struct json_object *ask(const struct tandemctl_options *options, enum ctl_verb verb, int timeout_ms)
{
    char *beside = options->socket == NULL ? ctl_socket_beside(options->pid_file) : NULL;
    char why[CTL_CLIENT_WHY];
    struct json_object *answer = ctl_ask(beside == NULL ? options->socket : beside, verb, timeout_ms, why);
    struct json_object *error = NULL;

    free(beside);
    if (answer == NULL) {
        fprintf(stderr, "tandemctl: %s\n", why);
        return NULL;
    }
    if (json_object_object_get_ex(answer, "error", &error)) {
        fprintf(stderr, "tandemctl: %s\n", json_object_get_string(error));
        json_object_put(answer);
        return NULL;
    }
    return answer;
}

/* Asks, and shows one member of the answer as JSON or as people read it. */
static int show(const struct tandemctl_options *options, enum ctl_verb verb, const char *name,
                void (*view)(struct json_object *object, FILE *out, bool colour))
{
    struct json_object *answer = ask(options, verb, ANSWER_PATIENCE_MS), *object = NULL;

    if (answer == NULL)
        return TANDEMCTL_FAILED;
    json_object_object_get_ex(answer, name, &object);
    if (options->json)
        puts(
            json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    else
        view(object, stdout, isatty(STDOUT_FILENO) != 0);
    json_object_put(answer);
    return TANDEMCTL_GOOD;
}

static int run_reload(const struct tandemctl_options *options)
{
    struct json_object *answer = ask(options, CTL_RELOAD, RELOAD_PATIENCE_MS), *member = NULL;
    int outcome = TANDEMCTL_FAILED;
    bool ok;

    if (answer == NULL)
        return TANDEMCTL_FAILED;
    ok = json_object_object_get_ex(answer, "ok", &member) && json_object_get_boolean(member);
    if (json_object_object_get_ex(answer, "text", &member))
        fputs(json_object_get_string(member), stderr);
    if (json_object_object_get_ex(answer, "outcome", &member))
        outcome = json_object_get_int(member);
    json_object_put(answer);
    if (!ok) {
        fputs("tandemctl: the new configuration was refused; the one in force stays\n", stderr);
        return outcome == TANDEMCTL_GOOD ? TANDEMCTL_REFUSED : outcome;
    }
    puts("the new configuration is in force");
    return outcome;
}

static int run_upgrade(const struct tandemctl_options *options)
{
    char *beside = options->socket == NULL ? ctl_socket_beside(options->pid_file) : NULL;
    int outcome = upgrade_and_wait(beside == NULL ? options->socket : beside);

    free(beside);
    return outcome;
}

static int run_plan(const struct tandemctl_options *options)
{
    return conf_plan(&(struct conf_load_request){.path = options->against, .config_id = options->id},
                     &(struct conf_load_request){.path = options->file, .config_id = options->id},
                     options->json);
}

static int run_keyword(const char *word)
{
    const char *nearest;

    if (conf_keyword_help(word, stdout, &nearest))
        return TANDEMCTL_GOOD;
    if (nearest != NULL)
        fprintf(stderr, "tandemctl: there is no keyword '%s'; did you mean '%s'?\n", word, nearest);
    else
        fprintf(stderr, "tandemctl: there is no keyword '%s'\n", word);
    return TANDEMCTL_FAILED;
}

static int run_version(const struct tandemctl_options *options)
{
    struct json_object *answer, *version = NULL;

    puts("tandemctl " TANDEM_VERSION);
    answer = ask(options, CTL_VERSION, ANSWER_PATIENCE_MS);
    if (answer == NULL)
        return TANDEMCTL_FAILED;
    if (json_object_object_get_ex(answer, "version", &version))
        printf("tandemd %s\n", json_object_get_string(version));
    json_object_put(answer);
    return TANDEMCTL_GOOD;
}

static int run_check(const struct tandemctl_options *options)
{
    const char *const both[PAIR_BOXES] = {options->file, options->other_file};

    if (options->other_file != NULL)
        return pair_check(both, options->id, options->json);
    return conf_check(&(struct conf_load_request){.path = options->file, .config_id = options->id},
                      options->json);
}

int tandemctl_run(int argc, char **argv)
{
    struct tandemctl_options options;

    switch (tandemctl_parse(argc, argv, &options)) {
    case TANDEMCTL_DONE:
        return TANDEMCTL_GOOD;
    case TANDEMCTL_WRONG:
        return TANDEMCTL_FAILED;
    case TANDEMCTL_RUN:
        break;
    }
    switch (options.command) {
    case COMMAND_STATUS:
        return show(&options, CTL_STATUS, "status", status_view);
    case COMMAND_STATS:
        return show(&options, CTL_STATS, "instances", statistics_view);
    case COMMAND_DO_RELOAD:
        return run_reload(&options);
    case COMMAND_CHECK:
        return run_check(&options);
    case COMMAND_PLAN:
        return run_plan(&options);
    case COMMAND_KEYWORD:
        return run_keyword(options.file);
    case COMMAND_VERSION:
        return run_version(&options);
    case COMMAND_DO_UPGRADE:
        return run_upgrade(&options);
    case COMMAND_COUNT:
        break;
    }
    return TANDEMCTL_FAILED;
}
