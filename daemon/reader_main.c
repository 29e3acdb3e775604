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
    struct reader_request request = {0};
    bool check = false, json = false;
    int letter;

    while ((letter = getopt_long(argc, argv, "f:i:dePC", long_options, NULL)) != -1) {
        switch (letter) {
        case 'c':
            check = true;
            request.file = optarg;
            break;
        case 'f':
            request.file = optarg;
            break;
        case 'i':
            request.id = optarg;
            break;
        case 'd':
            request.send_text = true;
            break;
        case 'e':
            request.all_includes = true;
            break;
        case 'P':
            request.only_vrrp = true;
            break;
        case 'C':
            request.only_checkers = true;
            break;
        case 'j':
            json = true;
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (request.file == NULL || optind < argc) {
        fputs("usage: tandem-reader --check FILE [--config-id ID] [-e] [--json]\n"
              "tandemd -t and tandemctl check are the commands to use\n",
              stderr);
        return EXIT_USAGE;
    }
    if (!check)
        return reader_serve(&request);
    return conf_check(&(struct conf_load_request){.path = request.file,
                                                  .config_id = request.id,
                                                  .check_all_includes = request.all_includes},
                      json);
}
