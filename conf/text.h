/*
 * The text of a file, line by line, for the expander: of a long file only a piece is in memory at a time.
 */
#ifndef TANDEM_CONF_TEXT_H
#define TANDEM_CONF_TEXT_H

#include "conf/host.h"

/* Private to text.c, but for where to put it. */
struct conf_text {
    const struct conf_host *host;
    void *file;   /* the host's; NULL: all that there is has been read */
    char *bytes;  /* the piece, with a NUL behind it */
    size_t start; /* what of it is still to come, */
    size_t end;   /* up to here */
    size_t room;
    char *special; /* the next byte that makes a line not plain, or the end; NULL = not looked for */
    int error;
};

/* A line without its end. The text may be written to, up to text[length]; the next line takes its place. */
struct conf_text_line {
    char *text;
    size_t length;
    bool plain; /* blanks, braces and bytes of words only: no quote, '$', '\\', comment or NUL */
};

/* Opens the file; *length is how long it is. False with the errno of host->read_file. */
bool conf_text_open(struct conf_text *text, const struct conf_host *host, const char *path, size_t *length);

/* The next line. False at the end of the file, or where it cannot be read on: conf_text_close() tells. */
bool conf_text_next(struct conf_text *text, struct conf_text_line *line);

/* Returns 0, or the errno that ended the reading too early. */
int conf_text_close(struct conf_text *text);

#endif
