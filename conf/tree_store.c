/*
 * Keeping a tree and reading it: see tree_store.h and tree.h.
 */
#include "conf/tree_store.h"

#include <stdlib.h>
#include <string.h>

#include "conf/lexer.h"

#define ORIGIN_MASK ((1U << 30) - 1)
#define TEXT_BITS   14U /* of a place in the texts: offset in its chunk */
#define TEXT_BYTES  (1U << TEXT_BITS)

/* ------------------------------------------------------------------ chunks */

static char *add_chunk(struct chunks *chunks, size_t size)
{
    if (chunks->count == chunks->room) {
        chunks->room = chunks->room * 2 + 8;
        chunks->items = realloc(chunks->items, chunks->room * sizeof(*chunks->items));
        if (chunks->items == NULL)
            abort();
    }
    chunks->items[chunks->count] = malloc(size);
    if (chunks->items[chunks->count] == NULL)
        abort();
    return chunks->items[chunks->count++];
}

static void forget_chunks(struct chunks *chunks, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        free(chunks->items[i]);
        chunks->items[i] = NULL;
    }
}

void tree_store_begin(struct conf_tree *tree)
{
    add_chunk(&tree->entries, ENTRIES_A_CHUNK * sizeof(struct entry));
    *tree_store_entry(tree, 0) = (struct entry){0};
    tree->entry_count = 1;
}

void tree_store_end(struct conf_tree *tree)
{
    forget_chunks(&tree->entries, 0, tree->entries.count);
    forget_chunks(&tree->texts, 0, tree->texts.count);
    free(tree->entries.items);
    free(tree->texts.items);
}

/* Forgets what lies between two chunks; *from becomes where to go on. */
static void forget_between(struct chunks *chunks, size_t *from, size_t to)
{
    if (*from + 1 >= to)
        return;
    forget_chunks(chunks, *from + 1, to);
    *from = to - 1;
}

/* Neighbours are forgotten together, as a chunk holds many. */
void conf_tree_forget(struct conf_tree *tree, struct conf_forgotten *forgotten, uint32_t place)
{
    const struct entry *entry = tree_store_entry(tree, place);
    size_t chunk = place / ENTRIES_A_CHUNK, text = entry->text >> TEXT_BITS;

    if (place != forgotten->next) {
        forgotten->entry_chunk = chunk;
        forgotten->text_chunk = text;
    }
    forgotten->next = entry->next;
    forget_between(&tree->entries, &forgotten->entry_chunk, chunk);
    forget_between(&tree->texts, &forgotten->text_chunk, text);
}

/* ------------------------------------------------------------------ adding */

static uint32_t keep_text(struct conf_tree *tree, const char *text, size_t length)
{
    char *place;

    if (tree->texts.count == 0 || tree->text_room - tree->text_used < length + 1) {
        tree->text_room = length + 1 > TEXT_BYTES ? length + 1 : TEXT_BYTES;
        tree->text_used = 0;
        add_chunk(&tree->texts, tree->text_room);
    }
    place = tree->texts.items[tree->texts.count - 1] + tree->text_used;
    memcpy(place, text, length);
    place[length] = '\0';
    tree->text_used += length + 1;
    return (uint32_t)((tree->texts.count - 1) << TEXT_BITS) |
           (uint32_t)(place - tree->texts.items[tree->texts.count - 1]);
}

/* A line that is written as it stands, from its first byte to its last. */
static bool is_plain(const struct conf_line *line)
{
    return line->span_count == 1 && !line->spans[0].fixed;
}

static struct conf_line *keep_spans(struct conf_tree *tree, const struct conf_line *line)
{
    struct conf_line *kept = conf_arena_alloc(tree->arena, sizeof(*kept));

    kept->length = line->length;
    kept->span_count = line->span_count;
    kept->spans = conf_arena_alloc(tree->arena, line->span_count * sizeof(*kept->spans));
    memcpy(kept->spans, line->spans, line->span_count * sizeof(*kept->spans));
    return kept;
}

