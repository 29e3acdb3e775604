/*
 * Findings about single words: mistakes that people's files are full of. See lint.h.
 */
#include "conf/lint.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "conf/layout.h"
#include "conf/lexer.h"

/* ------------------------------------------------------------------ any word */

static bool has_foreign_blank(const char *text)
{
    return strstr(text, "\xc2\xa0") != NULL || strstr(text, "\xe2\x80\x8b") != NULL ||
           strstr(text, "\xe3\x80\x80") != NULL || strstr(text, "\xef\xbb\xbf") != NULL;
}

/* 192.168.x.x, x.x.x.90/24: four parts, each a number or only x, at least one of them x. */
static bool is_masked_address(const char *text)
{
    unsigned int parts = 0, masked = 0;

    for (;;) {
        size_t digits = strspn(text, "0123456789");
        size_t crosses = strspn(text, "xX");

        if ((digits == 0) == (crosses == 0))
            return false;
        parts++;
        masked += crosses > 0;
        text += digits + crosses;
        if (*text != '.')
            return parts == 4 && masked > 0 && (*text == '\0' || *text == '/');
        text++;
    }
}

static bool is_bracketed(const char *text, size_t length)
{
    if (length < 4)
        return false;
    return (text[0] == '<' && text[length - 1] == '>') || (text[0] == '[' && text[length - 1] == ']');
}

static bool begins_as_placeholder(const char *text)
{
    static const char *const begins[] = {"YOUR_", "YOUR-", "CHANGE_ME", "CHANGEME", "REPLACE_ME"};
    char first = *text & ~0x20; /* in upper case */

    if (first != 'Y' && first != 'C' && first != 'R')
        return false;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        if (strncasecmp(text, begins[i], strlen(begins[i])) == 0)
            return true;
    }
    return false;
}

/* <ens160>, [PEER_IP], and what tandemctl config prints for a password; an address in brackets may be meant.
 */
static bool is_placeholder(const struct conf_word *word, bool has_cross)
{
    if (word->text[0] == '(')
        return strcmp(word->text, SECRET_BLANK) == 0;
    if (is_bracketed(word->text, word->length))
        return isalpha((unsigned char)word->text[1]) && strchr(word->text, ':') == NULL &&
               (word->text[0] == '[' || strchr(word->text, '@') == NULL);
    return begins_as_placeholder(word->text) || (has_cross && is_masked_address(word->text));
}

/* Where a $NAME with more behind it begins and how long it is without the '$'; 0 if there is none. */
static size_t name_that_runs_on(const char *text, size_t *start)
{
    for (const char *at = text; (at = strchr(at, '$')) != NULL; at++) {
        size_t length = 1;

        if (!isalpha((unsigned char)at[1]) && at[1] != '_')
            continue;
        while (conf_lexer_is_name(at[length]))
            length++;
        *start = (size_t)(at - text);
        if (at[length] != '\0')
            return length - 1;
    }
    return 0;
}

/* "$NET/24", which is not what the definition says: told where a complaint shows that it is not meant so. */
static void advise_braces(struct conf_builder *builder, const struct conf_word *word)
{
    struct conf_diagnostic *diagnostic = conf_diagnostics_complaint_at(builder->diagnostics, word->position);
    size_t start, length = name_that_runs_on(word->text, &start);
    const char *name = word->text + start + 1;

    if (diagnostic != NULL && diagnostic->advice == NULL && length > 0)
        conf_diagnostic_advise(builder->diagnostics, diagnostic,
                               "the name of a definition ends at a blank, ',' or ')': write '%.*s${%.*s}%s'",
                               (int)start, word->text, (int)length, name, name + length);
}

static void look_at_word(struct conf_builder *builder, const struct conf_node *node, size_t index)
{
    const struct conf_word *word = &node->words[index];
    unsigned int kinds = word->kinds;

    if (word->quoted)
        return;
    if ((kinds & CONF_BYTE_FOREIGN) != 0 && has_foreign_blank(word->text))
        conf_lint_find(builder, node, index, CONF_PROBLEM_TEXT,
                       "a non-breaking or invisible blank is in this word: replace it by an ordinary blank",
                       "this word has a blank that separates nothing");
    else if (is_placeholder(word, (kinds & CONF_BYTE_CROSS) != 0))
        conf_lint_find(builder, node, index, CONF_PROBLEM_VALUE,
                       "this is a placeholder: write what belongs in its place", "'%s' was left in",
                       word->text);
    else if ((kinds & CONF_BYTE_DOLLAR) != 0)
        advise_braces(builder, word);
}

