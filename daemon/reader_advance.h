/*
 * The reader's part in an advance (conf/advance.h): it compares the file with the record that the reader
 * before it left, tells the supervisor at once what is new, and leaves a record itself when all is done.
 */
#ifndef TANDEM_DAEMON_READER_ADVANCE_H
#define TANDEM_DAEMON_READER_ADVANCE_H

#include "conf/load.h"
#include "conf/served_host.h"
#include "daemon/core/channel.h"

/* The one file of a configuration, read once for all that is loaded from it. */
struct reader_text {
    char *path; /* NULL = there is not one file, or it cannot be read: no advance and no record */
    char *text;
    size_t length;
    struct conf_served_host host; /* gives it for the load of the whole */
};

void reader_text_read(struct reader_text *text, const char *pattern);
void reader_text_free(struct reader_text *text);

/* Sends READER_ADVANCE if something can go ahead. record: a descriptor, which stays the caller's; -1 = none.
 * request is that for the whole. */
void reader_send_advance(struct channel *supervisor, const struct reader_text *text, int record,
                         const struct conf_load_request *request);

/* Sends READER_RECORD of what the whole was loaded to, which has the model, if an advance can ever come of
 * it. */
void reader_send_record(struct channel *supervisor, const struct reader_text *text,
                        const struct conf_load_request *request, const struct conf_result *whole,
                        const struct conf_model *model);

#endif