static uint32_t keep_origin(struct conf_tree *tree, const struct conf_line *line, size_t from,
                            struct conf_position position)
{
    const struct origin *last = tree->origin_count == 0 ? NULL : &tree->origins[tree->origin_count - 1];
    bool plain = is_plain(line);

    if (plain && last != NULL && last->line == NULL && last->source == position.source &&
        last->expansion == position.expansion)
        return (uint32_t)tree->origin_count - 1;
    tree->origins = conf_arena_room(tree->arena, tree->origins, sizeof(*tree->origins), tree->origin_count,
                                    &tree->origin_room);
    tree->origins[tree->origin_count] = (struct origin){.source = position.source,
                                                        .expansion = position.expansion,
                                                        .line = plain ? NULL : keep_spans(tree, line),
                                                        .from = from};
    return (uint32_t)tree->origin_count++;
}

uint32_t tree_store_add(struct conf_tree *tree, const struct conf_line *line, size_t from, size_t to,
                        uint16_t keyword)
{
    struct conf_position position = conf_line_position(line, from);
    uint32_t place = tree->entry_count++;

    if (place % ENTRIES_A_CHUNK == 0)
        add_chunk(&tree->entries, ENTRIES_A_CHUNK * sizeof(struct entry));
    *tree_store_entry(tree, place) =
        (struct entry){.text = keep_text(tree, line->text + from, to - from),
                       .line = position.line,
                       .column = position.column,
                       .origin = keep_origin(tree, line, from, position) & ORIGIN_MASK,
                       .is_apart = conf_keyword_apart(tree->index, keyword) != CONF_BLOCK_NONE,
                       .keyword = keyword,
                       .brace = BRACE_NONE};
    return place;
}

void tree_store_brace(struct conf_tree *tree, uint32_t place, struct conf_position position)
{
    struct entry *entry = tree_store_entry(tree, place);
    const struct origin *origin = &tree->origins[entry->origin];

    if (origin->line == NULL && position.source == origin->source && position.line == entry->line &&
        position.expansion == origin->expansion && position.column > entry->column &&
        position.column - entry->column < BRACE_ELSEWHERE) {
        entry->brace = (uint16_t)(position.column - entry->column);
        return;
    }
    entry->brace = BRACE_ELSEWHERE;
    tree->braces = conf_arena_room(tree->arena, tree->braces, sizeof(*tree->braces), tree->brace_count,
                                   &tree->brace_room);
    tree->braces[tree->brace_count++] = (struct brace){place, position};
}

/* ------------------------------------------------------------------ positions */

/* Of a byte of the entry's text. */
static struct conf_position position_in(const struct conf_tree *tree, const struct entry *entry,
                                        size_t offset)
{
    const struct origin *origin = &tree->origins[entry->origin];

    if (origin->line != NULL)
        return conf_line_position(origin->line, origin->from + offset);
    return (struct conf_position){.source = origin->source,
                                  .line = entry->line,
                                  .column = entry->column + (uint32_t)offset,
                                  .expansion = origin->expansion};
}

static int compare_places(const void *place, const void *brace)
{
    uint32_t wanted = *(const uint32_t *)place, found = ((const struct brace *)brace)->place;

    return wanted < found ? -1 : wanted > found;
}

static struct conf_position position_of_brace(const struct conf_tree *tree, uint32_t place)
{
    const struct entry *entry = tree_store_entry(tree, place);
    const struct brace *found;

    if (entry->brace != BRACE_ELSEWHERE)
        return position_in(tree, entry, entry->brace);
    found = bsearch(&place, tree->braces, tree->brace_count, sizeof(*tree->braces), compare_places);
    return found->position;
}

/* ------------------------------------------------------------------ words */

#define USUAL_WORDS 8

/* The words of a line, until their number is known: where they are in the text that was split, and how many
 * columns behind the entry's. */
struct reading {
    const char *text;
    size_t length;
    struct conf_arena *arena;
    struct conf_word usual[USUAL_WORDS];
    struct conf_word *words;
    size_t count;
    size_t room;
};

