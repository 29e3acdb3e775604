/*
 * The arithmetic of a router's timers against values computed by hand: skew, master down interval, start,
 * change of priority and of settings, the rhythm of adverts.
 */
#include "tests/unit/router_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct skew_case {
    uint8_t version;
    uint8_t priority;
    int64_t interval_ms;
    int64_t skew_ns;
    uint8_t adverts;
    int64_t down_ns;
};

static const struct skew_case skew_cases[] = {
    /* v2: (256 - priority) / 256 s, whatever the interval */
    {2, 100, 1000, 609375000, 3, 3609375000},
    {2, 100, 5000, 609375000, 3, 15609375000},
    {2, 254, 1000, 7812500, 3, 3007812500},
    {2, 255, 1000, 3906250, 3, 3003906250},
    {2, 1, 1000, 996093750, 3, 3996093750},
    {2, 128, 1000, 500000000, 1, 1500000000},
    /* v3: (256 - priority) x interval / 256 */
    {3, 100, 1000, 609375000, 3, 3609375000},
    {3, 100, 100, 60937500, 3, 360937500},
    {3, 100, 10, 6093750, 3, 36093750},
    {3, 254, 1000, 7812500, 3, 3007812500},
    {3, 254, 10, 78125, 3, 30078125},
    {3, 255, 10, 39062, 3, 30039062}, /* 39062.5 ns: rounded down */
    {3, 1, 40950, 40790039062, 3, 163640039062},
    {3, 200, 1000, 218750000, 2, 2218750000},
    {3, 200, 250, 54687500, 10, 2554687500},
};

static void test_skew_and_down_interval(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(skew_cases); i++) {
        const struct skew_case *row = &skew_cases[i];
        struct span interval = span_ms(row->interval_ms);

        assert_int_equal(vrrp_skew_time(row->version, row->priority, interval).ns, row->skew_ns);
        assert_int_equal(vrrp_master_down_interval(row->version, row->priority, interval, row->adverts).ns,
                         row->down_ns);
    }
}

static void test_shortest_peer_down_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    assert_int_equal(vrrp_shortest_peer_down_interval(&settings).ns, 3007812500);
    settings.version = 2;
    settings.advert_interval = span_s(2);
    assert_int_equal(vrrp_shortest_peer_down_interval(&settings).ns, 6007812500);
}

struct priority_case {
    uint8_t base;
    int32_t weight_sum;
    uint8_t effective;
};

static const struct priority_case priority_cases[] = {
    {100, 0, 100},   {100, 50, 150}, {100, -50, 50},   {100, 155, 254},       {100, 154, 254},
    {100, 153, 253}, {100, -99, 1},  {100, -100, 1},   {100, INT32_MAX, 254}, {100, INT32_MIN, 1},
    {254, 1, 254},   {255, 0, 255},  {255, -200, 255}, {255, INT32_MIN, 255}, {1, -1, 1},
};

static void test_effective_priority(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(priority_cases); i++) {
        const struct priority_case *row = &priority_cases[i];
        struct vrrp_settings settings = ordinary_settings();
        struct vrrp_event event = {.type = EVENT_PRIORITY, .weight_sum = row->weight_sum};

        settings.base_priority = row->base;
        struct vrrp_router router = router_in_init(&settings);

        expect_step(&router, &event, T0, row->effective == row->base ? "" : "PRIORITY_CHANGED");
        assert_int_equal(router.effective_priority, row->effective);
    }
}

/* ------------------------------------------------------------------ start */

static void test_start_waits(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);

    (void)state;
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3609375000).ns);
    settings.wants_master = true;
    router = router_in(VRRP_BACKUP, &settings);
    /* one interval + 1/256 of it */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1003906250).ns);
    settings.version = 2;
    settings.advert_interval = span_s(4);
    router = router_in(VRRP_BACKUP, &settings);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(4003906250).ns);
}

static void test_the_short_start_wait_has_no_skew_to_move(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.wants_master = true;
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = {.type = EVENT_PRIORITY, .weight_sum = 100};

    step(&router, &event, at_ms(10));
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1003906250).ns);
}

/* ------------------------------------------------------------------ a running down timer */

static void test_a_new_priority_moves_the_down_timer(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = {.type = EVENT_PRIORITY, .weight_sum = 28};

    (void)state;
    step(&router, &event, at_ms(700));
    /* skew 156/256 s -> 128/256 s: 109.375 ms sooner */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3500000000).ns);
    event.weight_sum = -100;
    step(&router, &event, at_ms(800));
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3996093750).ns);
}

static void test_the_learned_interval_rules_the_down_timer(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(200, "192.0.2.1", 2000);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    step(&router, &event, at_ms(1000));
    /* 3 x 2 s + 156/256 x 2 s */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1 * NS_PER_S + 7218750000).ns);
    step(&router, &timer, vrrp_router_deadline(&router));
    assert_int_equal(router.state, VRRP_MASTER);
    assert_int_equal(router.master_interval.ns, NS_PER_S);
}

static void hear(struct vrrp_router *router, uint8_t priority, const char *source, int64_t interval_ms,
                 int64_t ms)
{
    struct vrrp_event event = advert(priority, source, interval_ms);

    step(router, &event, at_ms(ms));
}

/* A second master that is about to give way teaches us no interval shorter than the first one's. */
static void test_a_worse_master_does_not_shorten_the_wait(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);

    (void)state;
    hear(&router, 200, "192.0.2.3", 2000, 1000);
    hear(&router, 150, "192.0.2.1", 100, 1100);
    hear(&router, 200, "192.0.2.1", 100, 1200);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1 * NS_PER_S + 7218750000).ns);
    assert_int_equal(router.master_priority, 200);
    /* it goes on speaking, so the first one is gone: 8.2 s + 3 x 0.1 s + 156/256 x 0.1 s */
    hear(&router, 150, "192.0.2.1", 100, 8200);
    assert_int_equal(router.master_priority, 150);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(8200 * NS_PER_MS + 360937500).ns);
}

