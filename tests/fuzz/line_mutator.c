/*
 * What libFuzzer does to a configuration: some of its mutations are its own, of bytes; the others add,
 * change, remove, repeat and exchange whole lines and blocks, where the keyword table says that they may
 * stand.
 *
 * Bytes alone hardly ever make a good line out of another, so what needs several good lines is found late.
 * Linked into the targets that read configurations (libFuzzer: "Structure-Aware Fuzzing"); what makes the
 * lines is line_maker.c.
 */
#include <string.h>

#include "fuzz_target.h"
#include "line_maker.h"

#define LINES_MAX      1024
#define DEPTH_MAX      16
#define NAME_BYTES_MAX 64
#define EDITS_MAX      4 /* at once */

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t length, const uint8_t *other,
                                 size_t other_length, uint8_t *result, size_t room, unsigned int seed);

struct line {
    size_t begin;
    size_t end;                     /* behind its newline */
    size_t block_end;               /* behind the last line of the block that it opens; else end */
    enum conf_block inside;         /* of which block it is a line */
    const struct conf_keyword *row; /* NULL: not known there */
    bool closes;                    /* it is a block's end */
};

/* Where an input's lines are. */
struct line_map {
    struct line lines[LINES_MAX];
    size_t count;
    enum conf_block last; /* which block is open at the end */
};

static const struct conf_keyword_index *keywords(void)
{
    static struct conf_keyword_index *index;

    if (index == NULL)
        index = conf_keyword_index_new();
    return index;
}

/* ------------------------------------------------------------------ the map of an input */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static const struct conf_keyword *row_of(enum conf_block inside, const uint8_t *word, size_t length)
{
    char name[NAME_BYTES_MAX];
    size_t size = 0;

    if (inside == CONF_BLOCK_UNKNOWN)
        return NULL;
    if (length > 0 && (*word == '#' || *word == '!' || *word == '\n'))
        return NULL;
    if (conf_block_info(inside)->list)
        return conf_block_info(inside)->rows;
    while (size < length && size < sizeof(name) - 1 && !is_blank(word[size]) && word[size] != '\n' &&
           word[size] != '{')
        size++;
    memcpy(name, word, size);
    name[size] = '\0';
    return size == 0 ? NULL : conf_keyword_find(keywords(), inside, name);
}

static bool opens_block(const uint8_t *bytes, const struct line *line)
{
    size_t end = line->end;

    while (end > line->begin && (is_blank(bytes[end - 1]) || bytes[end - 1] == '\n'))
        end--;
    return end > line->begin && bytes[end - 1] == '{';
}

/* The blocks that are open, the innermost last; none is the top level. */
struct open_blocks {
    struct line *openers[DEPTH_MAX];
    size_t depth;
};

static enum conf_block innermost(const struct open_blocks *open)
{
    const struct line *opener = open->depth == 0 ? NULL : open->openers[open->depth - 1];

    if (opener == NULL)
        return CONF_BLOCK_ROOT;
    return opener->row == NULL || opener->row->opens == CONF_BLOCK_NONE ? CONF_BLOCK_UNKNOWN
                                                                        : opener->row->opens;
}

/* Behind blanks and behind what a line may begin with: "@low ", "~SEQ(A,1,3) ". */
static size_t first_word(const uint8_t *bytes, const struct line *line)
{
    size_t word = line->begin;

    for (;;) {
        while (word < line->end && is_blank(bytes[word]))
            word++;
        if (word == line->end || (bytes[word] != '@' && bytes[word] != '~'))
            return word;
        while (word < line->end && !is_blank(bytes[word]))
            word++;
    }
}

static bool is_cut(const uint8_t *bytes, const struct line *line)
{
    return line->end - line->begin == 3 && memcmp(bytes + line->begin, "%%\n", 3) == 0;
}

static void read_line(struct line *line, const uint8_t *bytes, struct open_blocks *open)
{
    size_t word = first_word(bytes, line);

    if (is_cut(bytes, line)) /* another file */
        open->depth = 0;
    line->inside = innermost(open);
    line->block_end = line->end;
    line->closes = word < line->end && bytes[word] == '}';
    line->row = line->closes ? NULL : row_of(line->inside, bytes + word, line->end - word);
    if (line->closes && open->depth > 0)
        open->openers[--open->depth]->block_end = line->end;
    else if (opens_block(bytes, line) && open->depth < DEPTH_MAX)
        open->openers[open->depth++] = line;
}

