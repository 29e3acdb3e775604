/*
 * tandemd: the command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/role.h"
#include "daemon/options.h"
#include "daemon/supervisor.h"
#include "daemon/upgrade.h"

#define EXIT_USAGE 2

/* -t: the reader does it alone, as whoever called. Returns only if it cannot be run. */
static int test_configuration(const struct options *options)
{
    const char *arguments[10] = {"tandem-reader", "--check", options->configuration};
    char path[4096];
    size_t count = 3;

    if (options->all_includes)
        arguments[count++] = "-e";
    if (options->configuration_id != NULL) {
        arguments[count++] = "-i";
        arguments[count++] = options->configuration_id;
    }
    if (options->test_log != NULL && freopen(options->test_log, "w", stderr) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof(path), "%s/%s", supervisor_program_directory(), role_program(ROLE_READER));
    execv(path, (char *const *)arguments);
    fprintf(stderr, "tandemd: %s: %s\n", path, strerror(errno));
    return EXIT_FAILURE;
}

/* The daemon changes its directory when it goes into the background. */
static const char *absolute(const char *path)
{
    char *directory, *whole;

    if (path == NULL || path[0] == '/')
        return path;
    directory = getcwd(NULL, 0);
    if (directory == NULL || asprintf(&whole, "%s/%s", directory, path) < 0)
        return path;
    free(directory);
    return whole;
}

static const char *log_file(const char *path)
{
    char *whole;

    if (path == NULL || path[0] != '\0')
        return absolute(path);
    if (asprintf(&whole, "%s/keepalived.log", options_temporary_directory()) < 0)
        return NULL;
    return whole;
}

int main(int argc, char **argv)
{
    struct options options;
    bool asked;

    upgrade_remember(argv);
    asked = upgrade_is_asked_about(&argc, argv);
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    if (options.configuration_test || asked)
        return test_configuration(&options);
    if (geteuid() != 0) {
        fputs("tandemd: must be started as root (it gives that up where it can); try sudo\n", stderr);
        return EXIT_FAILURE;
    }
    options.configuration = absolute(options.configuration);
    options.pid_file = absolute(options.pid_file);
    options.vrrp_pid_file = absolute(options.vrrp_pid_file);
    options.checkers_pid_file = absolute(options.checkers_pid_file);
    options.log_file = log_file(options.log_file);
    return supervisor_run(&options);
}
