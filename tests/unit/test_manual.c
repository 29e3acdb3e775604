/*
 * tandem.conf(5): every keyword has an entry; each entry says the default, the unit and the range of its
 * value and has an example near it; and the examples are right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/keyword_help.h"
#include "conf/keywords.h"
#include "fake_host.h"
#include "manual.h"

static struct manual *read_manual(void)
{
    char *text = fake_source("man/tandem.conf.5");
    struct manual *manual = manual_read(text);

    free(text);
    return manual;
}

/* ------------------------------------------------------------------ rows that a user can write */

static bool is_words_of_a_line(enum conf_block block)
{
    return block == CONF_BLOCK_ENTRY_ADDRESS || block == CONF_BLOCK_ENTRY_ROUTE ||
           block == CONF_BLOCK_ENTRY_RULE;
}

/* It means something to write it: also without an effect, for its values are read and checked. */
static bool is_known_wholly(const struct conf_keyword *row)
{
    return row->state != CONF_NOT_BUILT || row->modelled;
}

/* True if a user can reach the block through such keywords only. */
static bool is_reachable(enum conf_block block)
{
    enum conf_block parent = conf_block_info(block)->parent;

    if (block == CONF_BLOCK_ROOT || is_words_of_a_line(block))
        return true;
    if (parent == CONF_BLOCK_NONE)
        return false;
    for (const struct conf_keyword *row = conf_block_info(parent)->rows; row->name != NULL; row++) {
        if (row->opens == block)
            return is_known_wholly(row) && is_reachable(parent);
    }
    return false;
}

typedef size_t each_row(const struct manual *manual, enum conf_block block, const struct conf_keyword *row);

/* Rows with a name of their own; what their check counts is added up. */
static size_t for_rows(const struct manual *manual, each_row *check)
{
    size_t failures = 0;

    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_LANGUAGE; block++) {
        for (const struct conf_keyword *row = conf_block_info(block)->rows; row->name != NULL; row++) {
            if (row->name[0] != '(' && is_reachable(block))
                failures += check(manual, block, row);
        }
    }
    return failures;
}

/* ------------------------------------------------------------------ entries */

static bool has_entry(const struct manual *manual, const char *keyword)
{
    for (size_t i = 0; i < manual->entry_count; i++) {
        if (manual_names(&manual->entries[i], keyword))
            return true;
    }
    return false;
}

/* A deprecated name is told where its successor is. */
static size_t lacks_entry(const struct manual *manual, enum conf_block block, const struct conf_keyword *row)
{
    bool own = is_known_wholly(row) && row->deprecation == CONF_CURRENT;

    if (own ? has_entry(manual, row->name) : manual_mentions(manual->text, row->name))
        return 0;
    print_error("man/tandem.conf.5 has no %s %s (%s)\n", own ? "entry of" : "word of", row->name,
                conf_block_info(block)->path);
    return 1;
}

static void test_every_keyword_has_an_entry(void **state)
{
    struct manual *manual = read_manual();

    (void)state;
    assert_true(manual->entry_count > 200);
    assert_int_equal(for_rows(manual, lacks_entry), 0);
    manual_free(manual);
}

/* ------------------------------------------------------------------ what an entry says */

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;
    bool found;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
        fail_msg("bad pattern %s", pattern);
    found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* "As lvs_method, which is its default", "See Checks". */
static bool leads_elsewhere(const char *text)
{
    return matches(text, "^(As|See|The same|Both)\\b");
}

static bool has_no_effect(const char *text)
{
    return matches(text, "without effect|no effect");
}

static bool says_default(const char *text)
{
    return matches(text, "[Dd]efault|[Rr]equired|[Dd]eprecated") || has_no_effect(text) ||
           leads_elsewhere(text);
}

static bool is_time(const struct conf_keyword *row)
{
    return row->kind == CONF_VALUE_SECONDS || matches(row->range, "^s($|[, ])");
}

static bool says_unit(const struct conf_keyword *row, const char *text)
{
    if (is_time(row))
        return matches(text, "[Ss]econds") || leads_elsewhere(text);
    if (matches(row->range, "bytes") && !matches(row->range, "first"))
        return matches(text, "[Bb]ytes") || leads_elsewhere(text);
    return true;
}

