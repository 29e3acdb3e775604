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
#include "daemon/ctl/drift.h"
#include "daemon/ctl/pair.h"
#include "daemon/ctl/running.h"
#include "daemon/ctl/statistics_view.h"
#include "daemon/ctl/status_view.h"
#include "daemon/ctl/upgrade_wait.h"

#define DEFAULT_PID_FILE   TANDEM_RUNDIR "/tandemd.pid"
#define ANSWER_PATIENCE_MS 10000

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
    [COMMAND_PLAN] = {"plan", "[FILE]", "show what would change if this file were loaded"},
    [COMMAND_CONFIG] = {"config", NULL, "print the configuration in force, in canonical form"},
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
    {'j', "json", NULL, "status, stats, check, plan, reload: print JSON"},
    {'s', "socket", "PATH", "the daemon's control socket (default: beside its pid file)"},
    {'p', "pid", "FILE", "the daemon's pid file (default: " DEFAULT_PID_FILE ")"},
    {'i', "config-id", "ID", "check, plan: the identity that lines beginning with @ID ask for"},
    {'a', "against", "FILE", "plan: begin from this file, not from what is in force"},
    {'k', "against-kernel", NULL, "plan: what would change in the kernel; without FILE, what drifted there"},
    {'n', "not-built", NULL, "keyword: list those whose effect is not built yet"},
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
    fputs(
        "\nExit status: 0 good; 1 the configuration runs, with complaints, or plan -k found something to "
        "do;\n"
        "2 it would not start, and a running daemon keeps the one it has; 3 the daemon could not be asked,\n"
        "or wrong usage.\n"
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
    case 'n':
        options->not_built = true;
        return TANDEMCTL_RUN;
    case 'k':
        options->against_kernel = true;
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

static bool arguments_fit(const struct tandemctl_options *options, int count)
{
    int wanted = commands[options->command].argument == NULL ? 0 : 1;

    if (options->command == COMMAND_CHECK)
        return count == 1 || count == 2;
    if (options->command == COMMAND_KEYWORD && options->not_built)
        return count == 0;
    if (options->command == COMMAND_PLAN && options->against_kernel)
        return count <= 1;
    return count == wanted;
}

enum tandemctl_parsed tandemctl_parse(int argc, char **argv, struct tandemctl_options *options)
{
    enum tandemctl_parsed parsed;
    int left;

    *options = (struct tandemctl_options){.command = COMMAND_STATUS, .pid_file = usual_pid_file()};
    parsed = parse_options(argc, argv, options);
    if (parsed != TANDEMCTL_RUN)
        return parsed;
    if (optind < argc && !find_command(argv[optind++], options))
        return TANDEMCTL_WRONG;
    left = argc - optind;
    if (!arguments_fit(options, left)) {
        fprintf(stderr, "tandemctl: usage: tandemctl %s %s\n", commands[options->command].name,
                commands[options->command].argument == NULL ? "" : commands[options->command].argument);
        return TANDEMCTL_WRONG;
    }
    if (left >= 1)
        options->file = argv[optind];
    if (left == 2)
        options->other_file = argv[optind + 1];
    if (options->command == COMMAND_PLAN && options->against != NULL && options->against_kernel) {
        fputs("tandemctl: plan begins from one of --against and --against-kernel\n", stderr);
        return TANDEMCTL_WRONG;
    }
    return TANDEMCTL_RUN;
}

/* ------------------------------------------------------------------ asking the daemon */

/* NULL after an explanation on stderr. */
static struct json_object *ask(const char *socket_path, enum ctl_verb verb)
{
    struct ctl_enclosed enclosed;
    struct json_object *answer = ctl_demand(socket_path, verb, ANSWER_PATIENCE_MS, &enclosed);

    ctl_enclosed_close(&enclosed);
    return answer;
}

/* Asks, and shows one member of the answer as JSON or as people read it. */
static int show(const char *socket_path, bool json, enum ctl_verb verb, const char *name,
                void (*view)(struct json_object *object, FILE *out, bool colour))
{
    struct json_object *answer = ask(socket_path, verb), *object = NULL;

    if (answer == NULL)
        return TANDEMCTL_FAILED;
    json_object_object_get_ex(answer, name, &object);
    if (json)
        puts(
            json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    else
        view(object, stdout, isatty(STDOUT_FILENO) != 0);
    json_object_put(answer);
    return TANDEMCTL_GOOD;
}

static int run_plan(const struct tandemctl_options *options, const char *socket_path)
{
    const struct conf_load_request file = {.path = options->file, .config_id = options->id};
    const struct conf_load_request before = {.path = options->against, .config_id = options->id};

    if (options->against != NULL)
        return conf_plan(&before, &file, options->json);
    if (options->against_kernel)
        return drift_plan(socket_path, options->file == NULL ? NULL : &file, options->json);
    return running_plan(socket_path, &file, options->json);
}

static int run_keyword(const char *word)
{
    const char *nearest;

    if (word == NULL) {
        conf_keyword_print_unbuilt(stdout);
        return TANDEMCTL_GOOD;
    }
    if (conf_keyword_help(word, stdout, &nearest))
        return TANDEMCTL_GOOD;
    if (nearest != NULL)
        fprintf(stderr, "tandemctl: there is no keyword '%s'; did you mean '%s'?\n", word, nearest);
    else
        fprintf(stderr, "tandemctl: there is no keyword '%s'\n", word);
    return TANDEMCTL_FAILED;
}

static int run_version(const char *socket_path)
{
    struct json_object *answer, *version = NULL;

    puts("tandemctl " TANDEM_VERSION);
    answer = ask(socket_path, CTL_VERSION);
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

static int run_command(const struct tandemctl_options *options, const char *socket_path)
{
    switch (options->command) {
    case COMMAND_STATUS:
        return show(socket_path, options->json, CTL_STATUS, "status", status_view);
    case COMMAND_STATS:
        return show(socket_path, options->json, CTL_STATS, "instances", statistics_view);
    case COMMAND_DO_RELOAD:
        return running_reload(socket_path, options->json);
    case COMMAND_CHECK:
        return run_check(options);
    case COMMAND_PLAN:
        return run_plan(options, socket_path);
    case COMMAND_CONFIG:
        return running_print(socket_path);
    case COMMAND_KEYWORD:
        return run_keyword(options->file);
    case COMMAND_VERSION:
        return run_version(socket_path);
    case COMMAND_DO_UPGRADE:
        return upgrade_and_wait(socket_path);
    case COMMAND_COUNT:
        break;
    }
    return TANDEMCTL_FAILED;
}

int tandemctl_run(int argc, char **argv)
{
    struct tandemctl_options options;
    char *beside;
    int status;

    switch (tandemctl_parse(argc, argv, &options)) {
    case TANDEMCTL_DONE:
        return TANDEMCTL_GOOD;
    case TANDEMCTL_WRONG:
        return TANDEMCTL_FAILED;
    case TANDEMCTL_RUN:
        break;
    }
    beside = ctl_socket_beside(options.pid_file);
    status = run_command(&options, options.socket == NULL ? beside : options.socket);
    free(beside);
    return status;
}
