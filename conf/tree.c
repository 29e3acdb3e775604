/*
 * Making the tree: see tree.h, and tree_store.h for how it is kept.
 *
 * Only the first word of a line is looked at here, for its keyword; the others are cut when the node is read.
 */
#include "conf/tree.h"

#include <stdlib.h>
#include <string.h>

#include "conf/lexer.h"
#include "conf/tree_store.h"

struct conf_tree *conf_tree_new(struct conf_arena *arena, const struct conf_keyword_index *index,
                                struct conf_diagnostics *diagnostics, bool whole)
{
    struct conf_tree *tree = conf_arena_alloc(arena, sizeof(*tree));

    tree->arena = arena;
    tree->scratch = conf_arena_new();
    tree->index = index;
    tree->diagnostics = diagnostics;
    tree->whole = whole;
    tree_store_begin(tree);
    tree->open = conf_arena_room(arena, NULL, sizeof(*tree->open), 0, &tree->open_room);
    tree->open[0] = (struct open_block){.opens = CONF_BLOCK_ROOT};
    tree->open_count = 1;
    return tree;
}

void conf_tree_free(struct conf_tree *tree)
{
    if (tree == NULL)
        return;
    tree_store_end(tree);
    conf_arena_free(tree->scratch);
}

static bool is_list(enum conf_block block)
{
    return block < CONF_BLOCK_COUNT && conf_block_info(block)->list;
}

static struct open_block *innermost(struct conf_tree *tree)
{
    return &tree->open[tree->open_count - 1];
}

/* For a message: valid until the next one is looked at. */
static const struct conf_node *look_at(struct conf_tree *tree, uint32_t place)
{
    conf_arena_clear(tree->scratch);
    return tree_store_head(tree, place, CONF_BLOCK_UNKNOWN, tree->scratch);
}

/* ------------------------------------------------------------------ limits */

#define LINE_COST  8
#define LONG_BYTES 64 /* of a line: from here on it is worth counting its words */

bool conf_tree_is_exhausted(const struct conf_tree *tree)
{
    return tree->exhausted;
}

uint32_t conf_tree_size(const struct conf_tree *tree)
{
    return tree->size;
}

static void refuse_more(struct conf_tree *tree, struct conf_position position, const char *what,
                        unsigned int limit)
{
    tree->exhausted = true;
    conf_report(tree->diagnostics, CONF_REFUSAL, CONF_PROBLEM_TOO_MANY, position, 1,
                "the configuration is too large: %s %u; nothing is read from here on", what, limit);
}

static size_t count_words(const char *text, size_t length)
{
    struct conf_lexer_found word;
    size_t at = 0, count = 0;

    while (conf_lexer_word(text, length, &at, &word))
        count++;
    return count;
}

/* False if this part of a line is too much. */
static bool spend(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    size_t length = to - from;
    size_t words = length <= LONG_BYTES ? length / 2 : count_words(line->text + from, length);

    if (words + LINE_COST <= CONF_TREE_SIZE_MAX - tree->size) {
        tree->size += (uint32_t)words + LINE_COST;
        return true;
    }
    refuse_more(tree, conf_line_position(line, from), "its lines and words are more than",
                CONF_TREE_SIZE_MAX);
    return false;
}

/* ------------------------------------------------------------------ nodes */

static void link_child(struct conf_tree *tree, uint32_t place)
{
    struct open_block *block = innermost(tree);

    if (block->last == 0)
        tree_store_entry(tree, block->place)->has_inside = 1;
    else
        tree_store_entry(tree, block->last)->next = place;
    block->last = place;
}

/* The block of the pending node begins. */
static void enter(struct conf_tree *tree, struct conf_position position)
{
    if (tree->open_count > CONF_TREE_DEPTH_MAX) {
        refuse_more(tree, position, "blocks are nested deeper than", CONF_TREE_DEPTH_MAX);
        return;
    }
    tree_store_brace(tree, tree->pending, position);
    tree->open =
        conf_arena_room(tree->arena, tree->open, sizeof(*tree->open), tree->open_count, &tree->open_room);
    tree->open[tree->open_count++] =
        (struct open_block){.place = tree->pending, .opens = tree->pending_opens};
    tree->pending = 0;
}

/* A keyword that opens a block was followed by something that is not its brace: open it, as if it were. */
static void open_pending(struct conf_tree *tree)
{
    const struct conf_node *node;
    const struct conf_word *word;

    if (tree->pending == 0 || !tree->pending_known || tree->pending_opens == CONF_BLOCK_NONE)
        return;
    node = look_at(tree, tree->pending);
    word = &node->words[node->word_count - 1];
    conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, word->position, word->length,
                "the '{' of block %s is missing", node->words[0].text);
    enter(tree, word->position);
}

/* The row of the line's first word in the innermost block; 0 if there is none. */
static uint16_t find_row(const struct conf_tree *tree, enum conf_block block, const char *text, size_t length)
{
    struct conf_lexer_found word;
    size_t at = 0;

    if (block == CONF_BLOCK_UNKNOWN || is_list(block))
        return 0;
    if (*text != '"')
        return conf_keyword_number(tree->index, block, text,
                                   conf_lexer_find(text, length, 0, CONF_BYTE_BLANK | CONF_BYTE_QUOTE));
    conf_lexer_word(text, length, &at, &word);
    return conf_keyword_number(tree->index, block, text + word.start, word.end - word.start);
}

