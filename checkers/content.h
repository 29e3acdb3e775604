/*
 * What a body must be: its MD5 digest, a regular expression it matches, or must not. Takes the body in
 * pieces.
 */
#ifndef TANDEM_CHECKERS_CONTENT_H
#define TANDEM_CHECKERS_CONTENT_H

#include <nettle/md5.h>

#include "checkers/search.h"
#include "checkers/verdict.h"
#include "conf/model.h"

struct content {
    struct md5_ctx md5;
    bool searches;
    struct search search;
};

/* What the content of a body came to: VERDICT_OK, or which demand was not met. */
struct content_judgement {
    enum verdict_reason reason;
    int32_t detail; /* as verdict.h says */
};

/* url: the same each time, perhaps in another model. pattern: its regular expression, compiled; NULL if it
 * has none. */
void content_begin(struct content *content, const struct conf_url *url, const struct pattern *pattern);
void content_piece(struct content *content, const struct conf_url *url, const uint8_t *bytes, size_t length);
struct content_judgement content_judge(struct content *content, const struct conf_url *url); /* it is whole */
void content_end(struct content *content);

#endif
