/*
 * The builder's walk: block by block, keyword by keyword. See build.h for its other parts.
 */
#include "conf/build.h"

#include <stdarg.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/lint.h"
#include "conf/values.h"

/* No block has more rows than this. */
#define ROWS_MAX 192

/* ------------------------------------------------------------------ drafts */

static bool is_number(enum conf_value_kind kind)
{
    return kind == CONF_VALUE_SET || kind == CONF_VALUE_BOOL || kind == CONF_VALUE_INTEGER ||
           kind == CONF_VALUE_SECONDS || kind == CONF_VALUE_CHOICE;
}

/* What a block's rows say about its draft. */
struct draft_shape {
    size_t rows;
    size_t number_count;
    uint16_t numbers[]; /* where they are in the draft */
};

static const struct draft_shape *shape_of(struct conf_builder *builder, enum conf_block block)
{
    const struct conf_keyword *rows = conf_block_info(block)->rows;
    struct draft_shape *shape = builder->shapes[block];
    size_t count = 0;

    if (shape != NULL)
        return shape;
    while (rows[count].name != NULL)
        count++;
    shape = conf_arena_alloc(builder->kept, sizeof(*shape) + count * sizeof(shape->numbers[0]));
    shape->rows = count;
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].state == CONF_BUILT || rows[i].modelled) && is_number(rows[i].kind))
            shape->numbers[shape->number_count++] = (uint16_t)rows[i].offset;
    }
    builder->shapes[block] = shape;
    return shape;
}

void conf_draft_reset(struct conf_builder *builder, enum conf_block block, void *draft)
{
    const struct draft_shape *shape = shape_of(builder, block);
    int64_t unset = CONF_UNSET;

    for (size_t i = 0; i < shape->number_count; i++)
        memcpy((char *)draft + shape->numbers[i], &unset, sizeof(unset));
}

void *conf_draft_new(struct conf_builder *builder, enum conf_block block, size_t size)
{
    void *draft = conf_arena_alloc(builder->arena, size);

    conf_draft_reset(builder, block, draft);
    return draft;
}

/* ------------------------------------------------------------------ reporting */

struct conf_diagnostic *conf_complain(struct conf_builder *builder, enum conf_severity severity,
                                      enum conf_problem problem, const struct conf_node *node, size_t word,
                                      const char *format, ...)
{
    const struct conf_word *where = &node->words[word < node->word_count ? word : node->word_count - 1];
    struct conf_diagnostic *diagnostic;
    va_list arguments;

    va_start(arguments, format);
    diagnostic = conf_report_list(builder->diagnostics, severity, problem, where->position, where->length,
                                  format, arguments);
    va_end(arguments);
    return diagnostic;
}

void conf_complain_twice(struct conf_builder *builder, const char *what, const struct conf_node *node,
                         const struct conf_node *first)
{
    struct conf_diagnostic *diagnostic =
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 1,
                      "%s %s is defined twice; the second is skipped", what, node->words[1].text);

    conf_diagnostic_relate(builder->diagnostics, diagnostic, first->words[1].position, "first defined here");
}

const struct conf_node *conf_node_find(const struct conf_node *block, const char *keyword)
{
    const struct conf_node *found = block;

    for (const struct conf_node *child = block->children; child != NULL; child = child->next) {
        if (strcmp(child->words[0].text, keyword) == 0)
            found = child;
    }
    return found;
}

bool conf_need_word(struct conf_builder *builder, const struct conf_node *node, size_t word, const char *what)
{
    bool may_start = node->keyword != NULL && node->keyword->lack == CONF_LACK_COMPLAINT;
    struct conf_diagnostic *diagnostic;

    if (word < node->word_count)
        return true;
    diagnostic = conf_complain(builder, may_start ? CONF_COMPLAINT : CONF_REFUSAL, CONF_PROBLEM_ARGUMENT,
                               node, 0, "'%s' lacks its argument", node->words[node->word_count - 1].text);
    conf_diagnostic_expect(builder->diagnostics, diagnostic, "%s", what);
    return false;
}

/* ------------------------------------------------------------------ values */

/* Microseconds as seconds without needless zeros. */
static const char *seconds_text(int64_t microseconds, char buffer[static 32])
{
    size_t length;

    snprintf(buffer, 32, "%lld.%06lld", (long long)(microseconds / 1000000),
             (long long)(microseconds % 1000000));
    length = strlen(buffer);
    while (buffer[length - 1] == '0')
        buffer[--length] = '\0';
    if (buffer[length - 1] == '.')
        buffer[length - 1] = '\0';
    return buffer;
}

