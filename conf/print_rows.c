/*
 * What rows of many objects are written by: numbers, times, flags, texts, scripts, lists. See print_rows.h.
 */
#include "conf/print_rows.h"

#include <inttypes.h>
#include <stddef.h>

void print_number(printer *out, rule_row *rule, field_row *field, const void *object)
{
    int64_t value =
        field->kind == FIELD_SIGNED ? field_signed(object, field) : (int64_t)field_unsigned(object, field);

    if (value == rule->usual)
        return;
    printer_begin(out, rule->keyword);
    fprintf(out->out, " %" PRId64, value);
    printer_end(out);
}

void print_seconds(printer *out, rule_row *rule, field_row *field, const void *object)
{
    int64_t value = field_signed(object, field);

    if (value == rule->usual)
        return;
    printer_begin(out, rule->keyword);
    printer_seconds(out, value);
    printer_end(out);
}

void print_flag(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (field_unsigned(object, field) == (uint64_t)rule->usual)
        return;
    printer_begin(out, rule->keyword);
    printer_end(out);
}

void put_bool(const printer *out, const char *keyword, bool value)
{
    printer_begin(out, keyword);
    printer_word(out, value ? "true" : "false");
    printer_end(out);
}

void print_bool(printer *out, rule_row *rule, field_row *field, const void *object)
{
    uint64_t value = field_unsigned(object, field);

    if (value != (uint64_t)rule->usual)
        put_bool(out, rule->keyword, value != 0);
}

void put_text(const printer *out, const char *keyword, const char *text)
{
    if (text == NULL)
        return;
    printer_begin(out, keyword);
    printer_word(out, text);
    printer_end(out);
}

void print_address(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_endpoint(out, rule->keyword, member(field, object), 0);
}

void print_text(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_text(out, rule->keyword, *(char *const *)member(field, object));
}

void print_characters(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_text(out, rule->keyword, member(field, object));
}

void put_endpoint(const printer *out, const char *keyword, const struct ip_address *address, uint16_t port)
{
    if (!ip_address_is_set(address))
        return;
    printer_begin(out, keyword);
    printer_endpoint(out, address, port);
    printer_end(out);
}

void put_script(const printer *out, const char *keyword, const struct conf_script *script, bool with_user)
{
    if (script->words.count == 0)
        return;
    printer_begin(out, keyword);
    printer_command(out, script);
    if (with_user)
        printer_user(out, script->uid, script->gid, script->groups.count > 0);
    printer_end(out);
}

void print_script(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_script(out, rule->keyword, field_struct(object, field), true);
}

void print_lines(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_print_object *item = conf_print_object(field->layout);
    struct any_list list = field_list(object, field);

    if (list.count == 0)
        return;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < list.count; i++) {
        printer_begin(out, "");
        item->line(out, list.items[i]);
        printer_end(out);
    }
    printer_close(out);
}

void print_settings(printer *out, rule_row *rule, field_row *field, const void *object)
{
    struct any_list list = field_list(object, field);

    (void)rule;
    for (uint32_t i = 0; i < list.count; i++) {
        printer_begin(out, ((const struct conf_setting *)list.items[i])->keyword);
        printer_setting(out, list.items[i]);
        printer_end(out);
    }
}

void print_blocks(printer *out, rule_row *rule, field_row *field, const void *object)
{
    struct any_list list = field_list(object, field);

    (void)rule;
    for (uint32_t i = 0; i < list.count; i++)
        conf_print_block(out, field->layout, list.items[i]);
}

static const struct conf_recurring_script *find_script(printer *out, uint64_t key)
{
    uint32_t count = out->model->recurring_scripts.count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (out->next_script + i) % count;

        if (out->model->recurring_scripts.items[at]->key != key)
            continue;
        out->next_script = at + 1;
        return out->model->recurring_scripts.items[at];
    }
    return NULL;
}

void put_recurring(printer *out, const char *keyword, uint64_t key)
{
    const struct conf_recurring_script *recurring = find_script(out, key);

    if (recurring == NULL)
        return; /* of a slice without scripts */
    put_script(out, keyword, &recurring->script, false);
    printer_begin(out, "user");
    printer_user(out, recurring->script.uid, recurring->script.gid, recurring->script.groups.count > 0);
    printer_end(out);
}
