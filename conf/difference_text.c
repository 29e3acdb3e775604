/*
 * Steps of a difference as lines of the language, by the table of print.c. See difference_text.h.
 */
#include "conf/difference_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/print.h"

struct teller {
    const struct conf_model *before;
    const struct conf_model *after;
    conf_change_function *told;
    void *data;
    size_t count;
    const struct conf_pair *last_owner; /* a field changed last, and what showed it */
    const struct conf_print_rule *last_rule;
};

/* A step, and the object and rule that show it: not always its own. */
struct shown {
    const struct conf_step *step;
    const struct conf_pair *owner;
    const struct field *field;
    const struct conf_print_rule *rule;
};

/* ------------------------------------------------------------------ texts */

/* A printer that collects text; end_text() gives it. */
struct text {
    struct conf_printer printer;
    char *bytes;
    size_t length;
};

static void find_surroundings(struct conf_printer *printer, const struct conf_pair *pair, bool new)
{
    for (; pair != NULL; pair = pair->parent) {
        const void *object = new ? pair->after : pair->before;

        if (printer->real == NULL && strcmp(pair->layout->name, "real_server") == 0)
            printer->real = object;
        if (printer->server == NULL && strcmp(pair->layout->name, "virtual_server") == 0)
            printer->server = object;
    }
}

static void begin_text(const struct teller *teller, struct text *text, const struct conf_pair *around,
                       bool new)
{
    memset(text, 0, sizeof(*text));
    text->printer.model = new ? teller->after : teller->before;
    text->printer.out = open_memstream(&text->bytes, &text->length);
    if (text->printer.out == NULL)
        abort();
    find_surroundings(&text->printer, around, new);
}

/* The text for the caller to free, without the last newline and blanks in front; NULL if there is none. */
static char *end_text(struct text *text)
{
    size_t blank = 0;

    if (fclose(text->printer.out) != 0)
        abort();
    while (text->length > 0 && text->bytes[text->length - 1] == '\n')
        text->bytes[--text->length] = '\0';
    while (text->bytes[blank] == ' ')
        blank++;
    memmove(text->bytes, text->bytes + blank, text->length - blank + 1);
    if (text->length > blank)
        return text->bytes;
    free(text->bytes);
    return NULL;
}

static const char *label_of(const struct shown *shown, const void *item)
{
    static const char *const tracked[] = {
        [CONF_TRACKED_SCRIPT] = "track_script",
        [CONF_TRACKED_FILE] = "track_file",
        [CONF_TRACKED_PROCESS] = "track_process",
        [CONF_TRACKED_BFD] = "track_bfd",
    };

    if (strcmp(shown->field->layout->name, "tracked") == 0)
        return tracked[((const struct conf_tracked *)item)->kind];
    if (strcmp(shown->field->layout->name, "vip") == 0 && ((const struct conf_vip *)item)->excluded)
        return "virtual_ipaddress_excluded";
    if (strcmp(shown->field->layout->name, "setting") == 0)
        return ((const struct conf_setting *)item)->keyword;
    return strcmp(shown->field->layout->name, "service") == 0 ? "entry" : shown->rule->keyword;
}

/* An item of a list: a line behind the list's keyword, or a block. */
static char *item_text(const struct teller *teller, const struct shown *shown, const void *item, bool new)
{
    const struct conf_print_object *about = conf_print_object(shown->field->layout);
    struct text text;

    begin_text(teller, &text, shown->owner, new);
    if (about->line != NULL) {
        fputs(label_of(shown, item), text.printer.out);
        about->line(&text.printer, item);
    } else {
        conf_print_block(&text.printer, shown->field->layout, item);
    }
    return end_text(&text);
}

static char *head_text(const struct teller *teller, const struct conf_pair *pair, bool new)
{
    static const char *const protocols[] = {
        [CONF_PROTOCOL_TCP] = " tcp",
        [CONF_PROTOCOL_UDP] = " udp",
        [CONF_PROTOCOL_SCTP] = " sctp",
    };
    const void *item = new ? pair->after : pair->before;
    struct text text;

    begin_text(teller, &text, pair->parent, new);
    conf_print_object(pair->layout)->head(&text.printer, item);
    if (strcmp(pair->layout->name, "virtual_server") == 0 &&
        ((const struct conf_virtual_server *)item)->kind != CONF_SERVER_FWMARK)
        fputs(protocols[((const struct conf_virtual_server *)item)->protocol], text.printer.out);
    return end_text(&text);
}

static bool is_secret(const struct field *field)
{
    return field->kind == FIELD_SECRET || field->kind == FIELD_SECRET_TEXT;
}

static char *row_text(const struct teller *teller, const struct shown *shown, bool new)
{
    const struct conf_pair *owner = shown->owner;
    struct text text;

    begin_text(teller, &text, owner, new);
    if (owner->field != NULL && owner->field->kind == FIELD_STRUCT)
        text.printer.prefix =
            conf_print_rule(conf_print_object(owner->parent->layout), owner->field)->keyword;
    if (shown->rule->print != NULL)
        shown->rule->print(&text.printer, shown->rule, shown->field, new ? owner->after : owner->before);
    else
        fprintf(text.printer.out, "%s%s", shown->rule->keyword, new ? " (changed)" : "");
    return end_text(&text);
}

/* ------------------------------------------------------------------ objects */