static void report_fault(struct conf_tree *tree, const struct conf_line *line, size_t start, size_t to,
                         enum conf_lexer_fault fault)
{
    conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_TEXT, conf_line_position(line, start),
                to - start,
                fault == CONF_LEXER_OPEN_QUOTE ? "this quote is not closed; the line ends before it"
                                               : "a backslash at the end of a line escapes nothing");
}

/* Whether a line that is split as a shell would has a word at all; what is wrong with it is reported. */
static bool check_script(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    enum conf_lexer_fault fault;
    size_t at = from, start, count = 0;
    char *room;

    conf_arena_clear(tree->scratch);
    room = conf_arena_alloc(tree->scratch, to - from + 1);
    while (conf_lexer_script_word(line->text, to, false, &at, &start, room, &fault))
        count++;
    if (fault != CONF_LEXER_GOOD)
        report_fault(tree, line, start, to, fault);
    return count > 0;
}

static void add_node(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to)
{
    const struct conf_keyword *row;
    enum conf_block block;
    uint16_t number;

    open_pending(tree);
    if (!spend(tree, line, from, to))
        return;
    block = innermost(tree)->opens;
    number = find_row(tree, block, line->text + from, to - from);
    row = conf_keyword_numbered(tree->index, number);
    if (row != NULL && row->script && !check_script(tree, line, from, to))
        return;
    tree->pending = tree_store_add(tree, line, from, to, number);
    tree->pending_known = row != NULL;
    tree->pending_opens = tree_store_opens(row, block);
    link_child(tree, tree->pending);
}

/* ------------------------------------------------------------------ braces */

static void report_no_block(struct conf_tree *tree, struct conf_position position)
{
    struct conf_diagnostic *diagnostic =
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                    "unexpected '{': '%s' has no block; what is in it is skipped",
                    look_at(tree, tree->pending)->words[0].text);

    if (is_list(innermost(tree)->opens))
        conf_diagnostic_relate(tree->diagnostics, diagnostic, look_at(tree, innermost(tree)->place)->opened,
                               "is the '}' of this block missing?");
}

static void open_block(struct conf_tree *tree, const struct conf_line *line, size_t brace)
{
    struct conf_position position = conf_line_position(line, brace);

    if (tree->pending == 0 && !spend(tree, line, brace, brace + 1))
        return;
    if (tree->pending == 0) {
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                    "unexpected '{': there is no keyword before it; what is in it is skipped");
        tree->pending = tree_store_add(tree, line, brace, brace + 1, 0);
        tree->pending_opens = CONF_BLOCK_UNKNOWN;
        link_child(tree, tree->pending);
    } else if (tree->pending_opens == CONF_BLOCK_NONE) {
        report_no_block(tree, position);
        tree->pending_opens = CONF_BLOCK_UNKNOWN;
    }
    enter(tree, position);
}

static void close_block(struct conf_tree *tree, struct conf_position position)
{
    open_pending(tree);
    tree->pending = 0;
    if (tree->open_count > 1)
        tree->open_count--;
    else
        conf_report(tree->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_BRACE, position, 1,
                    "extra '}': no block is open here");
}

/* The next brace that opens or closes a block, or the line's end. */
static size_t find_brace(const struct conf_line *line, size_t at)
{
    const char *text = line->text + at, *open, *close;
    size_t end = line->length;

    if (!line->plain)
        return conf_lexer_brace(line->text, line->length, at);
    open = memchr(text, '{', end - at);
    if (open != NULL)
        end = (size_t)(open - line->text);
    close = memchr(text, '}', end - at);
    return close != NULL ? (size_t)(close - line->text) : end;
}

void conf_tree_add(void *context, const struct conf_line *line)
{
    struct conf_tree *tree = context;
    size_t at = 0;

    while (at < line->length && !tree->exhausted) {
        size_t brace = find_brace(line, at);

        at = conf_lexer_pass_blanks(line->text, brace, at);
        if (at < brace)
            add_node(tree, line, at, brace);
        if (brace == line->length || tree->exhausted)
            break;
        if (line->text[brace] == '{')
            open_block(tree, line, brace);
        else
            close_block(tree, conf_line_position(line, brace));
        at = brace + 1;
    }
}

static void report_open_block(struct conf_tree *tree, uint32_t place)
{
    const struct conf_node *node = look_at(tree, place);
    struct conf_diagnostic *diagnostic =
        conf_report(tree->diagnostics, tree->whole ? CONF_REFUSAL : CONF_COMPLAINT, CONF_PROBLEM_BRACE,
                    node->opened, 1, "block %s%s%s is never closed: its '}' is missing", node->words[0].text,
                    node->word_count > 1 ? " " : "", node->word_count > 1 ? node->words[1].text : "");

    if (tree->whole)
        conf_diagnostic_expect(tree->diagnostics, diagnostic,
                               "a whole file: a reload does not take one that looks half written");
}

void conf_tree_finish(struct conf_tree *tree)
{
    const struct conf_position start = {.line = 1, .column = 1};

    if (tree->exhausted)
        return;
    open_pending(tree);
    for (; tree->open_count > 1; tree->open_count--)
        report_open_block(tree, innermost(tree)->place);
    if (tree->whole && innermost(tree)->last == 0)
        conf_report(tree->diagnostics, CONF_REFUSAL, CONF_PROBLEM_MISSING, start, 1,
                    "there is nothing in this configuration: a reload does not take it for a wish to stop");
}