static struct conf_diagnostic *complain_value(struct conf_builder *builder, const struct conf_node *node,
                                              size_t word, enum conf_value_fault fault, const char *kind)
{
    if (fault == CONF_VALUE_OUT_OF_RANGE)
        return conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                             "'%s' is out of range; this %s is ignored", node->words[word].text,
                             node->words[0].text);
    return conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                         "'%s' is not %s; this %s is ignored", node->words[word].text, kind,
                         node->words[0].text);
}

bool conf_read_integer(struct conf_builder *builder, const struct conf_node *node, size_t word, int64_t low,
                       int64_t high, int64_t *value)
{
    enum conf_value_fault fault;

    if (!conf_need_word(builder, node, word, "a whole number"))
        return false;
    fault = conf_parse_integer(node->words[word].text, low, high, value);
    if (fault == CONF_VALUE_GOOD)
        return true;
    conf_diagnostic_expect(builder->diagnostics, complain_value(builder, node, word, fault, "a whole number"),
                           "a whole number from %lld to %lld", (long long)low, (long long)high);
    return false;
}

bool conf_read_seconds(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       int64_t low_us, int64_t high_us, int64_t *value_us)
{
    enum conf_value_fault fault;
    char low[32];
    char high[32];

    if (!conf_need_word(builder, node, word, "a time in seconds"))
        return false;
    fault = conf_parse_seconds(node->words[word].text, low_us, high_us, value_us);
    if (fault == CONF_VALUE_GOOD)
        return true;
    conf_diagnostic_expect(builder->diagnostics, complain_value(builder, node, word, fault, "a time"),
                           "seconds, with a fraction if need be, from %s to %s", seconds_text(low_us, low),
                           seconds_text(high_us, high));
    return false;
}

bool conf_read_bool(struct conf_builder *builder, const struct conf_node *node, size_t word, bool *value)
{
    *value = true;
    if (word >= node->word_count || conf_parse_bool(node->words[word].text, value))
        return true;
    conf_diagnostic_expect(builder->diagnostics,
                           complain_value(builder, node, word, CONF_VALUE_MALFORMED, "yes or no"),
                           "on, true, yes, off, false or no");
    return false;
}

bool conf_read_address(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       struct ip_address *address)
{
    enum conf_value_fault fault;
    uint8_t length;
    bool length_given;

    if (!conf_need_word(builder, node, word, "an IP address"))
        return false;
    fault = conf_parse_prefix(node->words[word].text, address, &length, &length_given);
    if (fault != CONF_VALUE_GOOD) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word, "'%s' is not an IP address",
                      node->words[word].text);
        return false;
    }
    if (length_given)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, node, word,
                      "this is one address, so its prefix length is ignored");
    return true;
}

bool conf_read_prefix(struct conf_builder *builder, const struct conf_node *node, size_t word,
                      struct ip_address *address, uint8_t *length, bool *length_given)
{
    struct conf_diagnostic *diagnostic;
    enum conf_value_fault fault;

    if (!conf_need_word(builder, node, word, "an IP address"))
        return false;
    fault = conf_parse_prefix(node->words[word].text, address, length, length_given);
    if (fault == CONF_VALUE_GOOD)
        return true;
    diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                               "'%s' is not an IP address; this line is ignored", node->words[word].text);
    conf_diagnostic_expect(builder->diagnostics, diagnostic,
                           fault == CONF_VALUE_OUT_OF_RANGE ? "a prefix length that the address has room for"
                                                            : "an IP address, or ADDRESS/LENGTH");
    return false;
}

bool conf_read_weight(struct conf_builder *builder, const struct conf_node *node, size_t word, int64_t most,
                      int16_t *weight, bool *reverse)
{
    int64_t value;

    *weight = 0;
    *reverse = false;
    if (word >= node->word_count)
        return true;
    if (strcmp(node->words[word].text, "weight") != 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, word,
                      "'%s' is not known here; only 'weight' is", node->words[word].text);
        return false;
    }
    if (!conf_read_integer(builder, node, word + 1, -254, 254, &value))
        return false;
    if (value < -most || value > most) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word + 1,
                      "a weight reaches from %lld to %lld; it is cut to that", (long long)-most,
                      (long long)most);
        value = value < 0 ? -most : most;
    }
    *weight = (int16_t)value;
    if (word + 2 >= node->word_count)
        return true;
    *reverse = strcmp(node->words[word + 2].text, "reverse") == 0;
    if (!*reverse)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, word + 2,
                      "'%s' is not known here; only 'reverse' is", node->words[word + 2].text);
    return *reverse;
}

