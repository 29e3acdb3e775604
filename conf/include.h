/*
 * include and its checked forms: which files a pattern means, and what is wrong if it means none.
 */
#ifndef TANDEM_CONF_INCLUDE_H
#define TANDEM_CONF_INCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/host.h"

/* What an include insists on (semantics: block (language), include*). */
enum conf_include_check {
    CONF_INCLUDE_READ = 1 << 0,     /* every match can be read */
    CONF_INCLUDE_MATCH = 1 << 1,    /* a name without wildcards matches something */
    CONF_INCLUDE_WILDCARD = 1 << 2, /* so does one with wildcards */
    CONF_INCLUDE_BRACE = 1 << 3,    /* every alternative in {braces} does */
    CONF_INCLUDE_ALL = 0xf,
};

/* If the first word of a line is one of the include keywords: its checks and, in *pattern, the offset of the
 * pattern (== length if there is none). False otherwise. */
bool conf_include_line(const char *text, size_t length, unsigned int *checks, size_t *pattern);

/* Applies the words of an include_check line (the words after the keyword) to the checks in force. False at a
 * word that is none; *word is then its index. */
bool conf_include_check_words(const char *const words[], size_t count, unsigned int *checks, size_t *word);

/* The files a pattern matches, in order. missing: the checks of which something found no file. */
struct conf_include {
    struct conf_paths paths; /* free with conf_include_free */
    size_t room;
    unsigned int missing;
    int error; /* errno of a failed match, or 0 */
};

/* directory is where relative patterns begin: "" or a path that ends in '/'. */
void conf_include_find(const struct conf_host *host, const char *directory, const char *pattern,
                       struct conf_include *found);
void conf_include_free(struct conf_include *found);

#endif
