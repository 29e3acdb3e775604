/*
 * How a tree is kept: for tree.c, which makes it, and tree_store.c, which reads it.
 *
 * Each node is an entry of 24 bytes, in the order of the text, and its part of the line as it was written.
 * Both lie in chunks, so that what has been used can go while the model grows. Where a word stands follows
 * from the beginning of its line's part; only lines that came out of definitions keep more.
 */
#ifndef TANDEM_CONF_TREE_STORE_H
#define TANDEM_CONF_TREE_STORE_H

#include "conf/arena.h"
#include "conf/tree.h"

#define BRACE_NONE      0
#define BRACE_ELSEWHERE UINT16_MAX /* among tree->braces */

struct entry {
    uint32_t text; /* chunk and offset of its part of the line, terminated */
    uint32_t line; /* where that begins */
    uint32_t column;
    uint32_t origin : 30; /* number of it; CONF_TREE_SIZE_MAX is less */
    uint32_t has_inside : 1;
    uint32_t is_apart : 1; /* the block it opens */
    uint32_t next;         /* in the same block; 0 = none */
    uint16_t keyword;
    uint16_t brace; /* of its block: how many columns behind the beginning; or one of the above */
};

/* What many entries have in common. */
struct origin {
    uint32_t source;
    uint32_t expansion;
    const struct conf_line *line; /* NULL: everything stands as it was written; else its spans */
    size_t from;                  /* offset in that line */
};

struct brace {
    uint32_t place;
    struct conf_position position;
};

/* A block whose brace has not come yet. */
struct open_block {
    uint32_t place;
    uint32_t last; /* node in it; 0 = none */
    enum conf_block opens;
};

/* Tables of chunks; what has been forgotten is NULL. */
struct chunks {
    char **items;
    size_t count;
    size_t room;
};

#define ENTRIES_A_CHUNK 1024U

struct conf_tree {
    struct conf_arena *arena;
    struct conf_arena *scratch;
    const struct conf_keyword_index *index;
    struct conf_diagnostics *diagnostics;
    struct chunks entries;
    struct chunks texts;
    uint32_t entry_count;
    size_t text_used; /* of the last chunk */
    size_t text_room;
    struct origin *origins;
    size_t origin_count;
    size_t origin_room;
    struct brace *braces; /* in the order of places */
    size_t brace_count;
    size_t brace_room;
    struct open_block *open; /* the innermost last */
    size_t open_count;
    size_t open_room;
    uint32_t pending; /* the last keyword: a '{' now would be its block; 0 = none */
    enum conf_block pending_opens;
    bool pending_known;
    bool whole;     /* the text must be: see tree.h */
    uint32_t size;  /* lines and words so far: see CONF_TREE_SIZE_MAX */
    bool exhausted; /* a limit was hit and reported: nothing more is added */
};

/* Entry 0 is the root. */
void tree_store_begin(struct conf_tree *tree);
void tree_store_end(struct conf_tree *tree);

/* Adds bytes from..to of a line, which do not begin with a blank, as a node; returns its place. */
uint32_t tree_store_add(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to,
                        uint16_t keyword);

/* The block of the node added last begins there. */
void tree_store_brace(struct conf_tree *tree, uint32_t place, struct conf_position position);

static inline struct entry *tree_store_entry(const struct conf_tree *tree, uint32_t place)
{
    return (struct entry *)(void *)tree->entries.items[place / ENTRIES_A_CHUNK] + place % ENTRIES_A_CHUNK;
}

/* The node at a place without what is in it; block is the one it stands in. */
struct conf_node *tree_store_head(const struct conf_tree *tree, uint32_t place, enum conf_block block,
                                  struct conf_arena *arena);

/* The block that a line of that row opens, standing in that one. */
enum conf_block tree_store_opens(const struct conf_keyword *row, enum conf_block block);

#endif
