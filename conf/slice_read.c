/*
 * Reading a slice: the pure parser of what the reader process wrote. See slice.h.
 *
 * It runs once over the bytes, which the seals keep from changing meanwhile. The first thing that is wrong
 * stops it: .why is set, and there is nothing left to read.
 */
#include "conf/slice.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/layout.h"
#include "conf/slice_format.h"

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    const char *why; /* NULL = sound so far */
    struct conf_model *model;
    enum conf_slice slice;
};

static void refuse(struct reader *reader, const char *why)
{
    if (reader->why == NULL)
        reader->why = why;
    reader->at = reader->end;
}

static size_t left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static uint64_t take_number(struct reader *reader)
{
    uint64_t number = 0;

    for (unsigned int shift = 0; shift < 64; shift += 7) {
        uint8_t byte;

        if (left(reader) == 0) {
            refuse(reader, "it ends within a number");
            return 0;
        }
        byte = *reader->at++;
        if (shift == 63 && byte > 1)
            break;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return number;
    }
    refuse(reader, "a number has more than 64 bits");
    return 0;
}

static void take_bytes(struct reader *reader, void *out, size_t length)
{
    if (left(reader) < length) {
        refuse(reader, "it ends within a field");
        return;
    }
    memcpy(out, reader->at, length);
    reader->at += length;
}

/* A count of things of which each takes a byte at least: it cannot make us allocate more than was sent. */
static uint32_t take_count(struct reader *reader)
{
    uint64_t count = take_number(reader);

    if (count > left(reader)) {
        refuse(reader, "a list is longer than the slice");
        return 0;
    }
    return (uint32_t)count;
}

static char *take_text(struct reader *reader)
{
    uint64_t length = take_number(reader);
    char *text;

    if (length == 0)
        return NULL;
    length--;
    if (length > left(reader) || memchr(reader->at, '\0', length) != NULL) {
        refuse(reader, "a text is cut short or holds a zero byte");
        return NULL;
    }
    text = conf_model_alloc(reader->model, length + 1);
    take_bytes(reader, text, length);
    return text;
}

static void take_characters(struct reader *reader, char *out, size_t size)
{
    const char *text = take_text(reader);
    size_t length = text == NULL ? 0 : strlen(text);

    if (length >= size) {
        refuse(reader, "a text is too long for its field");
        return;
    }
    if (length > 0)
        memcpy(out, text, length);
}

static void take_address(struct reader *reader, struct ip_address *out)
{
    uint64_t length = take_number(reader);

    if (length == 0)
        return;
    if (length != 4 && length != 16) {
        refuse(reader, "an address has a length of no family");
        return;
    }
    out->family = length == 4 ? AF_INET : AF_INET6;
    take_bytes(reader, out->bytes, length);
}

static void take_endpoint(struct reader *reader, struct ip_endpoint *out)
{
    uint64_t port;

    take_address(reader, &out->address);
    port = take_number(reader);
    if (port > UINT16_MAX)
        refuse(reader, "a port is out of range");
    else
        out->port = (uint16_t)port;
}

static uint64_t widest(const struct field *field)
{
    return field->size >= sizeof(uint64_t) ? UINT64_MAX : (1ULL << (field->size * 8)) - 1;
}

static void take_unsigned(struct reader *reader, const struct field *field, void *object)
{
    uint64_t number = take_number(reader);

    if (number < field->lowest || number > field->highest || number > widest(field))
        refuse(reader, "a number is out of its range");
    else
        field_set_unsigned(object, field, number);
}

static void take_signed(struct reader *reader, const struct field *field, void *object)
{
    uint64_t folded = take_number(reader);

    if (folded > widest(field))
        refuse(reader, "a number is out of its range");
    else
        field_set_signed(object, field, (int64_t)((folded >> 1) ^ (folded & 1 ? UINT64_MAX : 0)));
}

static void take_bool(struct reader *reader, bool *out)
{
    uint64_t value = take_number(reader);

    if (value > 1)
        refuse(reader, "a switch is neither on nor off");
    else
        *out = value == 1;
}

static void take_object(struct reader *reader, const struct layout *layout, void *object);

static void take_struct(struct reader *reader, const struct field *field, char *place)
{
    bool there = false;

    if (!field->optional) {
        take_object(reader, field->layout, place);
        return;
    }
    take_bool(reader, &there);
    if (!there)
        return;
    *(void **)(void *)place = conf_model_alloc(reader->model, field->layout->size);
    take_object(reader, field->layout, *(void **)(void *)place);
}

/* As many empty places as the slice says there are. */
static struct any_list take_places(struct reader *reader)
{
    struct any_list list = {.count = take_count(reader)};

    list.room = list.count;
    if (list.count > 0)
        list.items = conf_model_alloc(reader->model, list.count * sizeof(void *));
    return list;
}

static void take_list(struct reader *reader, const struct field *field, void *object)
{
    struct any_list list = take_places(reader);

    if (list.count == 0)
        return;
    for (uint32_t i = 0; i < list.count; i++) {
        list.items[i] = conf_model_alloc(reader->model, field->layout->size);
        take_object(reader, field->layout, list.items[i]);
        if (reader->why != NULL)
            return;
    }
    field_set_list(object, field, &list);
}

