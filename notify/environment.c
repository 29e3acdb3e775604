/*
 * Filtering the environment. See environment.h.
 */
#include "notify/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const left_out[] = {
    "LD_", "IFS=", "NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "MAINPID=", "INVOCATION_ID=", "JOURNAL_STREAM=",
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_left_out(const char *variable)
{
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
        if (starts_with(variable, left_out[i]))
            return true;
    }
    return false;
}

char **environment_for_scripts(char *const *given)
{
    static char default_path[] = ENVIRONMENT_PATH;
    bool has_path = false;
    size_t count = 0, kept = 0;
    char **environment;

    while (given[count] != NULL)
        count++;
    environment = calloc(count + 2, sizeof(*environment));
    if (environment == NULL)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (is_left_out(given[i]))
            continue;
        has_path = has_path || starts_with(given[i], "PATH=");
        environment[kept++] = given[i];
    }
    if (!has_path)
        environment[kept] = default_path;
    return environment;
}
