/*
 * Lines of a configuration out of the keyword table. See line_maker.h.
 */
#include "line_maker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_IN_BLOCK  4 /* at most, of a block that is made */
#define BLOCK_DEPTH_MAX 4
#define ENTRY_WORDS     5 /* at most, behind an entry's first */

static const char numbers[] =
    "0 1 2 3 5 10 50 100 200 254 255 256 1000 65535 65536 4294967295 4294967296 -1 -5 x $A";

/* What stands for a placeholder of the manual's patterns: for <NAME> the first that NAME begins with, for a
 * NAME without brackets the one that is called so. */
static const struct placeholder {
    const char *name;
    const char *words; /* one of these, at blanks */
} placeholders[] = {
    {"ASCII", "0123456789abcdef0123456789abcdef 0123456789abcdef0123456789abcdef0 a"},
    {"A", "192.0.2.1 2001:db8::1"},
    {"BIT", "IRUSR IWUSR IXUSR IRGRP IWGRP IXGRP IROTH IWOTH IXOTH IROT"},
    {"BOOL", "on off true false yes no perhaps"},
    {"CODE", "200 200-299 404 600 99 300-200"},
    {"DECIMAL", "1 0.5 10 0 4000"},
    {"DIR", "/tmp /fuzz . \"\""},
    {"DSFIELD", "0x10 16 0 255 256"},
    {"DST", "1 2 65535"},
    {"D", numbers},
    {"EMAIL", "root@example.com a@b \"A <a@b.c>\" @"},
    {"GLOB", "b * x c /fuzz/? {b,c} y z"},
    {"GROUP", "root 5 nobody A default"},
    {"HEX32", "0123456789abcdef0123456789abcdef 00"},
    {"HEX", "00ff 0123456789abcdef XX ab0 \"00 ff\" "
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"HOST", "192.0.2.25 mail.example.com 2001:db8::25 localhost"},
    {"IFNAME", "eth0 eth0 eth1 eth2.5 eth$A lo wlan0 abcdefghijklmnop"},
    {"INTEGER", numbers},
    {"IPADDR",
     "192.0.2.1 192.0.2.2 192.0.2.$A 198.51.100.7 2001:db8::1 2001:db8::2 fe80::1 224.0.0.18 ff02::12 "
     "0.0.0.0 :: 127.0.0.1 ::ffff:192.0.2.1 192.0.2.256"},
    {"LABEL", "16 1048575 1048576 3"},
    {"LEN", "24 32 64 128 0 33 129"},
    {"LOCATOR", "1:2:3:4 0:0:0:1 1::4"},
    {"MAC", "02:00:00:00:00:01 02:00:00:00:00 02:00"},
    {"MASK", "0xff 255 0"},
    {"MAX", "1 100 8192 0"},
    {"MCAST", "224.0.0.81 ff02::81 192.0.2.1"},
    {"NETMASK", "255.255.255.0 32 24 64 129"},
    {"NAME", "A B C D A.1 $A \"A B\" abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz -1"},
    {"N", numbers},
    {"PATH", "/bin/true /tmp/a /fuzz/b /fuzz/c b ../c \"/a b\" /a//b"},
    {"PCRE", "ok ^a+$ (a|b)* [ \"a b\" (?=x)"},
    {"PORT", "80 443 0 65535 65536 http"},
    {"PREFIX", "192.0.2.0/24 2001:db8::/32 default all 10.0.0.0/8 192.0.2.1"},
    {"PROTO", "A static boot kernel 18 tcp udp sctp icmp 255 256"},
    {"REALM", "1 A cosmos 65535 65536"},
    {"R", "1 2 65535"},
    {"SCOPE", "A link host global site nowhere 0 255 256"},
    {"SCRIPT", "/bin/true \"/bin/echo a\" '/bin/sh' \"/bin/echo 'a b' \\x41\" true a \"\" m /c/a /d/a /g /k "
               "/l /m /n /o /p "
               "/q /r /s /t /x"},
    {"SRC", "1 2 65535"},
    {"START", "1 100 8192 0"},
    {"TABLE", "A main 100 default local 0 4294967295 4294967296"},
    {"TIMER", "1 0.5 3 0.01 10 255 256 0.1 0 4294 -1"},
    {"TIME", "100ms 1s 5 0.5s 2m"},
    {"TYPE", "unicast local broadcast multicast throw unreachable prohibit blackhole nat"},
    {"USER", "root 5 nobody"},
    {"WORD", "caseless multiline dotall extended anchored A"},
    {"", "A B C D A.1 $A \"A B\" abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1 0 255 -1"},
};