static void map_lines(struct line_map *map, const uint8_t *bytes, size_t length)
{
    struct open_blocks open = {.depth = 0};

    map->count = 0;
    for (size_t at = 0; at < length && map->count < LINES_MAX;) {
        const uint8_t *newline = memchr(bytes + at, '\n', length - at);
        struct line *line = &map->lines[map->count++];

        line->begin = at;
        line->end = at = newline == NULL ? length : (size_t)(newline - bytes) + 1;
        read_line(line, bytes, &open);
    }
    map->last = innermost(&open);
}

/* ------------------------------------------------------------------ edits */

/* An input under way. */
struct edited {
    uint8_t *bytes;
    size_t length;
    size_t room;
};

/* Puts a piece in the place of what stands at begin to end. False: there is no room. */
static bool replace(struct edited *input, size_t begin, size_t end, const void *piece, size_t size)
{
    size_t length = input->length - (end - begin) + size;

    if (length > input->room)
        return false;
    memmove(input->bytes + begin + size, input->bytes + end, input->length - end);
    if (size > 0)
        memcpy(input->bytes + begin, piece, size);
    input->length = length;
    return true;
}

/* The same for what has to begin a line. */
static bool insert_lines(struct edited *input, size_t at, const void *lines, size_t size)
{
    if (at > 0 && input->bytes[at - 1] != '\n') {
        if (!replace(input, at, at, "\n", 1))
            return false;
        at++;
    }
    return replace(input, at, at, lines, size);
}

/* Some line but the end of a block. */
static const struct line *random_line(const struct line_map *map, struct fuzz_random *random)
{
    const struct line *line;
    size_t tries = 8;

    do
        line = &map->lines[fuzz_random_below(random, map->count)];
    while (line->closes && --tries > 0);
    return line;
}

static bool add_line(struct edited *input, const struct line_map *map, struct fuzz_random *random)
{
    size_t before = fuzz_random_below(random, map->count + 1);
    const struct line *line = before == map->count ? NULL : &map->lines[before];
    struct fuzz_piece piece = {.length = 0};

    fuzz_make_line(&piece, line == NULL ? map->last : line->inside, random);
    return insert_lines(input, line == NULL ? input->length : line->begin, piece.bytes, piece.length);
}

static bool put_end(struct fuzz_piece *piece, const char *end)
{
    if (piece->length + strlen(end) > sizeof(piece->bytes))
        return false;
    memcpy(piece->bytes + piece->length, end, strlen(end));
    piece->length += strlen(end);
    return true;
}

/* Other arguments for a keyword; what else stands in the line goes. */
static bool change_line(struct edited *input, const struct line_map *map, struct fuzz_random *random)
{
    const struct line *line = random_line(map, random);
    struct fuzz_piece piece = {.length = 0};

    if (line->row == NULL)
        return false;
    fuzz_make_words(&piece, line->inside, line->row, random);
    return put_end(&piece, opens_block(input->bytes, line) ? " {\n" : "\n") &&
           replace(input, line->begin, line->end, piece.bytes, piece.length);
}

static bool remove_line(struct edited *input, const struct line_map *map, struct fuzz_random *random)
{
    const struct line *line = random_line(map, random);

    return replace(input, line->begin, line->block_end, NULL, 0);
}

/* A block once more under another name, and for a virtual router with another number: else it were a second.
 */
static bool repeat_block(struct edited *input, const struct line_map *map, struct fuzz_random *random)
{
    const struct line *opener = random_line(map, random), *last = &map->lines[map->count - 1];
    struct fuzz_piece piece = {.length = 0};

    if (opener->row == NULL || opener->block_end == opener->end)
        return false;
    for (const struct line *line = opener; line <= last && line->begin < opener->block_end; line++) {
        bool renamed =
            line == opener || (line->row != NULL && strcmp(line->row->name, "virtual_router_id") == 0);
        size_t size = line->end - line->begin;

        if (renamed) {
            fuzz_make_words(&piece, line->inside, line->row, random);
            if (!put_end(&piece, line == opener ? " {\n" : "\n"))
                return false;
            continue;
        }
        if (size > sizeof(piece.bytes) - piece.length)
            return false;
        memcpy(piece.bytes + piece.length, input->bytes + line->begin, size);
        piece.length += size;
    }
    return insert_lines(input, opener->block_end, piece.bytes, piece.length);
}