/* ------------------------------------------------------------------ keywords */

bool conf_read_choice(struct conf_builder *builder, const struct conf_node *node, int64_t *value)
{
    const struct conf_keyword *keyword = node->keyword;
    struct conf_suggestion suggestion = {0};
    struct conf_diagnostic *diagnostic;

    if (!conf_need_word(builder, node, 1, keyword->arguments))
        return false;
    suggestion.written = node->words[1].text;
    for (const struct conf_choice *choice = keyword->choices; choice->word != NULL; choice++) {
        int (*compare)(const char *, const char *) = keyword->ignore_case ? strcasecmp : strcmp;

        if (compare(choice->word, node->words[1].text) == 0) {
            *value = choice->value;
            return true;
        }
    }
    for (const struct conf_choice *choice = keyword->choices; choice->word != NULL; choice++)
        conf_suggestion_offer(&suggestion, choice->word);
    diagnostic = complain_value(builder, node, 1, CONF_VALUE_MALFORMED, "known here");
    diagnostic->suggestion = suggestion.best;
    conf_diagnostic_expect(builder->diagnostics, diagnostic, "%s", keyword->arguments);
    return false;
}

static bool read_number(struct conf_builder *builder, const struct conf_node *node, int64_t *value)
{
    const struct conf_keyword *keyword = node->keyword;
    bool flag;

    switch (keyword->kind) {
    case CONF_VALUE_SET:
        *value = keyword->low;
        return true;
    case CONF_VALUE_BOOL:
        if (!conf_read_bool(builder, node, 1, &flag))
            return false;
        *value = flag;
        return true;
    case CONF_VALUE_INTEGER:
        return conf_read_integer(builder, node, 1, keyword->low, keyword->high, value);
    case CONF_VALUE_SECONDS:
        return conf_read_seconds(builder, node, 1, keyword->low, keyword->high, value);
    case CONF_VALUE_CHOICE:
        return conf_read_choice(builder, node, value);
    case CONF_VALUE_NONE:
    case CONF_VALUE_TEXT:
    case CONF_VALUE_INTERFACE:
    case CONF_VALUE_ADDRESS:
    case CONF_VALUE_SCRIPT:
    case CONF_VALUE_HANDLER:
        break;
    }
    return false;
}

bool conf_check_text(struct conf_builder *builder, const struct conf_node *node, size_t word)
{
    const struct conf_keyword *keyword = node->keyword;

    if (!conf_need_word(builder, node, word, keyword->arguments))
        return false;
    if (keyword->high == 0 || node->words[word].length <= (size_t)keyword->high)
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                  "'%s' is longer than %lld characters; this %s is ignored", node->words[word].text,
                  (long long)keyword->high, node->words[0].text);
    return false;
}

static void store_text(struct conf_builder *builder, const struct conf_node *node, void *field)
{
    char *text;

    if (!conf_check_text(builder, node, 1) ||
        (node->keyword->kind == CONF_VALUE_INTERFACE && !conf_check_interface(builder, node, 1)))
        return;
    text = conf_model_strdup(builder->model, node->words[1].text);
    memcpy(field, &text, sizeof(text));
}

void conf_note_superfluous(struct conf_builder *builder, const struct conf_node *node, size_t used)
{
    if (node->word_count > used)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_ARGUMENT, node, used,
                      "'%s' and what follows it are ignored: %s takes %s", node->words[used].text,
                      node->words[0].text, used == 1 ? "no argument" : "one argument");
}

