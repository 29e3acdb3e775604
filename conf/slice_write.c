/*
 * Writing a slice: a part of the model into a sealed memfd, so that its reader knows that it will not change
 * under its eyes. See slice.h for the use, layout.c for what goes where, slice_format.h for the bytes.
 */
#include "conf/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/layout.h"
#include "conf/secret.h"
#include "conf/slice_format.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

struct writer {
    uint8_t *bytes;
    size_t length;
    size_t room;
    const struct conf_model *model;
    enum conf_slice slice;
    uint16_t index;
    uint16_t count;
    const struct conf_secret_key *key; /* the whole: what its secrets' marks are made with, NULL allowed */
};

#define FIRST_ROOM   (64U << 10)
#define NUMBER_BYTES 10 /* the most that one takes */

/* Room for so many bytes more, at the end of what is written. */
static uint8_t *make_room(struct writer *writer, size_t length)
{
    if (writer->room - writer->length < length) {
        writer->room = (writer->room + length) * 2 + FIRST_ROOM;
        writer->bytes = realloc(writer->bytes, writer->room);
        if (writer->bytes == NULL)
            abort();
    }
    return writer->bytes + writer->length;
}

static void put_bytes(struct writer *writer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(make_room(writer, length), bytes, length);
    writer->length += length;
}

static void put_number(struct writer *writer, uint64_t number)
{
    uint8_t *at = make_room(writer, NUMBER_BYTES);

    while (number >= 0x80) {
        *at++ = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    *at++ = (uint8_t)number;
    writer->length = (size_t)(at - writer->bytes);
}

static void put_text(struct writer *writer, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    put_number(writer, text == NULL ? 0 : length + 1);
    put_bytes(writer, text, length);
}

static void put_address(struct writer *writer, const struct ip_address *address)
{
    put_number(writer, ip_address_length(address));
    put_bytes(writer, address->bytes, ip_address_length(address));
}

/* The whole has a mark for each secret. */
static void put_secret_text(struct writer *writer, const char *text)
{
    char mark[CONF_SECRET_MARK + 1];

    if (writer->slice != CONF_SLICE_WHOLE || text == NULL) {
        put_text(writer, text);
        return;
    }
    conf_secret_mark(writer->key, text, strlen(text), mark);
    put_text(writer, mark);
}

static void put_secret(struct writer *writer, const char *bytes, size_t size)
{
    char mark[CONF_SECRET_MARK + 1];
    bool hidden = false;

    for (size_t i = 0; i < size && writer->slice == CONF_SLICE_WHOLE; i++)
        hidden = hidden || bytes[i] != '\0';
    if (!hidden) {
        put_bytes(writer, bytes, size);
        return;
    }
    conf_secret_mark(writer->key, bytes, size, mark);
    for (size_t i = 0; i < size; i++)
        put_bytes(writer, i < CONF_SECRET_MARK ? &mark[i] : "", 1);
}

static void put_object(struct writer *writer, const struct layout *layout, const void *object);

static void put_struct(struct writer *writer, const struct field *field, const void *object)
{
    const void *const *place = (const void *const *)((const char *)object + field->offset);

    if (field->optional) {
        put_number(writer, *place != NULL);
        if (*place == NULL)
            return;
    }
    put_object(writer, field->layout, field_struct(object, field));
}

/* In the place of another number of that length, which is not less. */
static void set_number(struct writer *writer, size_t place, size_t length, uint64_t number)
{
    size_t end = writer->length, shorter;

    writer->length = place;
    put_number(writer, number);
    shorter = place + length - writer->length;
    if (shorter > 0)
        memmove(writer->bytes + writer->length, writer->bytes + place + length, end - place - length);
    writer->length = end - shorter;
}

/* How many there are is known when they are written: to look whether one belongs takes longer than that. */
static void put_chosen(struct writer *writer, const struct layout *layout, const struct any_list *list)
{
    size_t place = writer->length, length;
    uint32_t count = 0;

    put_number(writer, list->count);
    length = writer->length - place;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!layout->belongs(list->items[i], writer->slice, writer->index, writer->count))
            continue;
        put_object(writer, layout, list->items[i]);
        count++;
    }
    set_number(writer, place, length, count);
}

static void put_list(struct writer *writer, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);

    if (field->layout->belongs != NULL) {
        put_chosen(writer, field->layout, &list);
        return;
    }
    put_number(writer, list.count);
    for (uint32_t i = 0; i < list.count; i++)
        put_object(writer, field->layout, list.items[i]);
}