/* What a line may begin with: conditions, repetitions, comments. */
static bool prefix_line(struct edited *input, const struct line_map *map, struct fuzz_random *random)
{
    static const char *const prefixes[] = {
        "@low ",
        "@^low ",
        "@high ",
        "~SEQ(A,1,3) ",
        "~SEQx(A,10,2,20) ",
        "~LST(A,1,2) ",
        "~LST({A,B},{1,2},{3,4}) ",
        "#",
        "! ",
        "$A=",
        "$B= \\\n",
        "include b\n",
        "\n%%\n",
    };
    const struct line *line = random_line(map, random);
    const char *prefix = prefixes[fuzz_random_below(random, sizeof(prefixes) / sizeof(prefixes[0]))];

    return replace(input, line->begin, line->begin, prefix, strlen(prefix));
}

/* A line of the source, with its block, before, or in the place of, a line that stands in such a block too.
 */
static bool exchange(struct edited *input, const struct line_map *map, const uint8_t *source,
                     const struct line_map *source_map, struct fuzz_random *random)
{
    const struct line *from = random_line(source_map, random), *to = NULL;
    uint8_t piece[FUZZ_PIECE_BYTES_MAX];
    size_t size = from->block_end - from->begin, seen = 0;

    for (size_t i = 0; i < map->count; i++) {
        if (map->lines[i].inside == from->inside && fuzz_random_once_in(random, ++seen))
            to = &map->lines[i];
    }
    if (to == NULL || size >= sizeof(piece))
        return false;
    memcpy(piece, source + from->begin, size);
    if (piece[size - 1] != '\n')
        piece[size++] = '\n';
    if (!to->closes && fuzz_random_once_in(random, 2))
        return replace(input, to->begin, to->block_end, piece, size);
    return replace(input, to->begin, to->begin, piece, size);
}

static bool edit(struct edited *input, struct fuzz_random *random)
{
    static struct line_map map;

    map_lines(&map, input->bytes, input->length);
    if (map.count == 0)
        return add_line(input, &map, random);
    switch (fuzz_random_below(random, 10)) {
    case 0:
        return remove_line(input, &map, random);
    case 1:
        return prefix_line(input, &map, random);
    case 2:
        return exchange(input, &map, input->bytes, &map, random);
    case 3:
    case 4:
        return repeat_block(input, &map, random);
    case 5:
    case 6:
        return change_line(input, &map, random);
    default:
        return add_line(input, &map, random);
    }
}

/* ------------------------------------------------------------------ libFuzzer's door */

static struct fuzz_random seeded(unsigned int seed)
{
    return (struct fuzz_random){.state = ((uint64_t)seed + 1) * 0x9E3779B97F4A7C15u};
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned int seed)
{
    struct fuzz_random random = seeded(seed);
    struct edited input = {.bytes = bytes, .length = length, .room = room};
    bool done = false;

    if (fuzz_random_once_in(&random, 2))
        return LLVMFuzzerMutate(bytes, length, room);
    for (size_t edits = 1 + fuzz_random_below(&random, EDITS_MAX); edits > 0; edits--)
        done = edit(&input, &random) || done;
    return done && input.length > 0 ? input.length : LLVMFuzzerMutate(input.bytes, input.length, room);
}

/* 0: nothing was done, libFuzzer does something else. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t length, const uint8_t *other,
                                 size_t other_length, uint8_t *result, size_t room, unsigned int seed)
{
    static struct line_map map, other_map;
    struct fuzz_random random = seeded(seed);
    struct edited input = {.bytes = result, .length = length, .room = room};

    if (length > room || !fuzz_random_once_in(&random, 4))
        return 0;
    memcpy(result, bytes, length);
    map_lines(&map, bytes, length);
    map_lines(&other_map, other, other_length);
    if (map.count == 0 || other_map.count == 0)
        return 0;
    return exchange(&input, &map, other, &other_map, &random) ? input.length : 0;
}