static void store_value(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    void *field = (char *)draft + node->keyword->offset;
    struct ip_address address;
    int64_t value;

    switch (node->keyword->kind) {
    case CONF_VALUE_NONE:
        break;
    case CONF_VALUE_SET:
    case CONF_VALUE_BOOL:
    case CONF_VALUE_INTEGER:
    case CONF_VALUE_SECONDS:
    case CONF_VALUE_CHOICE:
        if (read_number(builder, node, &value))
            memcpy(field, &value, sizeof(value));
        conf_note_superfluous(builder, node, node->keyword->kind == CONF_VALUE_SET ? 1 : 2);
        break;
    case CONF_VALUE_TEXT:
    case CONF_VALUE_INTERFACE:
        store_text(builder, node, field);
        conf_note_superfluous(builder, node, 2);
        break;
    case CONF_VALUE_ADDRESS:
        if (conf_read_address(builder, node, 1, &address))
            memcpy(field, &address, sizeof(address));
        conf_note_superfluous(builder, node, 2);
        break;
    case CONF_VALUE_SCRIPT:
        if (conf_read_script(builder, node, field) && node->block != CONF_BLOCK_GLOBAL &&
            node->block != CONF_BLOCK_MISC_CHECK) /* which say more about it later */
            conf_check_program(builder, node, field, CONF_NOTE, "it cannot run");
        break;
    case CONF_VALUE_HANDLER:
        node->keyword->handler(builder, node, draft);
        break;
    }
}

static void report_unknown(struct conf_builder *builder, const struct conf_node *node)
{
    const struct conf_block_info *info = conf_block_info(node->block);
    enum conf_block home = conf_keyword_home(builder->index, node->words[0].text);
    struct conf_suggestion suggestion = conf_suggestion_begin(builder->diagnostics, node->words[0].text);
    const char *block = node->block == CONF_BLOCK_ROOT ? "at the top level" : info->path;
    struct conf_diagnostic *diagnostic;

    if (home != CONF_BLOCK_NONE) {
        diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISPLACED, node, 0,
                                   "'%s' does not belong %s%s; it is skipped", node->words[0].text,
                                   node->block == CONF_BLOCK_ROOT ? "" : "in ", block);
        if (home == CONF_BLOCK_ROOT && node->parent != NULL)
            conf_diagnostic_relate(builder->diagnostics, diagnostic, node->parent->opened,
                                   "it belongs at the top level: is the '}' of this block missing?");
        else
            conf_diagnostic_expect(builder->diagnostics, diagnostic, "it in %s", conf_block_info(home)->path);
        return;
    }
    diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_UNKNOWN_KEYWORD, node, 0,
                               "unknown keyword '%s' %s%s; it is skipped", node->words[0].text,
                               node->block == CONF_BLOCK_ROOT ? "" : "in ", block);
    for (const struct conf_keyword *row = info->rows; row->name != NULL; row++)
        conf_suggestion_offer(&suggestion, row->name);
    diagnostic->suggestion = suggestion.best;
}

/* Keywords inside a block that is not built itself: only whether they are known. */
static void check_names(struct conf_builder *builder, const struct conf_node *node)
{
    if (node->opens >= CONF_BLOCK_COUNT || conf_block_info(node->opens)->list)
        return;
    for (const struct conf_node *child = node->children; child != NULL; child = child->next) {
        if (child->keyword != NULL)
            check_names(builder, child);
        else if (child->block != CONF_BLOCK_UNKNOWN)
            report_unknown(builder, child);
    }
}

/* A flag that is switched off asks for nothing. */
static bool is_switched_off(const struct conf_node *node)
{
    bool value;

    return node->keyword->kind == CONF_VALUE_BOOL && node->word_count > 1 &&
           conf_parse_bool(node->words[1].text, &value) && !value;
}

/* Whatever stands in a block that is refused is refused with it. */
static bool is_in_refused_block(const struct conf_node *node)
{
    const struct conf_node *parent = node->parent;

    return parent != NULL && parent->keyword != NULL && parent->keyword->state == CONF_NOT_BUILT;
}

void conf_refuse_unbuilt(struct conf_builder *builder, const struct conf_node *node, size_t word,
                         const struct conf_keyword *row)
{
    conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_NOT_BUILT, node, word,
                  "tandem knows '%s' (%s) but does not do it yet, and to skip it could be an outage",
                  row->name, row->purpose);
}

static void refuse_keyword(struct conf_builder *builder, const struct conf_node *node)
{
    if (!is_switched_off(node) && !is_in_refused_block(node))
        conf_refuse_unbuilt(builder, node, 0, node->keyword);
    if (!node->keyword->modelled)
        check_names(builder, node);
}

