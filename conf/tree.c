/*
 * The tree: see tree.h.
 */
#include "conf/tree.h"

#include <string.h>

#include "conf/lexer.h"

struct conf_tree {
    struct conf_arena *arena;
    const struct conf_keyword_index *index;
    struct conf_diagnostics *diagnostics;
    struct conf_node *root;
    struct conf_node *current; /* the innermost open block */
    struct conf_node *pending; /* the last keyword: a '{' now would be its block */
    struct conf_word *words;   /* of the line being cut */
    size_t word_room;
    bool whole; /* the text must be: see tree.h */
};

struct conf_tree *conf_tree_new(struct conf_arena *arena, const struct conf_keyword_index *index,
                                struct conf_diagnostics *diagnostics, bool whole)
{
    struct conf_tree *tree = conf_arena_alloc(arena, sizeof(*tree));

    tree->whole = whole;
    tree->arena = arena;
    tree->index = index;
    tree->diagnostics = diagnostics;
    tree->root = conf_arena_alloc(arena, sizeof(*tree->root));
    tree->root->opens = CONF_BLOCK_ROOT;
    tree->root->has_block = true;
    tree->current = tree->root;
    return tree;
}

static bool is_list(enum conf_block block)
{
    return block < CONF_BLOCK_COUNT && conf_block_info(block)->list;
}

/* ------------------------------------------------------------------ words */

static struct conf_word *next_word(struct conf_tree *tree, size_t count)
{
    tree->words = conf_arena_room(tree->arena, tree->words, sizeof(*tree->words), count, &tree->word_room);
    return &tree->words[count];
}

static size_t split_plain(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    enum conf_lexer_fault fault;
    size_t at = from;
    size_t count = 0;
    size_t start;
    size_t end;
    bool quoted;

    while (conf_lexer_word(line->text, to, &at, &start, &end, &quoted, &fault)) {
        struct conf_word *word = next_word(tree, count++);

        word->text = conf_arena_text(tree->arena, line->text + start, end - start);
        word->length = end - start;
        word->position = conf_line_position(line, start);
        word->quoted = quoted;
    }
    return count;
}

static size_t split_script(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    char *room = conf_arena_alloc(tree->arena, to - from + 1);
    enum conf_lexer_fault fault;
    size_t at = from;
    size_t count = 0;
    size_t start;

    while (conf_lexer_script_word(line->text, to, false, &at, &start, room, &fault)) {
        struct conf_word *word = next_word(tree, count++);

        word->length = strlen(room);
        word->text = conf_arena_text(tree->arena, room, word->length);
        word->position = conf_line_position(line, start);
        word->quoted = line->text[start] == '"' || line->text[start] == '\'';
    }
    if (fault != CONF_LEXER_GOOD)
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_TEXT, conf_line_position(line, start),
                    to - start,
                    fault == CONF_LEXER_OPEN_QUOTE ? "this quote is not closed; the line ends before it"
                                                   : "a backslash at the end of a line escapes nothing");
    return count;
}

/* ------------------------------------------------------------------ nodes */

static void add_child(struct conf_node *parent, struct conf_node *node)
{
    node->parent = parent;
    if (parent->last_child == NULL)
        parent->children = node;
    else
        parent->last_child->next = node;
    parent->last_child = node;
}

/* A keyword that opens a block was followed by something that is not its brace: open it, as if it were. */
static void open_pending(struct conf_tree *tree)
{
    struct conf_node *node = tree->pending;
    const struct conf_word *word;

    if (node == NULL || node->keyword == NULL || node->opens == CONF_BLOCK_NONE || node->has_block)
        return;
    word = &node->words[node->word_count - 1];
    conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, word->position, word->length,
                "the '{' of block %s is missing", node->words[0].text);
    node->has_block = true;
    node->opened = word->position;
    tree->current = node;
    tree->pending = NULL;
}

