/*
 * Canonical text and digest, from the rows of layout.c. See digest.h.
 *
 * One line a field, named as in model.h; a field that is zero, off or empty is left out, so that a new field
 * with such a default leaves old digests alone. Embedded structs show as a prefix ("garp.master_repeat 5"),
 * items of lists as blocks.
 */
#include "conf/digest.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/decimal.h"
#include "conf/layout.h"

#define FIRST_ROOM (64U << 10)

/* The text so far. A reload of thousands of servers waits for it, so nothing here goes through printf. */
struct text {
    char *bytes;
    size_t length;
    size_t room;
};

/* What the name of a struct within the object puts before the names of its fields: "garp.". */
struct prefix {
    const struct prefix *before; /* NULL = the outermost */
    const char *name;
};

/* Where we are in the text. */
struct place {
    struct text *out;
    int depth;
    const struct prefix *prefix; /* NULL = none */
};

static void print_fields(const struct place *place, const struct layout *layout, const void *object);

static void put(struct text *text, const char *bytes, size_t length)
{
    if (text->room - text->length < length) {
        text->room = (text->room + length) * 2 + FIRST_ROOM;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL)
            abort();
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static void put_text(struct text *text, const char *words)
{
    put(text, words, strlen(words));
}

static void put_number(struct text *text, uint64_t number)
{
    char digits[DECIMAL_MAX];

    put(text, digits, (size_t)(decimal_put(digits, number) - digits));
}

static void put_indent(const struct place *place)
{
    for (int i = 0; i < place->depth; i++)
        put(place->out, "    ", 4);
}

static void put_prefix(struct text *text, const struct prefix *prefix)
{
    if (prefix == NULL)
        return;
    put_prefix(text, prefix->before);
    put_text(text, prefix->name);
    put(text, ".", 1);
}

static void print_name(const struct place *place, const char *name)
{
    put_indent(place);
    put_prefix(place->out, place->prefix);
    put_text(place->out, name);
    put(place->out, " ", 1);
}

static void print_line(const struct place *place, const char *name, const char *value)
{
    print_name(place, name);
    put_text(place->out, value);
    put(place->out, "\n", 1);
}

static bool is_escaped(char character)
{
    return character == '"' || character == '\\' || (unsigned char)character < ' ';
}

static void print_quoted(struct text *out, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    put(out, "\"", 1);
    for (const char *plain = text; *text != '\0'; plain = text) {
        while (*text != '\0' && !is_escaped(*text))
            text++;
        put(out, plain, (size_t)(text - plain));
        if (*text != '\0') {
            unsigned char byte = (unsigned char)*text++;
            char escape[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

            put(out, escape, sizeof(escape));
        }
    }
    put(out, "\"", 1);
}

static void print_text(const struct place *place, const char *name, const char *text)
{
    if (text == NULL)
        return;
    print_name(place, name);
    print_quoted(place->out, text);
    put(place->out, "\n", 1);
}

static void print_endpoint(const struct place *place, const struct field *field,
                           const struct ip_endpoint *endpoint)
{
    char buffer[IP_ENDPOINT_TEXT];

    if (ip_address_is_set(&endpoint->address) || endpoint->port != 0)
        print_line(place, field->name, ip_endpoint_text(endpoint, buffer));
}

static void print_address(const struct place *place, const struct field *field,
                          const struct ip_address *address)
{
    char buffer[IP_ADDRESS_TEXT];

    if (ip_address_is_set(address))
        print_line(place, field->name, ip_address_text(address, buffer));
}

static void print_number(const struct place *place, const struct field *field, const void *object)
{
    bool negative = field->kind == FIELD_SIGNED && field_signed(object, field) < 0;
    uint64_t number = field_unsigned(object, field);

    if (number == 0)
        return;
    print_name(place, field->name);
    if (negative) {
        put(place->out, "-", 1);
        number = 0 - (uint64_t)field_signed(object, field);
    }
    put_number(place->out, number);
    put(place->out, "\n", 1);
}

static void print_secret(const struct place *place, const struct field *field, const char *bytes)
{
    for (size_t i = 0; i < field->size; i++) {
        if (bytes[i] != '\0') {
            print_line(place, field->name, SECRET_BLANK);
            return;
        }
    }
}

static void print_secret_text(const struct place *place, const char *name, const char *text)
{
    if (text != NULL)
        print_line(place, name, SECRET_BLANK);
}

static void print_struct(const struct place *place, const struct field *field, const void *object)
{
    const struct prefix prefix = {place->prefix, field->name};
    struct place within = *place;

    within.prefix = &prefix;
    print_fields(&within, field->layout, field_struct(object, field));
}

static void print_list(const struct place *place, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);
    struct place within = {.out = place->out, .depth = place->depth + 1};

    for (uint32_t i = 0; i < list.count; i++) {
        print_line(place, field->layout->name, "{");
        print_fields(&within, field->layout, list.items[i]);
        put_indent(place);
        put(place->out, "}\n", 2);
    }
}

static void print_words(const struct place *place, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);

    if (list.count == 0)
        return;
    print_name(place, field->name);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0)
            put(place->out, " ", 1);
        print_quoted(place->out, list.items[i]);
    }
    put(place->out, "\n", 1);
}