static bool says_range(const struct conf_keyword *row, const char *text)
{
    bool has_range = row->kind == CONF_VALUE_INTEGER || row->kind == CONF_VALUE_SECONDS ||
                     matches(row->range, "[0-9]\\.\\.");
    bool has_length = row->kind == CONF_VALUE_TEXT && row->high > 0 && row->high < 4095;

    if (leads_elsewhere(text))
        return true;
    if (has_range && !matches(text, "[0-9] to -?[0-9]|[0-9]\\.\\.[0-9]|or more|more than|at most|up to|"
                                    " \\| |from [0-9]+ |to [0-9]+"))
        return false;
    return !has_length || matches(text, "characters");
}

static bool has_example(const struct manual *manual, const struct manual_entry *entry, const char *keyword)
{
    for (size_t i = 0; i < manual->example_count; i++) {
        if (manual->examples[i].section == entry->section &&
            manual_mentions(manual->examples[i].text, keyword))
            return true;
    }
    return false;
}

static size_t complain(const struct manual_entry *entry, const struct conf_keyword *row, const char *lack)
{
    print_error("man/tandem.conf.5:%zu: the entry of %s has no %s\n", entry->line, row->name, lack);
    return 1;
}

static size_t entry_lacks(const struct manual *manual, const struct manual_entry *entry,
                          const struct conf_keyword *row)
{
    bool is_block = row->opens != CONF_BLOCK_NONE;
    size_t lacks = 0;

    if (!is_block && !says_default(entry->text))
        lacks += complain(entry, row, "default");
    if (!is_block && !says_unit(row, entry->text))
        lacks += complain(entry, row, "unit");
    if (!is_block && !says_range(row, entry->text))
        lacks += complain(entry, row, "range");
    if (!has_no_effect(entry->text) && !has_example(manual, entry, row->name))
        lacks += complain(entry, row, "example in its section");
    return lacks;
}

static size_t entries_lack(const struct manual *manual, enum conf_block block, const struct conf_keyword *row)
{
    size_t lacks = 0;

    (void)block;
    for (size_t i = 0; is_known_wholly(row) && row->deprecation == CONF_CURRENT && i < manual->entry_count;
         i++) {
        if (manual_names(&manual->entries[i], row->name))
            lacks += entry_lacks(manual, &manual->entries[i], row);
    }
    return lacks;
}

static void test_entries_are_complete(void **state)
{
    struct manual *manual = read_manual();

    (void)state;
    assert_int_equal(for_rows(manual, entries_lack), 0);
    manual_free(manual);
}

/* ------------------------------------------------------------------ what is not built */

struct unbuilt_list {
    FILE *out;
    enum conf_block block; /* of the keyword before */
};

static void write_unbuilt(enum conf_block block, const struct conf_keyword *row, void *data)
{
    struct unbuilt_list *list = data;

    if (list->block != block)
        fprintf(list->out, ".It \"%s\"\n", conf_keyword_place(block));
    list->block = block;
    fprintf(list->out, ".Cm %s\n", row->name);
}

/* The list of NOT BUILT YET is written from the table. */
static void test_the_list_of_what_is_not_built(void **state)
{
    struct manual *manual = read_manual();
    struct unbuilt_list list = {.block = CONF_BLOCK_NONE};
    char *wanted = NULL;
    size_t size;

    (void)state;
    list.out = open_memstream(&wanted, &size);
    assert_non_null(list.out);
    fputs(".Bl -tag -width Ds\n", list.out);
    conf_keyword_unbuilt(write_unbuilt, &list);
    fputs(".El\n.Sh FILES", list.out);
    fclose(list.out);
    if (strstr(manual->text, wanted) == NULL)
        fail_msg("NOT BUILT YET in man/tandem.conf.5 is not up to date; it has to be\n%s", wanted);
    free(wanted);
    manual_free(manual);
}

/* ------------------------------------------------------------------ examples */

/* What is shown as it stands but is no configuration. */
static bool is_configuration(const char *example)
{
    static const char *const others[] = {"nft ", "ip link ", "INSTANCE ", "[router_id] ", "HH:MM:SS\n"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strncmp(example, others[i], strlen(others[i])) == 0)
            return false;
    }
    return true;
}

