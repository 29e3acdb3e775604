/*
 * What the engine says in the log: one place for the words about checks.
 */
#ifndef TANDEM_CHECKERS_WORDS_H
#define TANDEM_CHECKERS_WORDS_H

#include "checkers/check.h"

/* What a report was about; it is put into words before the standing changes. */
struct report_words {
    char name[512];   /* "check HTTP 192.0.2.1:80 /health" */
    char reason[256]; /* "status 503, wanted 200-299" */
};

/* check->standing must still be as it was during the attempt: it names the url. */
void words_gather(struct report_words *words, const struct check *check, const struct finding *finding,
                  uint32_t wait_ms);

/* Up or down now. */
void words_say_change(const struct report_words *words, const struct check *check);

/* An attempt that changed nothing and was not good. news: the one before had another reason. */
void words_say_attempt(const struct report_words *words, const struct check *check,
                       const struct finding *finding, bool news);

#endif
