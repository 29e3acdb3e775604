/*
 * tandem-reader: the configuration reader. Started by the supervisor, or by tandemd -t with --check.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/check.h"
#include "daemon/reader.h"

#define EXIT_USAGE 2

static const struct option long_options[] = {
    {"use-file", required_argument, NULL, 'f'},
    {"config-id", required_argument, NULL, 'i'},
    {"check", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
    const char *file = NULL, *id = NULL;
    bool check = false, json = false;
    int letter;

    while ((letter = getopt_long(argc, argv, "f:i:", long_options, NULL)) != -1) {
        switch (letter) {
        case 'c':
            check = true;
            file = optarg;
            break;
        case 'f':
            file = optarg;
            break;
        case 'i':
            id = optarg;
            break;
        case 'j':
            json = true;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (file == NULL || optind < argc) {
        fputs("usage: tandem-reader --check FILE [--config-id ID] [--json]\n"
              "tandemd -t and tandemctl check are the commands to use\n",
              stderr);
        return EXIT_USAGE;
    }
    return check ? conf_check(file, id, json) : reader_serve(file, id);
}