/* True if each line that is not within braces begins with a keyword of the block. */
static bool is_of_block(const struct conf_keyword_index *index, enum conf_block block, const char *example)
{
    char *copy = strdup(example), *rest = copy, *line;
    bool all = true;
    int depth = 0;

    assert_non_null(copy);
    while ((line = strsep(&rest, "\n")) != NULL) {
        char word[128] = "";

        if (sscanf(line, "%127s", word) == 1 && depth == 0 && word[0] != '}')
            all = all && conf_keyword_find(index, block, word) != NULL;
        for (const char *at = line; *at != '\0'; at++)
            depth += (*at == '{') - (*at == '}');
    }
    free(copy);
    return all;
}

/* "vrrp_instance V { ... authentication {" */
static unsigned int open_blocks(enum conf_block block, FILE *out)
{
    const struct conf_block_info *info = conf_block_info(block);
    const char *name = strrchr(info->path, '/');
    unsigned int depth;

    if (block == CONF_BLOCK_ROOT)
        return 0;
    depth = open_blocks(info->parent, out) + 1;
    if (block == CONF_BLOCK_INSTANCE)
        fputs("vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n", out);
    else if (block == CONF_BLOCK_VIRTUAL_SERVER)
        fputs("virtual_server 192.0.2.10 80 {\n", out);
    else if (block == CONF_BLOCK_REAL_SERVER)
        fputs("real_server 192.0.2.21 80 {\n", out);
    else if (info->parent == CONF_BLOCK_ROOT)
        fprintf(out, "%s name {\n", info->path);
    else
        fprintf(out, "%s {\n", name == NULL ? info->path : name + 1);
    return depth;
}

/* The example in the blocks it stands in; NULL if it is of none. */
static char *whole_file(const struct conf_keyword_index *index, const char *example)
{
    char *text = NULL;
    size_t size;

    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_ENTRY_ADDRESS; block++) {
        unsigned int depth;
        FILE *out;

        if (conf_block_info(block)->list || !is_reachable(block) || !is_of_block(index, block, example))
            continue;
        out = open_memstream(&text, &size);
        assert_non_null(out);
        depth = open_blocks(block, out);
        fputs(example, out);
        while (depth-- > 0)
            fputs("}\n", out);
        fclose(out);
        return text;
    }
    return NULL;
}

/* References and what a whole file would need besides are not looked at; nor that an effect is not built,
 * which the entry says. */
static size_t mistakes_of(const struct manual_example *example, const char *text)
{
    static const enum conf_problem mistakes[] = {
        CONF_PROBLEM_TEXT,     CONF_PROBLEM_BRACE, CONF_PROBLEM_UNKNOWN_KEYWORD, CONF_PROBLEM_MISPLACED,
        CONF_PROBLEM_ARGUMENT, CONF_PROBLEM_VALUE, CONF_PROBLEM_DEPRECATED,
    };
    struct conf_result *result = fake_load(text);
    size_t found = 0;

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const struct conf_diagnostic *item = fake_find(result, mistakes[i], 0);

        if (item == NULL)
            continue;
        print_error("man/tandem.conf.5:%zu: in the example: %s\n%s", example->line, item->text, text);
        found++;
    }
    conf_result_free(result);
    return found;
}

static void test_examples_are_right(void **state)
{
    struct conf_keyword_index *index = conf_keyword_index_new();
    struct manual *manual = read_manual();
    size_t mistakes = 0, tried = 0;

    (void)state;
    for (size_t i = 0; i < manual->example_count; i++) {
        const struct manual_example *example = &manual->examples[i];
        char *text;

        if (!is_configuration(example->text))
            continue;
        text = whole_file(index, example->text);
        tried++;
        if (text == NULL)
            print_error("man/tandem.conf.5:%zu: the example is of no block\n", example->line);
        mistakes += text == NULL ? 1 : mistakes_of(example, text);
        free(text);
    }
    assert_true(tried > 20);
    assert_int_equal(mistakes, 0);
    manual_free(manual);
    conf_keyword_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_keyword_has_an_entry),
        cmocka_unit_test(test_entries_are_complete),
        cmocka_unit_test(test_the_list_of_what_is_not_built),
        cmocka_unit_test(test_examples_are_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