static void print_references(const struct place *place, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);

    for (uint32_t i = 0; i < list.count; i++)
        print_text(place, field->name, ((const struct conf_instance *)list.items[i])->name);
}

static void print_field(const struct place *place, const struct field *field, const void *object)
{
    const char *value = (const char *)object + field->offset;

    switch (field->kind) {
    case FIELD_UNSIGNED:
    case FIELD_SIGNED:
    case FIELD_BOOL:
        print_number(place, field, object);
        break;
    case FIELD_TEXT:
        print_text(place, field->name, *(char *const *)value);
        break;
    case FIELD_CHARACTERS:
        print_text(place, field->name, value);
        break;
    case FIELD_SECRET:
        print_secret(place, field, value);
        break;
    case FIELD_SECRET_TEXT:
        print_secret_text(place, field->name, *(char *const *)value);
        break;
    case FIELD_ADDRESS:
        print_address(place, field, (const struct ip_address *)value);
        break;
    case FIELD_ENDPOINT:
        print_endpoint(place, field, (const struct ip_endpoint *)value);
        break;
    case FIELD_STRUCT:
        print_struct(place, field, object);
        break;
    case FIELD_LIST:
        print_list(place, field, object);
        break;
    case FIELD_WORDS:
        print_words(place, field, object);
        break;
    case FIELD_REFERENCES:
        print_references(place, field, object);
        break;
    case FIELD_KEY: /* these two follow from the rest */
    case FIELD_DIGEST:
        break;
    }
}

static void print_fields(const struct place *place, const struct layout *layout, const void *object)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (!layout->fields[i].follows)
            print_field(place, &layout->fields[i], object);
    }
}

char *conf_canonical_text(const struct conf_model *model, size_t *length)
{
    struct text text = {0};
    const struct place place = {.out = &text};

    print_fields(&place, &layout_of_model, model);
    if (length != NULL)
        *length = text.length;
    put(&text, "", 1);
    return text.bytes;
}

void conf_digest(const struct conf_model *model, uint8_t digest[static 16])
{
    struct sha256_ctx sha256;
    size_t length;
    char *text = conf_canonical_text(model, &length);

    sha256_init(&sha256);
    sha256_update(&sha256, length, (const uint8_t *)text);
    sha256_digest(&sha256, 16, digest);
    free(text);
}

const char *conf_digest_text(const uint8_t digest[static 16], char buffer[static CONF_DIGEST_TEXT])
{
    for (size_t i = 0; i < 16; i++)
        snprintf(buffer + 2 * i, 3, "%02x", digest[i]);
    return buffer;
}
