/*
 * Real configurations, byte for byte as their authors left them: each is read to the end, every message has a
 * place, and nothing but what is not built yet (or a missing argument) is refused. Run with sanitizers or
 * valgrind it also shows that none of them leaks or reads astray. Skips where the corpus is not at hand.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/load.h"

#define SKIP    77
#define SECONDS 120 /* for all of them; a file that hangs ends the test */

static const char *const ids[] = {NULL, "low", "high", "nfs1", "testnode"};

static bool has_place(const struct conf_result *result, const struct conf_diagnostic *item)
{
    const char *text;
    size_t length;

    return item->position.column > 0 && item->text != NULL && *item->text != '\0' &&
           conf_source_line(conf_result_sources(result), item->position.source, item->position.line, &text,
                            &length) &&
           item->position.column <= length + 1;
}

static bool may_refuse(enum conf_problem problem)
{
    return problem == CONF_PROBLEM_NOT_BUILT || problem == CONF_PROBLEM_ARGUMENT ||
           problem == CONF_PROBLEM_TOO_MANY;
}

/* The number of things wrong with what the parser said. */
static int check_file(const char *path, const char *id, FILE *sink)
{
    struct conf_host host = conf_host_system;
    const struct conf_load_request request = {.path = path, .config_id = id, .host = &host};
    struct conf_diagnostics *diagnostics;
    struct conf_result *result;
    int wrong = 0;

    host.has_interface = NULL;
    result = conf_load(&request);
    diagnostics = conf_result_diagnostics(result);
    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(diagnostics, i);

        if (!has_place(result, item)) {
            fprintf(stderr, "%s: a message without a place: %s\n", path, item->text);
            wrong++;
        }
        if (item->severity == CONF_REFUSAL && !may_refuse(item->problem)) {
            fprintf(stderr, "%s:%u: refused for another reason: %s\n", path, item->position.line, item->text);
            wrong++;
        }
    }
    conf_diagnostics_print(diagnostics, sink);
    conf_result_free(result);
    return wrong;
}

static int check_directory(const char *directory, DIR *entries)
{
    FILE *sink = fopen("/dev/null", "w");
    const struct dirent *entry;
    int files = 0, wrong = 0;

    while ((entry = readdir(entries)) != NULL) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
            wrong += check_file(path, ids[i], sink);
        files++;
    }
    fclose(sink);
    printf("%d files, %d faults\n", files, wrong);
    return wrong > 0 || files == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
    const char *source = getenv("srcdir");
    char directory[2048];
    DIR *entries;
    int status;

    snprintf(directory, sizeof(directory), "%s/../shared/corpus/conf", source == NULL ? "." : source);
    entries = opendir(directory);
    if (entries == NULL) {
        fprintf(stderr, "SKIPPED: there is no corpus of configurations at %s\n", directory);
        return SKIP;
    }
    alarm(SECONDS);
    status = check_directory(directory, entries);
    closedir(entries);
    return status;
}
