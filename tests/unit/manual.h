/*
 * man/tandem.conf.5 as tests look at it: its entries of keywords, and its examples.
 */
#ifndef TANDEM_TESTS_MANUAL_H
#define TANDEM_TESTS_MANUAL_H

#include <stdbool.h>
#include <stddef.h>

/* An item of a list, ".It Cm NAME ...", with all that belongs to it. */
struct manual_entry {
    char *names; /* with a blank before and behind each */
    char *text;  /* heading and body, lists within it included */
    size_t line;
    unsigned int section;
};

/* What stands in ".Bd -literal", ".Dl", or a ".Li" behind "Example:". */
struct manual_example {
    char *text;
    size_t line;
    unsigned int section;
};

/* Sections are numbered as they come, .Ss as well as .Sh. Only those that describe keywords are kept: not
 * what stands before GLOBAL SETTINGS, nor from FINDINGS on. */
struct manual {
    char *text; /* the whole page, its escapes resolved */
    struct manual_entry *entries;
    size_t entry_count;
    struct manual_example *examples;
    size_t example_count;
};

/* From the text of the page. */
struct manual *manual_read(const char *source);
void manual_free(struct manual *manual);

bool manual_names(const struct manual_entry *entry, const char *keyword);

/* True if the word stands in the text, not as part of another one. */
bool manual_mentions(const char *text, const char *word);

#endif