static void put_bytes(struct fuzz_piece *piece, const char *bytes, size_t length)
{
    if (length > sizeof(piece->bytes) - piece->length)
        length = sizeof(piece->bytes) - piece->length;
    memcpy(piece->bytes + piece->length, bytes, length);
    piece->length += length;
}

static void put(struct fuzz_piece *piece, const char *text)
{
    put_bytes(piece, text, strlen(text));
}

/* Between two words, unless one stands there already. */
static void put_blank(struct fuzz_piece *piece)
{
    if (piece->length > 0 && piece->bytes[piece->length - 1] != ' ')
        put(piece, " ");
}

/* One of the words, of which those in quotes have blanks. */
static void put_one_of(struct fuzz_piece *piece, const char *words, struct fuzz_random *random)
{
    const char *chosen = words;
    size_t seen = 0, length = 0;

    for (const char *word = words; *word != '\0';) {
        const char *end = word;
        char quote = '\0';

        for (; *end != '\0' && (quote != '\0' || *end != ' '); end++) {
            if (quote == '\0' && (*end == '"' || *end == '\''))
                quote = *end;
            else if (*end == quote)
                quote = '\0';
        }
        if (fuzz_random_once_in(random, ++seen)) {
            chosen = word;
            length = (size_t)(end - word);
        }
        word = *end == ' ' ? end + 1 : end;
    }
    put_bytes(piece, chosen, length);
}

/* ------------------------------------------------------------------ values by kind */

/* In the range, mostly, its ends and what is near 0 more often than the rest. */
static int64_t pick_number(int64_t low, int64_t high, struct fuzz_random *random)
{
    uint64_t range = (uint64_t)high - (uint64_t)low;
    int64_t small = (int64_t)fuzz_random_below(random, 20) - 5;

    switch (fuzz_random_below(random, 8)) {
    case 0:
        return low;
    case 1:
        return high;
    case 2:
        return (int64_t)((uint64_t)high + 1);
    case 3:
        return (int64_t)((uint64_t)low - 1);
    case 4:
    case 5:
        if (small >= low && small <= high)
            return small;
        break;
    }
    return (int64_t)((uint64_t)low +
                     fuzz_random_below(random, range == SIZE_MAX ? range : (size_t)range + 1));
}

static void put_seconds(struct fuzz_piece *piece, int64_t us)
{
    char text[48];

    snprintf(text, sizeof(text), "%s%" PRIu64 ".%06" PRIu64, us < 0 ? "-" : "",
             (us < 0 ? 0 - (uint64_t)us : (uint64_t)us) / 1000000,
             (us < 0 ? 0 - (uint64_t)us : (uint64_t)us) % 1000000);
    put(piece, text);
}

/* Hundredths of a second, mostly. */
static void put_time(struct fuzz_piece *piece, const struct conf_keyword *row, struct fuzz_random *random)
{
    int64_t grain = fuzz_random_once_in(random, 4) ? 1 : 10000;

    put_seconds(piece, pick_number(row->low / grain, row->high / grain, random) * grain);
}

static void put_integer(struct fuzz_piece *piece, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, number);
    put(piece, text);
}

static void put_choice(struct fuzz_piece *piece, const struct conf_choice *choices,
                       struct fuzz_random *random)
{
    size_t count = 0;

    while (choices != NULL && choices[count].word != NULL)
        count++;
    if (count > 0)
        put(piece, choices[fuzz_random_below(random, count)].word);
}

/* ------------------------------------------------------------------ values by the manual's pattern */

static void put_pattern(struct fuzz_piece *piece, const char *pattern, size_t length,
                        struct fuzz_random *random);

/* Behind the bracket that belongs to the one at pattern; or the end. */
static size_t bracket_length(const char *pattern, size_t length)
{
    char open = *pattern, close = open == '[' ? ']' : open == '<' ? '>' : '}';
    size_t depth = 0;

    for (size_t i = 0; i < length; i++) {
        depth += pattern[i] == open;
        depth -= pattern[i] == close;
        if (depth == 0)
            return i + 1;
    }
    return length;
}

static bool opens_bracket(char byte)
{
    return byte == '[' || byte == '<' || byte == '{';
}

static bool is_range(const char *text, int64_t *low, int64_t *high)
{
    return sscanf(text, "%" SCNd64 "..%" SCNd64, low, high) == 2;
}

