/*
 * The tree of a configuration: lines cut into words, blocks nested by their braces.
 *
 * The tree knows the keyword table only to know which keyword opens which block and how its line is split;
 * what the words mean is the builder's business. Unknown keywords are in the tree too, without a row.
 *
 * A configuration can have a hundred thousand lines, so the tree keeps its nodes small and gives them out in
 * the form below when they are asked for. Blocks that come by the thousand (struct conf_block_info, apart)
 * are asked for one by one; all others come with the block they stand in.
 */
#ifndef TANDEM_CONF_TREE_H
#define TANDEM_CONF_TREE_H

#include "conf/diagnostics.h"
#include "conf/keywords.h"
#include "conf/line.h"

struct conf_word {
    const char *text;
    size_t length; /* of the text; in the source it may be longer by quotes and escapes */
    struct conf_position position;
    unsigned int
        kinds; /* enum conf_byte_kind of its bytes, ored; 0 of a keyword, of one in quotes or of a script */
    bool quoted;
};

struct conf_node {
    const struct conf_keyword *keyword; /* NULL: unknown, or an entry of a list block */
    enum conf_block block;              /* the block it stands in */
    enum conf_block opens;         /* the block it opens; CONF_BLOCK_UNKNOWN if its keyword is not known */
    const struct conf_word *words; /* words[0] is the keyword, or an entry's first word */
    size_t word_count;             /* at least 1, but 0 for the root */
    struct conf_node *parent;
    struct conf_node *children; /* without those that are apart */
    struct conf_node *next;
    struct conf_position opened; /* where its brace is, if it has a block */
    bool has_block;
    uint32_t place; /* in the tree: larger than that of what stands before it */
};

/* What a text may have of lines and words: a line counts as eight words, and two bytes of it as one (but in a
 * long line, a word). 80,000 virtual routers need as much; reading it takes 300 MiB at worst. */
#define CONF_TREE_SIZE_MAX (16U << 20)

/* Blocks within blocks; no block of the language is deeper than six. */
#define CONF_TREE_DEPTH_MAX 1000

struct conf_tree;

/* Neighbours that are forgotten one after the other. Zeros at the beginning. */
struct conf_forgotten {
    size_t entry_chunk; /* what lies behind these is forgotten, as far as it goes; */
    size_t text_chunk;
    uint32_t next; /* up to here */
};

/* Whole: an empty text and blocks left open are refusals, for they look like a file that is being written. */
struct conf_tree *conf_tree_new(struct conf_arena *arena, const struct conf_keyword_index *index,
                                struct conf_diagnostics *diagnostics, bool whole);
void conf_tree_free(struct conf_tree *tree);

/* A conf_line_sink: adds a logical line. */
void conf_tree_add(void *tree, const struct conf_line *line);

/* Ends the text: reports blocks that are still open. */
void conf_tree_finish(struct conf_tree *tree);

/* The text was larger than the limits above, which was reported; the tree is not worth building from. */
bool conf_tree_is_exhausted(const struct conf_tree *tree);

/* How much of CONF_TREE_SIZE_MAX it takes. */
uint32_t conf_tree_size(const struct conf_tree *tree);

/* The root with what is in it; in that arena, as the next. */
struct conf_node *conf_tree_root(const struct conf_tree *tree, struct conf_arena *arena);

/* The node at a place, with what is in it. parent only becomes its parent. */
struct conf_node *conf_tree_node(const struct conf_tree *tree, uint32_t place, struct conf_node *parent,
                                 struct conf_arena *arena);

/* The place of the first node in node that opens such a block, which is apart, and of the next one beside; 0
 * = none.
 */
uint32_t conf_tree_first_apart(const struct conf_tree *tree, const struct conf_node *node,
                               enum conf_block block);
uint32_t conf_tree_next_apart(const struct conf_tree *tree, uint32_t place, enum conf_block block);

/* The node at a place and what is in it are not asked for any more: their memory can go. */
void conf_tree_forget(struct conf_tree *tree, struct conf_forgotten *forgotten, uint32_t place);

#endif
