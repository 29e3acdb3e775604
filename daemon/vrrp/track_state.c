/*
 * From results to verdicts, and from verdicts to effects. See track_state.h.
 */
#include "daemon/vrrp/track_state.h"

/* A file's number times its weight: at the lower end it means FAULT, at the upper it counts no more. */
#define FILE_FAULT -254
#define FILE_MOST  253

void track_script_begin(struct track_state *state, const struct conf_track_script *conf)
{
    *state = (struct track_state){.verdict = conf->init_fail ? TRACK_DOWN : TRACK_UNKNOWN};
}

static bool set_verdict(struct track_state *state, enum track_verdict verdict)
{
    bool changed = state->verdict != verdict;

    state->verdict = verdict;
    state->contrary = 0;
    return changed;
}

bool track_script_result(struct track_state *state, const struct conf_track_script *conf, bool success)
{
    enum track_verdict said = success ? TRACK_UP : TRACK_DOWN;

    if (state->verdict == TRACK_UNKNOWN || state->verdict == said)
        return set_verdict(state, said);
    state->contrary++;
    if (state->contrary < (success ? conf->rise : conf->fall))
        return false;
    return set_verdict(state, said);
}

bool track_file_value(struct track_state *state, int32_t value)
{
    bool news = state->verdict != TRACK_UP || state->value != value;

    state->verdict = TRACK_UP;
    state->value = value;
    return news;
}

bool track_process_count(struct track_state *state, int32_t count, bool as_wanted)
{
    state->value = count;
    return set_verdict(state, as_wanted ? TRACK_UP : TRACK_DOWN);
}

/* ------------------------------------------------------------------ effects */

static struct track_effect effect_of_file(const struct conf_tracked *tracked, int32_t value)
{
    int64_t product = (int64_t)value * tracked->weight * (tracked->reverse ? -1 : 1);

    if (tracked->weight == 0)
        return (struct track_effect){.fault = (value != 0) != tracked->reverse};
    if (product <= FILE_FAULT)
        return (struct track_effect){.fault = true};
    return (struct track_effect){.weight = product > FILE_MOST ? FILE_MOST : (int32_t)product};
}

static struct track_effect effect_of_verdict(const struct conf_tracked *tracked, bool up)
{
    struct track_effect effect = {0};

    if (tracked->weight == 0)
        effect.fault = up == tracked->reverse;
    else if (up == (tracked->weight > 0))
        effect.weight = tracked->reverse ? -tracked->weight : tracked->weight;
    return effect;
}

struct track_effect track_effect(const struct conf_tracked *tracked, const struct track_state *state)
{
    if (state == NULL || state->verdict == TRACK_UNKNOWN)
        return (struct track_effect){.undecided =
                                         tracked->kind == CONF_TRACKED_SCRIPT && tracked->weight == 0};
    if (tracked->kind == CONF_TRACKED_FILE)
        return effect_of_file(tracked, state->value);
    return effect_of_verdict(tracked, state->verdict == TRACK_UP);
}