static char *object_text(const struct teller *teller, const struct conf_pair *pair)
{
    char *head, *around, *both;

    if (pair->parent == NULL)
        return strdup("configuration");
    if (conf_print_object(pair->layout)->head == NULL) {
        if (strcmp(pair->layout->name, "global") == 0 || strcmp(pair->layout->name, "daemon") == 0)
            return strdup("global_defs");
        return strcmp(pair->layout->name, "tls") == 0 ? strdup("SSL") : object_text(teller, pair->parent);
    }
    head = head_text(teller, pair, true);
    if (pair->parent->parent == NULL)
        return head;
    around = object_text(teller, pair->parent);
    if (asprintf(&both, "%s, %s", around, head) < 0)
        abort();
    free(head);
    free(around);
    return both;
}

static void tell(struct teller *teller, const struct conf_pair *owner, char *before, char *after)
{
    char *object;

    if (before == NULL && after == NULL)
        return;
    if (before == NULL || after == NULL || strcmp(before, after) != 0) {
        object = object_text(teller, owner);
        teller->told(&(struct conf_change){object, before, after}, teller->data);
        teller->count++;
        free(object);
    }
    free(before);
    free(after);
}

/* ------------------------------------------------------------------ steps */

static const struct conf_print_rule *rule_of(const struct conf_pair *owner, const struct field *field)
{
    return conf_print_rule(conf_print_object(owner->layout), field);
}

/* The row that says it too, if this one is hidden behind it. */
static const struct conf_print_rule *speaking_rule(const struct conf_pair *owner, const struct field *field,
                                                   const struct conf_print_rule *rule)
{
    if (rule->place != CONF_PRINT_FOLLOWS || rule->keyword == NULL || is_secret(field))
        return rule;
    for (const struct conf_print_rule *other = conf_print_object(owner->layout)->rules; other->field != NULL;
         other++) {
        if (other->print != NULL && other->keyword != NULL && strcmp(other->keyword, rule->keyword) == 0)
            return other;
    }
    return rule;
}

/* A line or a head that has changed: the item as it was and as it is. */
static void tell_item(struct teller *teller, const struct conf_pair *item)
{
    const struct shown list = {
        .owner = item->parent, .field = item->field, .rule = rule_of(item->parent, item->field)};

    if (conf_print_object(item->layout)->line != NULL)
        tell(teller, item->parent, item_text(teller, &list, item->before, false),
             item_text(teller, &list, item->after, true));
    else
        tell(teller, item->parent, head_text(teller, item, false), head_text(teller, item, true));
}

static bool is_repeated(struct teller *teller, const struct shown *shown)
{
    bool repeated = teller->last_owner == shown->owner && teller->last_rule == shown->rule;

    teller->last_owner = shown->owner;
    teller->last_rule = shown->rule;
    return repeated;
}

static void tell_row(struct teller *teller, const struct shown *shown)
{
    struct shown row = *shown;

    row.rule = speaking_rule(shown->owner, shown->field, shown->rule);
    if (row.rule->place == CONF_PRINT_FOLLOWS && row.rule->keyword == NULL)
        return;
    for (size_t i = 0; i < row.owner->layout->count; i++) {
        if (strcmp(row.owner->layout->fields[i].name, row.rule->field) == 0)
            row.field = &row.owner->layout->fields[i];
    }
    if (!is_repeated(teller, &row))
        tell(teller, row.owner, row_text(teller, &row, false), row_text(teller, &row, true));
}

static void tell_list(struct teller *teller, const struct shown *shown)
{
    const struct conf_step *step = shown->step;
    const char *keyword = shown->rule->keyword == NULL ? shown->field->name : shown->rule->keyword;
    char *order;

    if (shown->rule->place == CONF_PRINT_FOLLOWS)
        return;
    if (step->kind == CONF_STEP_ORDER) {
        if (asprintf(&order, "%s (in another order)", keyword) < 0)
            abort();
        tell(teller, shown->owner, strdup(keyword), order);
        return;
    }
    tell(teller, shown->owner, step->before == NULL ? NULL : item_text(teller, shown, step->before, false),
         step->after == NULL ? NULL : item_text(teller, shown, step->after, true));
}

/* Services of an address or a mark follow from the virtual server itself. */
static bool goes_without_saying(const struct shown *shown)
{
    return strcmp(shown->field->name, "services") == 0 &&
           ((const struct conf_virtual_server *)shown->owner->after)->kind != CONF_SERVER_GROUP;
}

static void tell_step(struct teller *teller, const struct conf_step *step)
{
    struct shown shown = {step, step->owner, step->field, rule_of(step->owner, step->field)};
    bool list = step->kind != CONF_STEP_CHANGE;

    while (shown.rule->place == CONF_PRINT_PART) {
        const struct conf_print_object *about = conf_print_object(shown.owner->layout);

        if (about->line != NULL || about->head != NULL) {
            shown.rule = NULL;
            if (!is_repeated(teller, &shown))
                tell_item(teller, shown.owner);
            return;
        }
        if (shown.owner->parent == NULL)
            return;
        shown.field = shown.owner->field;
        shown.owner = shown.owner->parent;
        shown.rule = rule_of(shown.owner, shown.field);
        list = false;
    }
    if (goes_without_saying(&shown))
        return;
    if (list)
        tell_list(teller, &shown);
    else
        tell_row(teller, &shown);
}

size_t conf_difference_tell(const struct conf_difference *difference, const struct conf_model *before,
                            const struct conf_model *after, conf_change_function *told, void *data)
{
    struct teller teller = {.before = before, .after = after, .told = told, .data = data};

    for (size_t i = 0; i < difference->count; i++)
        tell_step(&teller, &difference->steps[i]);
    return teller.count;
}
