/*
 * The list of all keywords. See keyword_list.h.
 */
#include "keyword_list.h"

#include <string.h>

#include "fake_host.h"

char *keyword_list_read(void)
{
    return fake_source("tests/unit/data/keywords.tsv");
}

enum conf_block keyword_list_block(const char *path)
{
    if (strcmp(path, "(root)") == 0)
        return CONF_BLOCK_ROOT;
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_COUNT; block++) {
        if (strcmp(conf_block_info(block)->path, path) == 0)
            return block;
    }
    return CONF_BLOCK_NONE;
}