/* <NAME>, <LOW..HIGH>: pattern stands behind the "<". */
static void put_placeholder(struct fuzz_piece *piece, const char *pattern, struct fuzz_random *random)
{
    const struct placeholder *known = placeholders;
    int64_t low, high;

    if (is_range(pattern, &low, &high)) {
        put_integer(piece, pick_number(low, high, random));
        return;
    }
    while (strncmp(pattern, known->name, strlen(known->name)) != 0)
        known++;
    put_one_of(piece, known->words, random);
}

/* N, REALM, 1..256 where they stand for something without brackets. The length of that, 0: it is no such
 * word. */
static size_t put_bare(struct fuzz_piece *piece, const char *word, size_t length, struct fuzz_random *random)
{
    size_t size = 0;
    int64_t low, high;

    if (is_range(word, &low, &high)) {
        put_integer(piece, pick_number(low, high, random));
        return strspn(word, "-.0123456789");
    }
    while (size < length && word[size] >= 'A' && word[size] <= 'Z')
        size++;
    for (const struct placeholder *known = placeholders; size > 0 && *known->name != '\0'; known++) {
        if (strlen(known->name) == size && memcmp(word, known->name, size) == 0) {
            put_one_of(piece, known->words, random);
            return size;
        }
    }
    return 0;
}

static void put_words(struct fuzz_piece *piece, const char *word, size_t length, struct fuzz_random *random);

/* One piece of a word: a placeholder, what may be left out, "..." for more of what stands before it, a
 * letter. */
static size_t put_part(struct fuzz_piece *piece, const char *word, size_t at, size_t length,
                       struct fuzz_random *random)
{
    const char *part = word + at;
    size_t size = opens_bracket(*part) ? bracket_length(part, length - at) : 1;
    size_t bare = at == 0 || strchr("/|-", part[-1]) != NULL ? put_bare(piece, part, length - at, random) : 0;

    if (bare > 0)
        return bare;
    if (length - at >= 3 && memcmp(part, "...", 3) == 0) {
        if (at > 0 && fuzz_random_once_in(random, 2)) {
            put_blank(piece);
            put_words(piece, word, at, random);
        }
        return 3;
    }
    if (*part == '<')
        put_placeholder(piece, part + 1, random);
    else if (*part == '[' && size >= 2 && fuzz_random_once_in(random, 3))
        put_pattern(piece, part + 1, size - 2, random);
    else if (size == 1)
        put_bytes(piece, part, 1);
    return size;
}

static void put_words(struct fuzz_piece *piece, const char *word, size_t length, struct fuzz_random *random)
{
    for (size_t i = 0; i < length;)
        i += put_part(piece, word, i, length, random);
}

struct span {
    const char *text;
    size_t length;
};

/* One of what stands between the separators, "<TIMER>|forever", "fwmark <N> | group <NAME>". */
static struct span choose(const char *text, size_t length, const char *separator, struct fuzz_random *random)
{
    size_t width = strlen(separator), begin = 0, seen = 0;
    struct span chosen = {text, length};

    for (size_t i = 0; i <= length;) {
        bool cut = i + width <= length && memcmp(text + i, separator, width) == 0;

        if (i < length && !cut) {
            i += opens_bracket(text[i]) ? bracket_length(text + i, length - i) : 1;
            continue;
        }
        if (fuzz_random_once_in(random, ++seen))
            chosen = (struct span){text + begin, i - begin};
        i += cut ? width : 1;
        begin = i;
    }
    return chosen;
}

static void put_pattern(struct fuzz_piece *piece, const char *pattern, size_t length,
                        struct fuzz_random *random)
{
    struct span line = choose(pattern, length, " | ", random);

    for (size_t i = 0; i < line.length; i++) {
        size_t begin = i;
        struct span word;

        while (i < line.length && line.text[i] != ' ')
            i += opens_bracket(line.text[i]) ? bracket_length(line.text + i, line.length - i) : 1;
        word = choose(line.text + begin, i - begin, "|", random);
        if (begin > 0)
            put_blank(piece);
        put_words(piece, word.text, word.length, random);
    }
}

/* ------------------------------------------------------------------ lines */

/* The manual's pattern; of "as KEYWORD", that keyword's. */
static const char *pattern_of(const struct conf_keyword *row)
{
    if (row->arguments == NULL || strncmp(row->arguments, "as ", 3) != 0)
        return row->arguments;
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_ENTRY_ADDRESS; block++) {
        for (const struct conf_keyword *other = conf_block_info(block)->rows; other->name != NULL; other++) {
            if (strcmp(other->name, row->arguments + 3) == 0)
                return other->arguments;
        }
    }
    return row->arguments;
}