static void put_words(struct writer *writer, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);

    put_number(writer, list.count);
    for (uint32_t i = 0; i < list.count; i++)
        put_text(writer, list.items[i]);
}

static void put_references(struct writer *writer, const struct field *field, const void *object)
{
    struct any_list list = field_list(object, field);

    put_number(writer, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        uint32_t place = 0;

        while (place < writer->model->instances.count &&
               writer->model->instances.items[place] != list.items[i])
            place++;
        put_number(writer, place);
    }
}

static void put_field(struct writer *writer, const struct field *field, const void *object)
{
    const char *place = (const char *)object + field->offset;
    const struct ip_endpoint *endpoint;
    int64_t number;

    switch (field->kind) {
    case FIELD_UNSIGNED:
    case FIELD_BOOL:
        put_number(writer, field_unsigned(object, field));
        break;
    case FIELD_SIGNED:
        number = field_signed(object, field);
        put_number(writer, ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0));
        break;
    case FIELD_TEXT:
        put_text(writer, *(char *const *)place);
        break;
    case FIELD_SECRET_TEXT:
        put_secret_text(writer, *(char *const *)place);
        break;
    case FIELD_CHARACTERS:
        put_text(writer, place);
        break;
    case FIELD_KEY:
    case FIELD_DIGEST:
        put_bytes(writer, place, field->size);
        break;
    case FIELD_SECRET:
        put_secret(writer, place, field->size);
        break;
    case FIELD_ADDRESS:
        put_address(writer, (const struct ip_address *)place);
        break;
    case FIELD_ENDPOINT:
        endpoint = (const struct ip_endpoint *)place;
        put_address(writer, &endpoint->address);
        put_number(writer, endpoint->port);
        break;
    case FIELD_STRUCT:
        put_struct(writer, field, object);
        break;
    case FIELD_LIST:
        put_list(writer, field, object);
        break;
    case FIELD_WORDS:
        put_words(writer, field, object);
        break;
    case FIELD_REFERENCES:
        put_references(writer, field, object);
        break;
    }
}

static void put_object(struct writer *writer, const struct layout *layout, const void *object)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (field_is_in(&layout->fields[i], writer->slice))
            put_field(writer, &layout->fields[i], object);
    }
}

static int write_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

/* Kernels before 6.3 know no memfd that cannot be executed. */
static int make_memfd(void)
{
    unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("tandem-slice", flags | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("tandem-slice", flags);
    return fd;
}

static int seal(const struct writer *writer)
{
    int fd = make_memfd();
    int error;

    if (fd < 0)
        return -1;
    if (write_all(fd, writer->bytes, writer->length) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
        fcntl(fd, F_ADD_SEALS, SLICE_SEALS) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* ------------------------------------------------------------------ counting */

#define MAIL_RECORDS 1024 /* alerts that may wait for a mail server */

static uint32_t one_if_set(const struct conf_script *script)
{
    return script != NULL && script->words.count > 0 ? 1 : 0;
}

static void count_links_checks(struct conf_counts *counts, const struct conf_real_server *real_server)
{
    for (uint32_t i = 0; i < real_server->checkers.count; i++) {
        if (conf_checker_needs_links(real_server->checkers.items[i]))
            counts->links_checks++;
    }
}

static void count_virtual_server(struct conf_counts *counts, const struct conf_virtual_server *virtual_server)
{
    counts->virtual_servers++;
    counts->suspended_servers += virtual_server->ha_suspend;
    counts->alerts += virtual_server->smtp_alert;
    counts->scripts += one_if_set(virtual_server->quorum_up) + one_if_set(virtual_server->quorum_down);
    for (uint32_t i = 0; i < virtual_server->real_servers.count; i++) {
        const struct conf_real_server *real_server = virtual_server->real_servers.items[i];

        counts->real_servers++;
        counts->alerts += real_server->smtp_alert;
        counts->scripts += one_if_set(real_server->notify_up) + one_if_set(real_server->notify_down);
        counts->checkers += real_server->checkers.count;
        count_links_checks(counts, real_server);
    }
}

static void count_global(struct conf_counts *counts, const struct conf_global *global)
{
    counts->scripts += one_if_set(&global->startup_script) + one_if_set(&global->shutdown_script);
    counts->fifos += global->fifo.path != NULL;
    counts->fifos += global->vrrp_fifo.path != NULL;
    counts->fifos += global->lvs_fifo.path != NULL;
}

struct conf_counts conf_count(const struct conf_model *model)
{
    struct conf_counts counts = {.instances = model->instances.count,
                                 .sync_groups = model->sync_groups.count,
                                 .static_items = model->static_addresses.count + model->static_routes.count +
                                                 model->static_rules.count,
                                 .scripts = model->recurring_scripts.count,
                                 .watched = model->track_files.count + model->track_processes.count};

    count_global(&counts, &model->global);

    for (uint32_t i = 0; i < model->instances.count; i++) {
        counts.scripts += conf_notify_count(model->instances.items[i]->notify);
        counts.alerts += model->instances.items[i]->smtp_alert;
    }
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        counts.scripts += conf_notify_count(model->sync_groups.items[i]->notify);
        counts.alerts += model->sync_groups.items[i]->smtp_alert;
    }
    for (uint32_t i = 0; i < model->virtual_servers.count; i++)
        count_virtual_server(&counts, model->virtual_servers.items[i]);
    if (model->global.mail.server == NULL || model->global.mail.recipients.count == 0)
        counts.alerts = 0;
    return counts;
}

static uint32_t count_own_checks(const struct conf_model *model, uint16_t index, uint16_t count)
{
    uint32_t own = 0;

    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *virtual_server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < virtual_server->real_servers.count; j++) {
            const struct conf_real_server *real_server = virtual_server->real_servers.items[j];

            for (uint32_t k = 0; k < real_server->checkers.count; k++)
                own += real_server->checkers.items[k]->key % count == index;
        }
    }
    return own;
}

