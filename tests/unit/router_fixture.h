/*
 * Routers at a given point of their life, and actions as text, for the tests of router.c and group.c.
 */
#ifndef TANDEM_TEST_ROUTER_FIXTURE_H
#define TANDEM_TEST_ROUTER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/vrrp/router.h"

/* When a fixture's router enters its state. */
#define T0 ((struct mono){1000 * NS_PER_S})

#define ACTIONS_TEXT 160

static inline struct mono at_ms(int64_t ms)
{
    return mono_add(T0, span_ms(ms));
}

static inline struct mono at_ns(int64_t ns)
{
    return mono_add(T0, span_ns(ns));
}

static inline struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    if (text)
        assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

/* v3, priority 100, one second, preempt: what an ordinary configuration gives. */
static inline struct vrrp_settings ordinary_settings(void)
{
    return (struct vrrp_settings){
        .version = 3,
        .base_priority = 100,
        .preempt = true,
        .advert_interval = span_s(1),
        .down_timer_adverts = 3,
    };
}

static inline struct vrrp_event plain(enum vrrp_event_type type)
{
    return (struct vrrp_event){.type = type};
}

static inline struct vrrp_event advert(uint8_t priority, const char *source, int64_t interval_ms)
{
    return (struct vrrp_event){
        .type = EVENT_ADVERT,
        .advert = {.priority = priority, .source = address(source), .interval = span_ms(interval_ms)},
    };
}

/* "SEND_ADVERT TAKE STATE_CHANGED" */
static inline const char *actions_text(const struct vrrp_actions *actions, char text[static ACTIONS_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned int i = 0; i < actions->count; i++)
        used += (size_t)snprintf(text + used, ACTIONS_TEXT - used, "%s%s", i ? " " : "",
                                 vrrp_action_name(actions->items[i]));
    return text;
}

static inline void expect_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                               const char *expected)
{
    struct vrrp_actions actions;
    char text[ACTIONS_TEXT];

    vrrp_router_step(router, event, now, &actions);
    assert_string_equal(actions_text(&actions, text), expected);
}

static inline void step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now)
{
    struct vrrp_actions actions;

    vrrp_router_step(router, event, now, &actions);
}

static inline struct vrrp_router router_in_init(const struct vrrp_settings *settings)
{
    struct ip_address source = address("192.0.2.2");
    struct vrrp_router router;

    vrrp_router_init(&router, settings, &source);
    return router;
}

/* In the state asked for since T0, by the events that lead there. */
static inline struct vrrp_router router_in(enum vrrp_state state, const struct vrrp_settings *settings)
{
    struct vrrp_router router = router_in_init(settings);
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_event start = plain(EVENT_START);
    struct vrrp_event resume = plain(EVENT_RESUME);

    if (state == VRRP_FAULT)
        step(&router, &fault, T0);
    if (state == VRRP_MASTER)
        step(&router, &resume, T0);
    else if (state != VRRP_INIT)
        step(&router, &start, T0);
    assert_int_equal(router.state, state);
    return router;
}

#endif
