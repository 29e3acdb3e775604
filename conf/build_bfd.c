/*
 * Builder: bfd_instance, a session of BFD (RFC 5880), and BFD_CHECK, which follows one. The lists that track
 * sessions are in build_track.c.
 */
#include "conf/build.h"

#include <inttypes.h>
#include <string.h>

#include "conf/values.h"

#define NAME_MAX_LENGTH    31
#define MIN_INTERVAL_US    10000
#define IDLE_INTERVAL_US   1000000
#define LIKELY_INTERVAL_US 10000000
#define MULTIPLIER         5
#define LIKELY_MULTIPLIER  10

void *conf_begin_bfd(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct track_draft *draft;

    (void)parent;
    if (node->word_count > 1 && node->words[1].length > NAME_MAX_LENGTH) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "the name of a bfd_instance has at most %d characters; it is left out",
                      NAME_MAX_LENGTH);
        return NULL;
    }
    draft = conf_begin_track(builder, node, CONF_TRACKED_BFD);
    if (draft == NULL)
        return NULL;
    draft->bfd.min_rx_us = MIN_INTERVAL_US;
    draft->bfd.min_tx_us = MIN_INTERVAL_US;
    draft->bfd.idle_tx_us = IDLE_INTERVAL_US;
    return draft;
}

/* Milliseconds: seconds read so, and their microseconds divided by as much. */
void conf_handle_bfd_interval(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    const struct conf_keyword *row = node->keyword;
    int64_t *interval_us = (int64_t *)(void *)((char *)data + row->offset);
    enum conf_value_fault fault;
    int64_t value;

    if (!conf_need_word(builder, node, 1, "milliseconds"))
        return;
    fault = conf_parse_seconds(node->words[1].text, row->low * 1000, row->high * 1000, &value);
    if (fault != CONF_VALUE_GOOD) {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' is %s; this %s is ignored", node->words[1].text,
                                             fault == CONF_VALUE_OUT_OF_RANGE ? "out of range" : "not a time",
                                             row->name),
                               "milliseconds, with a fraction if need be, from %" PRId64 " to %" PRId64,
                               row->low / 1000, row->high / 1000);
        return;
    }
    *interval_us = (value + 500) / 1000;
    if (*interval_us > LIKELY_INTERVAL_US)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, node, 1,
                      "%s is in milliseconds: more than 10000 is hardly meant", row->name);
}

/* ------------------------------------------------------------------ the end of the block */

/* False if there is another session between the same addresses. */
static bool is_first_session(struct conf_builder *builder, const struct bfd_draft *bfd)
{
    struct {
        struct ip_address ends[2];
        uint16_t multihop;
    } session = {{bfd->neighbour, bfd->source}, bfd->multihop != 0};

    _Static_assert(sizeof(session) == 2 * sizeof(struct ip_address) + sizeof(uint16_t), "no padding");
    _Static_assert(sizeof(session) <= CONF_MEMBER_BYTES, "it is a key");
    return conf_note_member(builder, builder->root, &session, sizeof(session));
}

static void leave_out(struct conf_builder *builder, struct track_draft *draft, enum conf_problem problem,
                      const char *why)
{
    draft->unusable = true;
    conf_complain(builder, CONF_COMPLAINT, problem, draft->node, 1, "bfd_instance %s %s; it is left out",
                  draft->name, why);
}

static void check_addresses(struct conf_builder *builder, struct track_draft *draft)
{
    const struct bfd_draft *bfd = &draft->bfd;

    if (!ip_address_is_set(&bfd->neighbour))
        leave_out(builder, draft, CONF_PROBLEM_MISSING, "has no neighbor_ip");
    else if (ip_address_is_set(&bfd->source) && bfd->source.family != bfd->neighbour.family)
        leave_out(builder, draft, CONF_PROBLEM_CONFLICT,
                  "has a source_ip of another address family than its neighbor_ip");
    else if (!is_first_session(builder, bfd))
        leave_out(builder, draft, CONF_PROBLEM_DUPLICATE, "is a second session between the same addresses");
}

static void settle_hops(struct conf_builder *builder, const struct track_draft *draft, struct bfd_draft *bfd)
{
    bfd->ttl = conf_value_or(bfd->ttl, bfd->neighbour.family == AF_INET6 ? 64 : 255);
    bfd->max_hops = conf_value_or(bfd->max_hops, 0);
    if (bfd->max_hops <= bfd->ttl)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "max_hops"), 1,
                  "max_hops is more than ttl; %" PRId64 " is used", bfd->ttl);
    bfd->max_hops = bfd->ttl;
}

void conf_end_bfd(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_draft *draft = data;
    struct bfd_draft *bfd = &draft->bfd;
    bool both = bfd->for_vrrp == CONF_UNSET && bfd->for_checkers == CONF_UNSET;

    bfd->multihop = conf_value_or(bfd->multihop, 0);
    bfd->passive = conf_value_or(bfd->passive, 0);
    bfd->multiplier = conf_value_or(bfd->multiplier, MULTIPLIER);
    bfd->for_vrrp = both || bfd->for_vrrp == 1;
    bfd->for_checkers = both || bfd->for_checkers == 1;
    settle_hops(builder, draft, bfd);
    if (bfd->multiplier > LIKELY_MULTIPLIER)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, conf_node_find(node, "multiplier"), 1,
                      "a multiplier of more than 10 makes the loss of a neighbour late news");
    check_addresses(builder, draft);
}

void conf_finish_bfd(struct conf_builder *builder, const struct track_draft *draft)
{
    const struct bfd_draft *bfd = &draft->bfd;
    struct conf_bfd_session *session;

    if (draft->unusable)
        return;
    session = conf_model_alloc(builder->model, sizeof(*session));
    *session = (struct conf_bfd_session){
        .key = draft->key,
        .name = draft->name,
        .neighbour = bfd->neighbour,
        .source = bfd->source,
        .min_rx_us = bfd->min_rx_us,
        .min_tx_us = bfd->min_tx_us,
        .idle_tx_us = bfd->idle_tx_us,
        .multiplier = (uint8_t)bfd->multiplier,
        .passive = bfd->passive != 0,
        .ttl = (uint8_t)bfd->ttl,
        .max_hops = (int16_t)bfd->max_hops,
        .multihop = bfd->multihop != 0,
        .informs_vrrp = bfd->for_vrrp != 0,
        .informs_checkers = bfd->for_checkers != 0,
    };
    conf_list_add(builder->model, &builder->model->bfd_sessions, session);
}

/* ------------------------------------------------------------------ BFD_CHECK */

void *conf_begin_bfd_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_BFD);
}

static bool is_followed_already(const struct real_draft *real, const struct track_draft *bfd)
{
    for (const struct checker_draft *check = real->checkers; check != NULL; check = check->next) {
        if (check->bfd == bfd)
            return true;
    }
    return false;
}

void conf_handle_bfd_name(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;
    const struct track_draft *bfd;

    if (!conf_need_word(builder, node, 1, "the name of a bfd_instance"))
        return;
    bfd = conf_find_above(builder, CONF_TRACKED_BFD, node, 1);
    if (bfd == NULL || bfd->unusable)
        conf_complain_of_track(builder, node, 1, CONF_TRACKED_BFD, "it cannot be followed");
    else if (bfd->bfd.for_checkers == 0)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 1,
                      "bfd_instance %s is for vrrp only; it cannot be followed", bfd->name);
    else if (is_followed_already(draft->real, bfd))
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 1,
                      "this real_server follows %s already", bfd->name);
    else
        draft->bfd = bfd;
}
