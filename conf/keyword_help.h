/*
 * What the keyword table says of a word, for a person: tandemctl keyword.
 */
#ifndef TANDEM_CONF_KEYWORD_HELP_H
#define TANDEM_CONF_KEYWORD_HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/keywords.h"

/* Prints a paragraph for each block that has the keyword. If none has, false, and the nearest word in
 * *nearest, or NULL. */
bool conf_keyword_help(const char *word, FILE *out, const char **nearest);

/* Calls told for each keyword whose effect is not built, so that tandem refuses to start with it; of a block
 * that is refused only for the block's own. */
typedef void conf_unbuilt_function(enum conf_block block, const struct conf_keyword *row, void *data);
void conf_keyword_unbuilt(conf_unbuilt_function *told, void *data);

/* Where the keywords of a block stand, for people. */
const char *conf_keyword_place(enum conf_block block);

/* Prints them, one a line: the block and the keyword. */
void conf_keyword_print_unbuilt(FILE *out);

#endif
