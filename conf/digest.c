/*
 * Canonical text and digest, from the rows of layout.c. See digest.h.
 *
 * One line a field, named as in model.h; a field that is zero, off or empty is left out, so that a new field
 * with such a default leaves old digests alone. Embedded structs show as a prefix ("garp.master_repeat 5"),
 * items of lists as blocks.
 */
#include "conf/digest.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/layout.h"

#define PREFIX_BYTES 80

/* Where we are in the text. */
struct place {
    FILE *out;
    int depth;
    char prefix[PREFIX_BYTES]; /* "" or "garp." */
};

static void print_fields(const struct place *place, const struct layout *layout, const void *object);

static void print_name(const struct place *place, const char *name)
{
    fprintf(place->out, "%*s%s%s ", place->depth * 4, "", place->prefix, name);
}

static void print_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\' || byte < ' ')
            fprintf(out, "\\x%02x", byte);
        else
            putc(byte, out);
    }
    putc('"', out);
}

static void print_text(const struct place *place, const char *name, const char *text)
{
    if (text == NULL)
        return;
    print_name(place, name);
    print_quoted(place->out, text);
    putc('\n', place->out);
}

static void print_endpoint(const struct place *place, const struct field *field,
                           const struct ip_endpoint *endpoint)
{
    char text[IP_ENDPOINT_TEXT];

    if (!ip_address_is_set(&endpoint->address) && endpoint->port == 0)
        return;
    print_name(place, field->name);
    fprintf(place->out, "%s\n", ip_endpoint_text(endpoint, text));
}

static void print_address(const struct place *place, const struct field *field,
                          const struct ip_address *address)
{
    char text[IP_ADDRESS_TEXT];

    if (!ip_address_is_set(address))
        return;
    print_name(place, field->name);
    fprintf(place->out, "%s\n", ip_address_text(address, text));
}

static void print_number(const struct place *place, const struct field *field, const void *object)
{
    if (field_unsigned(object, field) == 0)
        return;
    print_name(place, field->name);
    if (field->kind == FIELD_SIGNED)
        fprintf(place->out, "%" PRId64 "\n", field_signed(object, field));
    else
        fprintf(place->out, "%" PRIu64 "\n", field_unsigned(object, field));
}

static void print_secret(const struct place *place, const struct field *field, const char *bytes)
{
    for (size_t i = 0; i < field->size; i++) {
        if (bytes[i] != '\0') {
            print_name(place, field->name);
            fputs("(secret)\n", place->out);
            return;
        }
    }
}

static void print_secret_text(const struct place *place, const char *name, const char *text)
{
    if (text == NULL)
        return;
    print_name(place, name);
    fputs("(secret)\n", place->out);
}

static void print_struct(const struct place *place, const struct field *field, const void *object)
{
    struct place within = *place;

    snprintf(within.prefix, sizeof(within.prefix), "%.60s%.18s.", place->prefix, field->name);
    print_fields(&within, field->layout, field_struct(object, field));
}

static void print_list(const struct place *place, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);
    struct place within = {.out = place->out, .depth = place->depth + 1};

    for (uint32_t i = 0; i < list.count; i++) {
        print_name(place, field->layout->name);
        fputs("{\n", place->out);
        print_fields(&within, field->layout, list.items[i]);
        fprintf(place->out, "%*s}\n", place->depth * 4, "");
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
            putc(' ', place->out);
        print_quoted(place->out, list.items[i]);
    }
    putc('\n', place->out);
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
    struct place place = {0};
    char *text = NULL;
    size_t size = 0;

    place.out = open_memstream(&text, &size);
    if (place.out == NULL)
        return NULL;
    print_fields(&place, &layout_of_model, model);
    if (fclose(place.out) != 0) {
        free(text);
        return NULL;
    }
    if (length != NULL)
        *length = size;
    return text;
}

void conf_digest(const struct conf_model *model, uint8_t digest[static 16])
{
    struct sha256_ctx sha256;
    size_t length;
    char *text = conf_canonical_text(model, &length);

    if (text == NULL)
        abort();
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