static void begin_reading(struct reading *reading, const struct conf_tree *tree, const struct entry *entry,
                          struct conf_arena *arena)
{
    reading->text = tree->texts.items[entry->text >> TEXT_BITS] + (entry->text & (TEXT_BYTES - 1));
    reading->length = strlen(reading->text);
    reading->arena = arena;
    reading->words = reading->usual;
    reading->count = 0;
    reading->room = USUAL_WORDS;
}

static inline void add_word(struct reading *reading, const struct conf_lexer_found *found, size_t written_at)
{
    struct conf_word *word;

    if (reading->count == reading->room)
        reading->words = conf_arena_room(reading->arena, reading->words, sizeof(*reading->words),
                                         reading->count, &reading->room);
    word = &reading->words[reading->count++];
    word->text = reading->text + found->start;
    word->length = found->end - found->start;
    word->position.column = (uint32_t)written_at;
    word->kinds = found->kinds;
    word->quoted = found->quoted;
}

/* A keyword was found by its name, so that name is the first word; but it may be in quotes. */
static void split_plain(struct reading *reading, const struct conf_keyword *row)
{
    struct conf_lexer_found found = {0};
    size_t at = 0;

    if (row != NULL && reading->text[0] != '"') {
        found.end = at = strlen(row->name);
        add_word(reading, &found, 0);
    }
    while (conf_lexer_word(reading->text, reading->length, &at, &found))
        add_word(reading, &found, found.start);
}

/* What is wrong with it was reported when it was added. The words without their quotes, one behind the other,
 * need no more room than the line. */
static void split_script(struct reading *reading)
{
    char *room = conf_arena_alloc(reading->arena, reading->length + 1);
    const char *line = reading->text;
    size_t length = reading->length, at = 0, start;
    struct conf_lexer_found found = {0};

    reading->text = room;
    while (conf_lexer_script_word(line, length, false, &at, &start, room + found.start, &found.fault)) {
        found.end = found.start + strlen(room + found.start);
        found.quoted = line[start] == '"' || line[start] == '\'';
        add_word(reading, &found, start);
        found.start = found.end + 1;
    }
    reading->length = found.start;
}

/* Most lines were written as they stand; so the first byte tells of all. */
static void place_words(struct conf_word *words, size_t count, const struct conf_tree *tree,
                        const struct entry *entry)
{
    const struct conf_position start = position_in(tree, entry, 0);
    bool plain = tree->origins[entry->origin].line == NULL;

    for (size_t i = 0; i < count; i++) {
        uint32_t offset = words[i].position.column;

        words[i].position = plain ? start : position_in(tree, entry, offset);
        if (plain)
            words[i].position.column += offset;
    }
}

/* The node and, behind it, its words and their text. What stands behind a word in the text, a blank or a
 * quote, is not needed any more. */
static struct conf_node *make_node(const struct reading *reading, const struct conf_tree *tree,
                                   const struct entry *entry)
{
    size_t words_size = reading->count * sizeof(struct conf_word);
    struct conf_node *node =
        conf_arena_alloc(reading->arena, sizeof(*node) + words_size + reading->length + 1);
    struct conf_word *words = (struct conf_word *)(void *)(node + 1);
    char *text = (char *)(words + reading->count);

    memcpy(text, reading->text, reading->length);
    for (size_t i = 0; i < reading->count; i++) {
        size_t start = (size_t)(reading->words[i].text - reading->text);

        words[i] = reading->words[i];
        words[i].text = text + start;
        text[start + words[i].length] = '\0';
    }
    place_words(words, reading->count, tree, entry);
    node->words = words;
    node->word_count = reading->count;
    return node;
}

/* ------------------------------------------------------------------ nodes */

enum conf_block tree_store_opens(const struct conf_keyword *row, enum conf_block block)
{
    if (row != NULL)
        return row->opens;
    return block < CONF_BLOCK_COUNT && conf_block_info(block)->list ? CONF_BLOCK_NONE : CONF_BLOCK_UNKNOWN;
}

