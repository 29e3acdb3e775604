/*
 * What the keyword table says of a word, for a person: tandemctl keyword.
 */
#ifndef TANDEM_CONF_KEYWORD_HELP_H
#define TANDEM_CONF_KEYWORD_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* Prints a paragraph for each block that has the keyword. If none has, false, and the nearest word in
 * *nearest, or NULL. */
bool conf_keyword_help(const char *word, FILE *out, const char **nearest);

#endif
