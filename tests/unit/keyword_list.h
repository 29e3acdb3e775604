/*
 * The list of all keywords (data/keywords.tsv) that the keyword table is held against.
 */
#ifndef TANDEM_TESTS_KEYWORD_LIST_H
#define TANDEM_TESTS_KEYWORD_LIST_H

#include "conf/keywords.h"

/* Its text; fails the test without it. The caller frees it. */
char *keyword_list_read(void);

/* The block that its rows name so; CONF_BLOCK_NONE if there is none. */
enum conf_block keyword_list_block(const char *path);

#endif