static void test_a_better_or_the_same_master_shortens_the_wait(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);

    (void)state;
    hear(&router, 200, "192.0.2.1", 2000, 1000);
    hear(&router, 200, "192.0.2.3", 1000, 1100);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1100 * NS_PER_MS + 3609375000).ns);
    hear(&router, 180, "192.0.2.3", 100, 1200);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1200 * NS_PER_MS + 360937500).ns);
}

static void test_v2_learns_no_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.version = 2;
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(200, "192.0.2.1", 2000);

    step(&router, &event, at_ms(1000));
    assert_int_equal(router.master_interval.ns, NS_PER_S);
}

static void test_an_interval_of_nothing_is_not_learned(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(200, "192.0.2.1", 0);

    (void)state;
    step(&router, &event, at_ms(1000));
    assert_int_equal(router.master_interval.ns, NS_PER_S);
}

static void test_a_preempted_masters_interval_is_not_learned(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(50, "192.0.2.1", 10);

    (void)state;
    step(&router, &event, at_ms(1000));
    assert_int_equal(router.master_interval.ns, NS_PER_S);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3609375000).ns);
}

/* ------------------------------------------------------------------ the rhythm of adverts */

static void test_adverts_keep_their_rhythm(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    expect_step(&router, &timer, at_ms(1003), "SEND_ADVERT");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(2000).ns);
    expect_step(&router, &timer, at_ms(2000), "SEND_ADVERT");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(3000).ns);
}

static void test_the_phase_shortens_only_the_first_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.advert_phase = span_ms(300);
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event timer = plain(EVENT_TIMER);

    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(700).ns);
    expect_step(&router, &timer, at_ms(700), "SEND_ADVERT");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(1700).ns);
}

static void test_missed_adverts_are_not_made_up_for(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    expect_step(&router, &timer, at_ms(2500), "SEND_ADVERT");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(3500).ns);
}

/* ------------------------------------------------------------------ reload */

static void reload(struct vrrp_router *router, const struct vrrp_settings *settings, int64_t ms)
{
    struct vrrp_event event = {.type = EVENT_SETTINGS, .settings = settings};

    step(router, &event, at_ms(ms));
}

static void test_reload_of_a_master_keeps_the_next_advert(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);

    (void)state;
    settings.advert_interval = span_s(5);
    reload(&router, &settings, 300);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(1000).ns);
    settings.advert_interval = span_ms(100);
    reload(&router, &settings, 400);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(500).ns);
    assert_int_equal(router.master_interval.ns, 100 * NS_PER_MS);
}

static void test_reload_of_a_backup_without_a_change_keeps_its_timer(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct mono before = vrrp_router_deadline(&router);

    (void)state;
    settings.lower_prio_no_advert = true;
    reload(&router, &settings, 300);
    assert_int_equal(vrrp_router_deadline(&router).ns, before.ns);
    settings.base_priority = 128;
    reload(&router, &settings, 400);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3500000000).ns);
}

static void test_reload_of_a_backup_with_a_new_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(200, "192.0.2.1", 2000);

    (void)state;
    settings.advert_interval = span_ms(100);
    reload(&router, &settings, 1000);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1 * NS_PER_S + 360937500).ns);
    /* what a living v3 master taught us outlives our own setting */
    step(&router, &event, at_ms(1100));
    settings.advert_interval = span_ms(200);
    reload(&router, &settings, 1200);
    assert_int_equal(router.master_interval.ns, 2 * NS_PER_S);
    settings.version = 2;
    settings.advert_interval = span_s(1);
    reload(&router, &settings, 1300);
    assert_int_equal(router.master_interval.ns, NS_PER_S);
}

static void test_reload_of_a_running_preempt_delay(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.preempt_delay = span_s(5);
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(50, "192.0.2.1", 1000);

    step(&router, &event, at_ms(1000));
    settings.preempt_delay = span_s(7);
    reload(&router, &settings, 1500);
    assert_int_equal(router.preempt_due.ns, at_ms(8000).ns);
    settings.preempt_delay = span_s(0);
    reload(&router, &settings, 1600);
    assert_false(mono_is_set(router.preempt_due));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skew_and_down_interval),
        cmocka_unit_test(test_shortest_peer_down_interval),
        cmocka_unit_test(test_effective_priority),
        cmocka_unit_test(test_start_waits),
        cmocka_unit_test(test_the_short_start_wait_has_no_skew_to_move),
        cmocka_unit_test(test_a_new_priority_moves_the_down_timer),
        cmocka_unit_test(test_the_learned_interval_rules_the_down_timer),
        cmocka_unit_test(test_a_worse_master_does_not_shorten_the_wait),
        cmocka_unit_test(test_a_better_or_the_same_master_shortens_the_wait),
        cmocka_unit_test(test_v2_learns_no_interval),
        cmocka_unit_test(test_an_interval_of_nothing_is_not_learned),
        cmocka_unit_test(test_a_preempted_masters_interval_is_not_learned),
        cmocka_unit_test(test_adverts_keep_their_rhythm),
        cmocka_unit_test(test_the_phase_shortens_only_the_first_interval),
        cmocka_unit_test(test_missed_adverts_are_not_made_up_for),
        cmocka_unit_test(test_reload_of_a_master_keeps_the_next_advert),
        cmocka_unit_test(test_reload_of_a_backup_without_a_change_keeps_its_timer),
        cmocka_unit_test(test_reload_of_a_backup_with_a_new_interval),
        cmocka_unit_test(test_reload_of_a_running_preempt_delay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