static void accept_keyword(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    if (!is_switched_off(node))
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_NO_EFFECT, node, 0, "'%s' has no effect: %s",
                      node->words[0].text, node->keyword->reason);
    if (!node->keyword->modelled)
        conf_build_setting(builder, node, draft);
}

/* ------------------------------------------------------------------ blocks that are apart */

static void build_keyword(struct conf_builder *builder, const struct conf_node *node, void *draft);

const struct conf_node *conf_look_apart(struct conf_builder *builder, const struct conf_node *node,
                                        enum conf_block block, const struct conf_node *after)
{
    struct conf_arena *arena = builder->apart[builder->depth];
    uint32_t place = after == NULL ? conf_tree_first_apart(builder->tree, node, block)
                                   : conf_tree_next_apart(builder->tree, after->place, block);

    conf_arena_clear(arena);
    if (place == 0)
        return NULL;
    return conf_tree_node(builder->tree, place, (struct conf_node *)(uintptr_t)node, arena);
}

const struct conf_node *conf_keep_node(struct conf_builder *builder, const struct conf_node *node)
{
    return conf_tree_node(builder->tree, node->place, node->parent, builder->kept);
}

/* One after the other, each with its drafts in memory that is used again. */
static void build_apart(struct conf_builder *builder, const struct conf_node *node, enum conf_block block,
                        void *draft)
{
    struct conf_arena *arena = builder->arena;
    struct conf_forgotten forgotten = {0};
    const struct conf_node *child = NULL;

    while ((child = conf_look_apart(builder, node, block, child)) != NULL) {
        builder->arena = builder->apart[builder->depth++];
        build_keyword(builder, child, draft);
        conf_lint_words(builder, child);
        builder->depth--;
        if (block != CONF_BLOCK_INSTANCE) /* messages read those again */
            conf_tree_forget(builder->tree, &forgotten, child->place);
    }
    builder->arena = arena;
}

/* For the verdict alone there is one at a time. */
static void build_servers(struct conf_builder *builder, const struct conf_node *root, bool verdict_only)
{
    struct conf_arena *arena = builder->model->arena;

    if (verdict_only)
        builder->model->arena = builder->passing = conf_arena_new();
    build_apart(builder, root, CONF_BLOCK_VIRTUAL_SERVER, builder);
    builder->model->arena = arena;
    conf_arena_free(builder->passing);
    builder->passing = NULL;
}

/* In a block that is left out: only whether their keywords are known. */
static void check_apart(struct conf_builder *builder, const struct conf_node *node, enum conf_block block)
{
    const struct conf_node *child = NULL;

    while ((child = conf_look_apart(builder, node, block, child)) != NULL) {
        check_names(builder, child);
        conf_lint_words(builder, child);
    }
}

/* ------------------------------------------------------------------ blocks */

static void build_block(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    const struct conf_block_info *info = conf_block_info(node->opens);
    void *draft = parent;

    if (!node->has_block) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_BRACE, node, 0, "the block of '%s' is missing",
                      node->words[0].text);
        return;
    }
    if (info->begin != NULL)
        draft = info->begin(builder, node, parent);
    if (draft == NULL) {
        check_names(builder, node);
        if (node->opens == CONF_BLOCK_VIRTUAL_SERVER)
            check_apart(builder, node, CONF_BLOCK_REAL_SERVER);
        return;
    }
    conf_build_children(builder, node, draft);
    if (info->settle != NULL) {
        info->settle(builder, node, draft);
        build_apart(builder, node, CONF_BLOCK_REAL_SERVER, draft);
    }
    if (info->end != NULL)
        info->end(builder, node, draft);
}

static void build_keyword(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    if (node->keyword == NULL) {
        if (node->block != CONF_BLOCK_UNKNOWN)
            report_unknown(builder, node);
        return;
    }
    if (node->keyword->deprecation != CONF_CURRENT)
        conf_complain(builder, node->keyword->deprecation == CONF_DEPRECATED ? CONF_NOTE : CONF_COMPLAINT,
                      CONF_PROBLEM_DEPRECATED, node, 0, "'%s' is deprecated", node->words[0].text);
    switch (node->keyword->state) {
    case CONF_NOT_BUILT:
        refuse_keyword(builder, node);
        break;
    case CONF_ACCEPTED:
        accept_keyword(builder, node, draft);
        break;
    case CONF_BUILT:
        break;
    }
    if (node->keyword->state != CONF_BUILT && !node->keyword->modelled)
        return;
    if (node->keyword->opens != CONF_BLOCK_NONE)
        build_block(builder, node, draft);
    else
        store_value(builder, node, draft);
}