/* What follows for the slice from how much there is of everything. */
static bool is_counted(enum conf_slice slice)
{
    return slice != CONF_SLICE_CHECKER && slice != CONF_SLICE_MAIL && slice != CONF_SLICE_WHOLE;
}

/* How many records the owner of the slice keeps on its board (daemon/core/board_records.h). */
static uint32_t board_records(const struct conf_model *model, enum conf_slice slice, uint16_t index,
                              uint16_t count)
{
    const struct conf_counts *counts = &model->counts;

    switch (slice) {
    case CONF_SLICE_SUPERVISOR: /* a record a process: one of each role, and the checkers */
        return 8U + count;
    case CONF_SLICE_LINKS: /* and one for what is static */
        return counts->instances + 1;
    case CONF_SLICE_CTL:
        return counts->instances;
    case CONF_SLICE_VRRP:
        return counts->instances + model->track_scripts.count + counts->watched;
    case CONF_SLICE_DIRECTOR: /* and one for the whole table */
        return 1 + counts->virtual_servers + counts->real_servers;
    case CONF_SLICE_CHECKER:
        return count_own_checks(model, index, count);
    case CONF_SLICE_SCRIPTS: /* two changes of everything may wait */
        return 2 * (counts->instances + counts->sync_groups + counts->virtual_servers + counts->real_servers);
    case CONF_SLICE_MAIL:
        return MAIL_RECORDS;
    case CONF_SLICE_WHOLE: /* no process's */
    case CONF_SLICE_COUNT:
        break;
    }
    return 0;
}

/* A sealed memfd, or -1 with errno. */
static int write_down(struct writer *writer, const struct conf_model *counted)
{
    struct slice_head head = {.magic = SLICE_MAGIC, .version = layout_contract(), .slice = writer->slice};
    int fd, error;

    put_bytes(writer, &head, sizeof(head));
    put_object(writer, &layout_of_model, counted);
    head.length = (uint32_t)(writer->length - sizeof(head));
    memcpy(writer->bytes, &head, sizeof(head));
    fd = seal(writer);
    error = errno;
    explicit_bzero(writer->bytes, writer->length);
    free(writer->bytes);
    errno = error;
    return fd;
}

int conf_slice_write(const struct conf_model *model, enum conf_slice slice, uint16_t index, uint16_t count,
                     uint32_t *objects)
{
    struct conf_model counted = *model; /* shares the lists; only to carry the counts */
    struct writer writer = {.model = model, .slice = slice, .index = index, .count = count == 0 ? 1 : count};

    if (is_counted(slice))
        counted.counts = conf_count(model);
    *objects = board_records(&counted, slice, index, writer.count);
    return write_down(&writer, &counted);
}

int conf_slice_write_whole(const struct conf_model *model, const struct conf_secret_key *key)
{
    struct writer writer = {.model = model, .slice = CONF_SLICE_WHOLE, .count = 1, .key = key};

    return write_down(&writer, model);
}
