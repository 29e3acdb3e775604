/*
 * The reader's part in an advance. See reader_advance.h.
 */
#include "daemon/reader_advance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/advance.h"
#include "conf/include.h"
#include "conf/slice.h"
#include "daemon/core/log.h"

#define RECORD_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* ------------------------------------------------------------------ the file */

void reader_text_read(struct reader_text *text, const char *pattern)
{
    struct conf_include found;

    *text = (struct reader_text){0};
    conf_include_find(&conf_host_system, "", pattern, &found);
    if (found.paths.count == 1) {
        text->path = strdup(found.paths.items[0]);
        if (text->path == NULL)
            abort();
        text->text = conf_host_system.read_file(conf_host_system.context, text->path, &text->length);
    }
    conf_include_free(&found);
    if (text->text == NULL)
        reader_text_free(text);
    else
        conf_served_host_begin(&text->host, &conf_host_system, text->path, text->text, text->length);
}

void reader_text_free(struct reader_text *text)
{
    free(text->path);
    free(text->text);
    *text = (struct reader_text){0};
}

/* Loads a part of it as if it were the file; *asked becomes the fingerprint of what that asked. */
static struct conf_result *load_part(const struct reader_text *text, const struct conf_load_request *request,
                                     const char *part, size_t length, uint64_t *asked)
{
    struct conf_load_request own = *request;
    struct conf_served_host host;
    struct conf_result *result;

    conf_served_host_begin(&host, &conf_host_system, text->path, part, length);
    own.host = &host.host;
    result = conf_load(&own);
    *asked = host.asked;
    return result;
}

/* ------------------------------------------------------------------ the advance */

/* NULL unless it is sealed, so that it stays as it is. */
static const void *map_record(int fd, size_t *length)
{
    struct stat status;
    void *bytes;

    if (fd < 0 || fcntl(fd, F_GET_SEALS) != RECORD_SEALS || fstat(fd, &status) != 0 || status.st_size <= 0)
        return NULL;
    *length = (size_t)status.st_size;
    bytes = mmap(NULL, *length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static void send_advance(struct channel *supervisor, const struct conf_advance *advance,
                         const struct conf_model *model)
{
    struct advance message = {.gone_count = advance->gone_count};
    uint32_t objects;
    int fd;

    if (advance->gone_count > ADVANCE_GONE_MAX)
        return;
    memcpy(message.gone, advance->gone, advance->gone_count * sizeof(message.gone[0]));
    fd = conf_slice_write(model, CONF_SLICE_DIRECTOR, 0, 1, &objects);
    if (fd < 0)
        return; /* the whole will have something to say of it */
    channel_send_fd(supervisor, READER_ADVANCE, &message, fd);
    close(fd);
}

void reader_send_advance(struct channel *supervisor, const struct reader_text *text, int record,
                         const struct conf_load_request *request)
{
    struct conf_advance advance;
    struct conf_record before;
    struct conf_result *result;
    const void *bytes;
    uint64_t asked;
    size_t length;

    bytes = text->path == NULL ? NULL : map_record(record, &length);
    if (bytes == NULL || !conf_record_open(bytes, length, &before) ||
        !conf_advance_find(&before, text->text, text->length, &advance))
        return;
    result = load_part(text, request, advance.text, advance.length, &asked);
    if (result != NULL && conf_advance_settle(&before, &advance, result, asked))
        send_advance(supervisor, &advance, conf_result_model(result));
    conf_result_free(result);
    conf_advance_free(&advance);
}

/* ------------------------------------------------------------------ the record */

static int record_memfd(const uint8_t *bytes, size_t length)
{
    int fd = memfd_create("tandem-record", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (write(fd, bytes, length) == (ssize_t)length && fcntl(fd, F_ADD_SEALS, RECORD_SEALS) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Whether virtual servers have the machine asked nothing. */
static bool asks_for_rest_only(const struct reader_text *text, const struct conf_load_request *request)
{
    size_t length;
    char *rest = conf_advance_rest(text->text, text->length, &length);
    uint64_t asked = 0;

    if (rest != NULL)
        conf_result_free(load_part(text, request, rest, length, &asked));
    free(rest);
    return rest != NULL && asked == text->host.asked;
}

void reader_send_record(struct channel *supervisor, const struct reader_text *text,
                        const struct conf_load_request *request, const struct conf_result *whole,
                        const struct conf_model *model)
{
    uint8_t *bytes = NULL;
    size_t length;
    int fd;

    if (text->path == NULL || conf_result_outcome(whole) != CONF_OUTCOME_GOOD)
        return;
    if (asks_for_rest_only(text, request))
        bytes = conf_record_make(text->text, text->length, whole, model, text->host.asked, &length);
    fd = bytes == NULL ? -1 : record_memfd(bytes, length);
    free(bytes);
    if (fd < 0)
        return;
    channel_send_fd(supervisor, READER_RECORD, NULL, fd);
    close(fd);
}