/* The later of two settings of the same thing wins; say so. */
static void note_repeated(struct conf_builder *builder, const struct conf_node *node,
                          const struct conf_node *first)
{
    struct conf_diagnostic *diagnostic =
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_DUPLICATE, node, 0,
                      "'%s' is set more than once in this block; the last one counts", node->words[0].text);

    conf_diagnostic_relate(builder->diagnostics, diagnostic, first->words[0].position, "first set here");
}

void conf_build_children(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    const struct conf_block_info *info = conf_block_info(node->opens);
    const struct conf_node *seen[ROWS_MAX]; /* by row */

    memset(seen, 0, shape_of(builder, node->opens)->rows * sizeof(seen[0]));
    for (const struct conf_node *child = node->children; child != NULL; child = child->next) {
        if (info->list) {
            info->entry(builder, child, draft);
            continue;
        }
        if (child->keyword != NULL && !child->keyword->repeats) {
            size_t row = (size_t)(child->keyword - info->rows);

            if (seen[row] != NULL)
                note_repeated(builder, child, seen[row]);
            else
                seen[row] = child;
        }
        build_keyword(builder, child, draft);
    }
}

/* global_defs anywhere in the text hold for all of it, so they are built first. */
static void build_root(struct conf_builder *builder, const struct conf_node *root)
{
    for (const struct conf_node *node = root->children; node != NULL; node = node->next) {
        if (node->opens == CONF_BLOCK_GLOBAL)
            conf_scan_global(builder, node);
    }
    for (const struct conf_node *node = root->children; node != NULL; node = node->next) {
        if (node->opens == CONF_BLOCK_GLOBAL)
            build_keyword(builder, node, builder);
    }
    conf_finish_global(builder);
    conf_finish_telling(builder);
    for (const struct conf_node *node = root->children; node != NULL; node = node->next) {
        if (node->opens != CONF_BLOCK_GLOBAL)
            build_keyword(builder, node, builder);
    }
}

static void begin(struct conf_builder *builder)
{
    builder->kept = conf_arena_new();
    builder->arena = builder->kept;
    for (size_t i = 0; i < CONF_APART_DEPTH; i++)
        builder->apart[i] = conf_arena_new();
}

static void end(struct conf_builder *builder)
{
    HASH_CLEAR(by_name, builder->instances_by_name);
    HASH_CLEAR(by_name, builder->groups_by_name);
    HASH_CLEAR(by_name, builder->interfaces_by_name);
    HASH_CLEAR(by_name, builder->track_groups_by_name);
    HASH_CLEAR(hh, builder->members);
    HASH_CLEAR(by_key, builder->servers_by_key);
    HASH_CLEAR(by_id, builder->claims);
    HASH_CLEAR(by_name, builder->service_groups_by_name);
    HASH_CLEAR(by_key, builder->tracks_by_key);
    for (size_t i = 0; i < CONF_APART_DEPTH; i++)
        conf_arena_free(builder->apart[i]);
    conf_arena_free(builder->kept);
}

void conf_build(struct conf_tree *tree, const struct conf_host *host, const struct conf_keyword_index *index,
                struct conf_diagnostics *diagnostics, struct conf_model *model, bool verdict_only)
{
    struct conf_builder builder = {
        .host = host,
        .tree = tree,
        .model = model,
        .diagnostics = diagnostics,
        .index = index,
    };
    const struct conf_node *root;

    begin(&builder);
    root = conf_tree_root(tree, builder.kept);
    builder.root = root;
    conf_start_global(&builder);
    build_root(&builder, root);
    build_apart(&builder, root, CONF_BLOCK_INSTANCE, &builder);
    build_servers(&builder, root, verdict_only);
    conf_finish_daemon(&builder);
    conf_finish_static(&builder);
    conf_finish_announcements(&builder);
    conf_finish_delays(&builder);
    conf_validate_routers(&builder);
    conf_finish_groups(&builder);
    conf_finish_tracks(&builder);
    conf_keep_tracks(&builder);
    conf_finish_tls(&builder);
    conf_finish_lvs(&builder);
    conf_validate_addresses(&builder);
    conf_lint(&builder, root);
    end(&builder);
}
