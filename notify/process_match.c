/*
 * Matching and counting processes. See process_match.h.
 */
#include "notify/process_match.h"

#include <string.h>

bool process_match_name(const struct conf_track_process *conf, const char *name)
{
    return strcmp(conf->process, name) == 0;
}

/* The next word of the command line; false at its end. A last word may lack its terminator. */
static bool next_word(const char *command, size_t length, size_t *at, const char **word, size_t *size)
{
    if (*at >= length)
        return false;
    *word = command + *at;
    *size = strnlen(*word, length - *at);
    *at += *size + 1;
    return true;
}

static bool words_equal(const char *wanted, const char *word, size_t size, bool may_go_on)
{
    size_t wanted_size = strlen(wanted);

    return (wanted_size == size || (may_go_on && wanted_size < size)) &&
           memcmp(wanted, word, wanted_size) == 0;
}

static bool parameters_match(const struct conf_track_process *conf, const char *command, size_t length,
                             size_t at)
{
    uint32_t count = conf->parameters.count;
    const char *word;
    size_t size;

    for (uint32_t i = 0; i < count; i++) {
        bool may_go_on = conf->match == CONF_PARAM_INITIAL && i + 1 == count;

        if (!next_word(command, length, &at, &word, &size) ||
            !words_equal(conf->parameters.items[i], word, size, may_go_on))
            return false;
    }
    return conf->match != CONF_PARAM_EXACT || at >= length;
}

bool process_match_command(const struct conf_track_process *conf, const char *command, size_t length)
{
    size_t at = 0, size;
    const char *word;

    if (!next_word(command, length, &at, &word, &size) || !words_equal(conf->process, word, size, false))
        return false;
    return conf->match == CONF_PARAM_NONE || parameters_match(conf, command, length, at);
}

/* ------------------------------------------------------------------ the quorum */

static bool turn(struct process_quorum *quorum, bool as_wanted)
{
    bool changed = !quorum->known || quorum->as_wanted != as_wanted;

    quorum->known = true;
    quorum->as_wanted = as_wanted;
    quorum->due = (struct mono){0};
    return changed;
}

/* What changes back before its delay is over was nothing. */
bool process_quorum_count(struct process_quorum *quorum, const struct conf_track_process *conf,
                          uint32_t count, struct mono now)
{
    int64_t delay_us = count < quorum->count ? conf->terminate_delay_us : conf->fork_delay_us;
    bool as_wanted = count >= conf->quorum && count <= conf->quorum_max;

    quorum->count = count;
    if (!quorum->known || as_wanted == quorum->as_wanted || delay_us == 0)
        return turn(quorum, as_wanted);
    if (!mono_is_set(quorum->due))
        quorum->due = mono_add(now, span_us(delay_us));
    return false;
}

bool process_quorum_time(struct process_quorum *quorum, struct mono now)
{
    if (!mono_is_set(quorum->due) || mono_before(now, quorum->due))
        return false;
    return turn(quorum, !quorum->as_wanted);
}