static void take_words(struct reader *reader, const struct field *field, void *object)
{
    struct any_list list = take_places(reader);

    if (list.count == 0)
        return;
    for (uint32_t i = 0; i < list.count && reader->why == NULL; i++) {
        list.items[i] = take_text(reader);
        if (list.items[i] == NULL)
            refuse(reader, "a word of a command is missing");
    }
    if (reader->why == NULL)
        field_set_list(object, field, &list);
}

static void take_references(struct reader *reader, const struct field *field, void *object)
{
    struct any_list list = take_places(reader);

    if (list.count == 0)
        return;
    for (uint32_t i = 0; i < list.count; i++) {
        uint64_t place = take_number(reader);

        if (place >= reader->model->instances.count) {
            refuse(reader, "a group names an instance that is not there");
            return;
        }
        list.items[i] = reader->model->instances.items[place];
    }
    field_set_list(object, field, &list);
}

static void take_field(struct reader *reader, const struct field *field, void *object)
{
    char *place = (char *)object + field->offset;

    switch (field->kind) {
    case FIELD_UNSIGNED:
        take_unsigned(reader, field, object);
        break;
    case FIELD_SIGNED:
        take_signed(reader, field, object);
        break;
    case FIELD_BOOL:
        take_bool(reader, (bool *)place);
        break;
    case FIELD_TEXT:
    case FIELD_SECRET_TEXT:
        *(char **)place = take_text(reader);
        break;
    case FIELD_CHARACTERS:
        take_characters(reader, place, field->size);
        break;
    case FIELD_KEY:
    case FIELD_DIGEST:
    case FIELD_SECRET:
        take_bytes(reader, place, field->size);
        break;
    case FIELD_ADDRESS:
        take_address(reader, (struct ip_address *)place);
        break;
    case FIELD_ENDPOINT:
        take_endpoint(reader, (struct ip_endpoint *)place);
        break;
    case FIELD_STRUCT:
        take_struct(reader, field, place);
        break;
    case FIELD_LIST:
        take_list(reader, field, object);
        break;
    case FIELD_WORDS:
        take_words(reader, field, object);
        break;
    case FIELD_REFERENCES:
        take_references(reader, field, object);
        break;
    }
}

static void take_object(struct reader *reader, const struct layout *layout, void *object)
{
    for (size_t i = 0; i < layout->count && reader->why == NULL; i++) {
        if (field_is_in(&layout->fields[i], reader->slice))
            take_field(reader, &layout->fields[i], object);
    }
}

static const char *wrong_head(const struct slice_head *head, size_t length, enum conf_slice slice)
{
    if (head->magic != SLICE_MAGIC)
        return "it is no slice";
    if (head->version != layout_contract())
        return "it was written by another version of tandem";
    if (head->slice != (uint32_t)slice)
        return "it is the slice of another process";
    if (head->length != length - sizeof(*head))
        return "it is cut short or too long";
    return NULL;
}

struct conf_model *conf_slice_decode(const void *bytes, size_t length, enum conf_slice slice,
                                     const char **why)
{
    struct reader reader = {.slice = slice};
    struct slice_head head;

    *why = "it is shorter than its head";
    if (length < sizeof(head))
        return NULL;
    memcpy(&head, bytes, sizeof(head));
    *why = wrong_head(&head, length, slice);
    if (*why != NULL)
        return NULL;
    *why = "there is no memory";
    reader.model = conf_model_new();
    if (reader.model == NULL)
        return NULL;
    reader.at = (const uint8_t *)bytes + sizeof(head);
    reader.end = (const uint8_t *)bytes + length;
    take_object(&reader, &layout_of_model, reader.model);
    if (left(&reader) > 0)
        refuse(&reader, "something is left over at its end");
    *why = reader.why;
    if (reader.why == NULL)
        return reader.model;
    conf_model_free(reader.model);
    return NULL;
}

struct conf_model *conf_slice_read(int fd, enum conf_slice slice, const char **why)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct conf_model *model;
    struct stat status;
    void *bytes;

    *why = "it is not sealed";
    if (seals < 0 || (seals & SLICE_SEALS) != SLICE_SEALS)
        return NULL;
    *why = "its size is not that of a slice";
    if (fstat(fd, &status) != 0 || status.st_size < (off_t)sizeof(struct slice_head) ||
        status.st_size > SLICE_MAX)
        return NULL;
    *why = "it cannot be mapped";
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return NULL;
    model = conf_slice_decode(bytes, (size_t)status.st_size, slice, why);
    munmap(bytes, (size_t)status.st_size);
    return model;
}

struct conf_model *conf_slice_take(int fd, enum conf_slice slice, const char **why)
{
    struct conf_model *model;

    *why = "there is none";
    if (fd < 0)
        return NULL;
    model = conf_slice_read(fd, slice, why);
    close(fd);
    return model;
}