static void add_node(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    struct conf_node *node = conf_arena_alloc(tree->arena, sizeof(*node));
    enum conf_block block;
    size_t count;

    open_pending(tree);
    block = tree->current->opens;
    count = split_plain(tree, line, from, to);
    node->block = block;
    if (block != CONF_BLOCK_UNKNOWN && !is_list(block))
        node->keyword = conf_keyword_find(tree->index, block, tree->words[0].text);
    if (node->keyword != NULL && node->keyword->script)
        count = split_script(tree, line, from, to);
    if (node->keyword != NULL)
        node->opens = node->keyword->opens;
    else
        node->opens = is_list(block) ? CONF_BLOCK_NONE : CONF_BLOCK_UNKNOWN;
    if (count == 0)
        return;
    node->words = memcpy(conf_arena_alloc(tree->arena, count * sizeof(*node->words)), tree->words,
                         count * sizeof(*node->words));
    node->word_count = count;
    add_child(tree->current, node);
    tree->pending = node;
}

/* ------------------------------------------------------------------ braces */

static void open_block(struct conf_tree *tree, struct conf_position position)
{
    struct conf_node *node = tree->pending;
    struct conf_diagnostic *diagnostic;
    struct conf_word *word;

    if (node != NULL) {
        if (node->opens == CONF_BLOCK_NONE) {
            diagnostic = conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                                     "unexpected '{': '%s' has no block; what is in it is skipped",
                                     node->words[0].text);
            if (is_list(tree->current->opens))
                conf_diagnostic_relate(tree->diagnostics, diagnostic, tree->current->opened,
                                       "is the '}' of this block missing?");
            node->opens = CONF_BLOCK_UNKNOWN;
        }
    } else {
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                    "unexpected '{': there is no keyword before it; what is in it is skipped");
        word = conf_arena_alloc(tree->arena, sizeof(*word));
        *word = (struct conf_word){.text = "{", .length = 1, .position = position};
        node = conf_arena_alloc(tree->arena, sizeof(*node));
        node->block = CONF_BLOCK_UNKNOWN;
        node->opens = CONF_BLOCK_UNKNOWN;
        node->words = word;
        node->word_count = 1;
        add_child(tree->current, node);
    }
    node->has_block = true;
    node->opened = position;
    tree->current = node;
    tree->pending = NULL;
}

static void close_block(struct conf_tree *tree, struct conf_position position)
{
    open_pending(tree);
    tree->pending = NULL;
    if (tree->current == tree->root) {
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                    "extra '}': no block is open here");
        return;
    }
    tree->current = (struct conf_node *)(uintptr_t)tree->current->parent;
}

static bool has_words(const struct conf_line *line, size_t from, size_t to)
{
    while (from < to && conf_lexer_is_blank(line->text[from]))
        from++;
    return from < to;
}

void conf_tree_add(void *context, const struct conf_line *line)
{
    struct conf_tree *tree = context;
    size_t at = 0;

    while (at < line->length) {
        size_t brace = conf_lexer_brace(line->text, line->length, at);

        if (has_words(line, at, brace))
            add_node(tree, line, at, brace);
        if (brace == line->length)
            break;
        if (line->text[brace] == '{')
            open_block(tree, conf_line_position(line, brace));
        else
            close_block(tree, conf_line_position(line, brace));
        at = brace + 1;
    }
}

static void report_open_block(struct conf_tree *tree, const struct conf_node *node)
{
    struct conf_diagnostic *diagnostic =
        conf_report(tree->diagnostics, tree->whole ? CONF_REFUSAL : CONF_COMPLAINT, CONF_PROBLEM_BRACE,
                    node->opened, 1, "block %s%s%s is never closed: its '}' is missing", node->words[0].text,
                    node->word_count > 1 ? " " : "", node->word_count > 1 ? node->words[1].text : "");

    if (tree->whole)
        conf_diagnostic_expect(tree->diagnostics, diagnostic,
                               "a whole file: a reload does not take one that looks half written");
}

const struct conf_node *conf_tree_finish(struct conf_tree *tree)
{
    const struct conf_position start = {.line = 1, .column = 1};
    const struct conf_node *node;

    open_pending(tree);
    for (node = tree->current; node != tree->root; node = node->parent)
        report_open_block(tree, node);
    if (tree->whole && tree->root->children == NULL)
        conf_report(tree->diagnostics, CONF_REFUSAL, CONF_PROBLEM_MISSING, start, 1,
                    "there is nothing in this configuration: a reload does not take it for a wish to stop");
    return tree->root;
}