static void put_value(struct fuzz_piece *piece, const struct conf_keyword *row, struct fuzz_random *random)
{
    const char *arguments;

    switch (row->kind) {
    case CONF_VALUE_INTEGER:
        put_integer(piece, pick_number(row->low, row->high, random));
        return;
    case CONF_VALUE_SECONDS:
        put_time(piece, row, random);
        return;
    case CONF_VALUE_CHOICE:
        put_choice(piece, row->choices, random);
        return;
    case CONF_VALUE_NONE:
    case CONF_VALUE_SET:
    case CONF_VALUE_BOOL:
    case CONF_VALUE_TEXT:
    case CONF_VALUE_INTERFACE:
    case CONF_VALUE_ADDRESS:
    case CONF_VALUE_SCRIPT:
    case CONF_VALUE_HANDLER:
        arguments = pattern_of(row);
        if (arguments != NULL && *arguments != '(')
            put_pattern(piece, arguments, strlen(arguments), random);
        return;
    }
}

static void make_words(struct fuzz_piece *piece, const struct conf_keyword *row, struct fuzz_random *random)
{
    if (*row->name != '(') {
        put(piece, row->name);
        put(piece, " ");
    }
    if (fuzz_random_once_in(random, 16))
        put_one_of(piece, numbers, random);
    else if (!fuzz_random_once_in(random, 32))
        put_value(piece, row, random);
}

static const struct conf_keyword *random_row(enum conf_block block, struct fuzz_random *random)
{
    const struct conf_block_info *info = conf_block_info(block);
    size_t count = 0;

    while (info->rows[count].name != NULL)
        count++;
    return &info->rows[fuzz_random_below(random, count)];
}

/* The table of the words that the block's entries are made of; CONF_BLOCK_NONE if its row says it all. */
static enum conf_block entry_words(enum conf_block block)
{
    const char *path = conf_block_info(block)->path;

    if (strstr(path, "ipaddress") != NULL)
        return CONF_BLOCK_ENTRY_ADDRESS;
    if (strstr(path, "_routes") != NULL)
        return CONF_BLOCK_ENTRY_ROUTE;
    return strstr(path, "_rules") != NULL ? CONF_BLOCK_ENTRY_RULE : CONF_BLOCK_NONE;
}

/* Its first word and a few others; the whole pattern at once is hardly ever right. */
static void make_entry(struct fuzz_piece *piece, enum conf_block words, struct fuzz_random *random)
{
    const struct conf_keyword *first = &conf_block_info(words)->rows[0];

    if (*first->name == '(')
        make_words(piece, first, random);
    for (size_t count = fuzz_random_below(random, ENTRY_WORDS + 1); count > 0; count--) {
        const struct conf_keyword *row = random_row(words, random);

        if (*row->name == '(')
            continue;
        put_blank(piece);
        make_words(piece, row, random);
    }
}

void fuzz_make_words(struct fuzz_piece *piece, enum conf_block block, const struct conf_keyword *row,
                     struct fuzz_random *random)
{
    if (entry_words(block) != CONF_BLOCK_NONE)
        make_entry(piece, entry_words(block), random);
    else
        make_words(piece, row, random);
}

static void make_line(struct fuzz_piece *piece, enum conf_block block, unsigned int depth,
                      struct fuzz_random *random)
{
    const struct conf_keyword *row = random_row(block, random);
    size_t lines = depth < BLOCK_DEPTH_MAX ? fuzz_random_below(random, LINES_IN_BLOCK + 1) : 0;

    fuzz_make_words(piece, block, row, random);
    if (row->opens == CONF_BLOCK_NONE) {
        put(piece, "\n");
        return;
    }
    put(piece, " {\n");
    for (; lines > 0; lines--)
        make_line(piece, row->opens, depth + 1, random);
    put(piece, "}\n");
}

void fuzz_make_line(struct fuzz_piece *piece, enum conf_block block, struct fuzz_random *random)
{
    if (block == CONF_BLOCK_NONE || block >= CONF_BLOCK_ENTRY_ADDRESS)
        block = CONF_BLOCK_ROOT +
                (enum conf_block)fuzz_random_below(random, CONF_BLOCK_ENTRY_ADDRESS - CONF_BLOCK_ROOT);
    make_line(piece, block, 0, random);
}