/* ------------------------------------------------------------------ words that are no keyword */

/* "root@lb1:~$", "[root@lb1". */
static bool is_prompt(const struct conf_node *node)
{
    const char *text = node->words[0].text;
    const char *at = strchr(text, '@');
    size_t length = node->words[0].length;

    if (strcmp(text, "$") == 0)
        return node->word_count > 1;
    if (at == NULL || at == text)
        return false;
    return text[0] == '[' || text[length - 1] == '$' || strchr(at, ':') != NULL;
}

/* "priority100": where the number begins; 0 if that is not it. */
static size_t number_in(const struct conf_builder *builder, const struct conf_node *node)
{
    const char *text = node->words[0].text;
    size_t length = strcspn(text, "-0123456789");
    char keyword[64];

    if (length == 0 || length >= sizeof(keyword) || text[length] == '\0')
        return 0;
    memcpy(keyword, text, length);
    keyword[length] = '\0';
    return conf_keyword_find(builder->index, node->block, keyword) != NULL ? length : 0;
}

static void advise_blank(struct conf_builder *builder, const struct conf_node *node, size_t length)
{
    const char *text = node->words[0].text;
    struct conf_diagnostic *diagnostic =
        conf_diagnostics_complaint_at(builder->diagnostics, node->words[0].position);

    if (diagnostic != NULL)
        conf_diagnostic_advise(builder->diagnostics, diagnostic,
                               "a blank is missing before the number: write '%.*s %s'", (int)length, text,
                               text + length);
}

static void look_at_unknown(struct conf_builder *builder, const struct conf_node *node)
{
    const char *text = node->words[0].text;
    size_t length = number_in(builder, node);

    if (strncmp(text, "//", 2) == 0 || strncmp(text, "/*", 2) == 0)
        conf_lint_find(builder, node, 0, CONF_PROBLEM_TEXT, "a comment begins with '#' or '!'",
                       "this is no comment");
    else if (strcmp(text, "nat_mask") == 0)
        conf_lint_find(builder, node, 0, CONF_PROBLEM_TEXT,
                       "this keyword went with keepalived's first versions and does nothing: remove the line",
                       "nat_mask does nothing");
    else if (is_prompt(node))
        conf_lint_find(builder, node, 0, CONF_PROBLEM_TEXT,
                       "this looks like the prompt of a shell, pasted with the file: remove the line",
                       "this is no configuration");
    else if (length > 0)
        advise_blank(builder, node, length);
}

/* ------------------------------------------------------------------ the tree */

static void look_at_state(struct conf_builder *builder, const struct conf_node *node)
{
    if (node->word_count > 1 && strcmp(node->words[0].text, "state") == 0 &&
        strcasecmp(node->words[1].text, "SLAVE") == 0)
        conf_lint_find(builder, node, 1, CONF_PROBLEM_VALUE, "the word is BACKUP: write 'state BACKUP'",
                       "a state is MASTER or BACKUP");
}

static bool is_unknown(const struct conf_node *node)
{
    return node->keyword == NULL && node->block < CONF_BLOCK_COUNT && !conf_block_info(node->block)->list;
}

static void look_at_node(struct conf_builder *builder, const struct conf_node *node)
{
    size_t first = node->keyword != NULL ? 1 : 0; /* keywords are as they should be */

    if (node->keyword != NULL && node->keyword->script)
        return;
    if (is_unknown(node))
        look_at_unknown(builder, node);
    else
        look_at_state(builder, node);
    for (size_t i = first; i < node->word_count; i++)
        look_at_word(builder, node, i);
}

static const struct conf_node *next_in_tree(const struct conf_node *root, const struct conf_node *node)
{
    if (node->children != NULL)
        return node->children;
    while (node != root && node->next == NULL)
        node = node->parent;
    return node == root ? NULL : node->next;
}

void conf_lint_words(struct conf_builder *builder, const struct conf_node *root)
{
    for (const struct conf_node *node = root->word_count > 0 ? root : next_in_tree(root, root); node != NULL;
         node = next_in_tree(root, node))
        look_at_node(builder, node);
}