struct conf_node *tree_store_head(const struct conf_tree *tree, uint32_t place, enum conf_block block,
                                  struct conf_arena *arena)
{
    const struct entry *entry = tree_store_entry(tree, place);
    const struct conf_keyword *row = conf_keyword_numbered(tree->index, entry->keyword);
    struct reading reading;
    struct conf_node *node;

    begin_reading(&reading, tree, entry, arena);
    if (row != NULL && row->script)
        split_script(&reading);
    else
        split_plain(&reading, row);
    node = make_node(&reading, tree, entry);
    node->keyword = row;
    node->block = block;
    node->opens = tree_store_opens(node->keyword, block);
    node->place = place;
    node->has_block = entry->brace != BRACE_NONE;
    if (!node->has_block)
        return node;
    node->opened = position_of_brace(tree, place);
    if (node->opens == CONF_BLOCK_NONE)
        node->opens = CONF_BLOCK_UNKNOWN;
    return node;
}

/* ------------------------------------------------------------------ blocks */

/* The block that is apart and opened there; CONF_BLOCK_NONE if there is none such. */
static enum conf_block apart_at(const struct conf_tree *tree, uint32_t place)
{
    const struct entry *entry = tree_store_entry(tree, place);

    return entry->is_apart ? conf_keyword_apart(tree->index, entry->keyword) : CONF_BLOCK_NONE;
}

/* This place, or the next one beside it where such a block is; with CONF_BLOCK_NONE, where none apart is. */
static uint32_t find_apart(const struct conf_tree *tree, uint32_t place, enum conf_block block)
{
    while (place != 0 && apart_at(tree, place) != block)
        place = tree_store_entry(tree, place)->next;
    return place;
}

static uint32_t first_inside(const struct conf_tree *tree, uint32_t place, enum conf_block block)
{
    if (!tree_store_entry(tree, place)->has_inside)
        return 0;
    return find_apart(tree, place + 1, block);
}

static uint32_t next_beside(const struct conf_tree *tree, uint32_t place)
{
    return find_apart(tree, tree_store_entry(tree, place)->next, CONF_BLOCK_NONE);
}

/* Everything below a node; without recursion, as a text may be nested as deep as it likes. */
static void read_inside(const struct conf_tree *tree, struct conf_node *top, struct conf_arena *arena)
{
    uint32_t place = first_inside(tree, top->place, CONF_BLOCK_NONE);
    struct conf_node **end = &top->children;
    struct conf_node *parent = top;

    for (;;) {
        while (place == 0 && parent != top) {
            end = &parent->next;
            place = next_beside(tree, parent->place);
            parent = parent->parent;
        }
        if (place == 0)
            return;
        *end = tree_store_head(tree, place, parent->opens, arena);
        (*end)->parent = parent;
        parent = *end;
        end = &parent->children;
        place = first_inside(tree, place, CONF_BLOCK_NONE);
    }
}

struct conf_node *conf_tree_root(const struct conf_tree *tree, struct conf_arena *arena)
{
    struct conf_node *root = conf_arena_alloc(arena, sizeof(*root));

    root->opens = CONF_BLOCK_ROOT;
    root->has_block = true;
    read_inside(tree, root, arena);
    return root;
}

struct conf_node *conf_tree_node(const struct conf_tree *tree, uint32_t place, struct conf_node *parent,
                                 struct conf_arena *arena)
{
    struct conf_node *node = tree_store_head(tree, place, parent->opens, arena);

    node->parent = parent;
    read_inside(tree, node, arena);
    return node;
}

uint32_t conf_tree_first_apart(const struct conf_tree *tree, const struct conf_node *node,
                               enum conf_block block)
{
    return first_inside(tree, node->place, block);
}

uint32_t conf_tree_next_apart(const struct conf_tree *tree, uint32_t place, enum conf_block block)
{
    return find_apart(tree, tree_store_entry(tree, place)->next, block);
}
