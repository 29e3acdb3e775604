/*
 * A file, line by line. See text.h.
 */
#include "conf/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 65536 /* fits the processor's second cache */

/* Room behind the end, after what has been taken has gone. */
static void make_room(struct conf_text *text)
{
    size_t rest = text->end - text->start;

    if (text->start > 0)
        memmove(text->bytes, text->bytes + text->start, rest);
    text->start = 0;
    text->end = rest;
    if (text->end < text->room)
        return;
    text->room = text->room == 0 ? PIECE_BYTES : text->room * 2;
    text->bytes = realloc(text->bytes, text->room + 1);
    if (text->bytes == NULL)
        abort();
}

bool conf_text_open(struct conf_text *text, const struct conf_host *host, const char *path, size_t *length)
{
    *text = (struct conf_text){.host = host};
    if (host->open_file != NULL) {
        text->file = host->open_file(host->context, path, length);
        if (text->file == NULL)
            return false;
        make_room(text);
        return true;
    }
    text->bytes = host->read_file(host->context, path, length);
    if (text->bytes == NULL)
        return false;
    text->end = text->room = *length;
    text->bytes[text->end] = '\0';
    return true;
}

static void end_file(struct conf_text *text)
{
    text->host->close_file(text->file);
    text->file = NULL;
}

/* One piece more behind what there is; false if there is none. */
static bool read_more(struct conf_text *text)
{
    ssize_t got;

    if (text->file == NULL)
        return false;
    make_room(text);
    got = text->host->read_piece(text->file, text->bytes + text->end, text->room - text->end);
    if (got <= 0) {
        text->error = got < 0 ? errno : 0;
        end_file(text);
    }
    text->end += got > 0 ? (size_t)got : 0;
    text->bytes[text->end] = '\0';
    text->special = NULL;
    return got > 0;
}

/* The end of the line that begins at start, reading on until it is there. */
static const char *find_end(struct conf_text *text)
{
    size_t searched = 0;
    const char *end;

    do {
        const char *from = text->bytes + text->start + searched;

        end = memchr(from, '\n', text->end - text->start - searched);
        searched = text->end - text->start;
    } while (end == NULL && read_more(text));
    return end != NULL ? end : text->bytes + text->end;
}

bool conf_text_next(struct conf_text *text, struct conf_text_line *line)
{
    const char *end = find_end(text);

    if (text->error != 0 || text->start == text->end)
        return false;
    line->text = text->bytes + text->start;
    line->length = (size_t)(end - line->text);
    if (text->special == NULL || text->special < line->text)
        text->special = line->text + strcspn(line->text, "\"$\\#!");
    line->plain = text->special >= end;
    text->start += line->length + (*end == '\n');
    while (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    return true;
}

int conf_text_close(struct conf_text *text)
{
    int error = text->error;

    if (text->file != NULL)
        end_file(text);
    free(text->bytes);
    *text = (struct conf_text){0};
    return error;
}
