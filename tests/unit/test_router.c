/*
 * The state machine of one router: every (state, event) cell, in table form, then the behaviours that need a
 * history: adverts, ties, preemption, FAULT, pauses, resumes, a second owner.
 */
#include "tests/unit/router_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------ every cell */

struct cell {
    enum vrrp_state from;
    enum vrrp_event_type event;
    enum vrrp_state to;
    const char *actions;
    enum vrrp_cause cause; /* CAUSE_NONE: no transition */
};

/* ADVERT is of a better master, TIMER comes when it is due, FAULT_OVER ends the only fault. */
static const struct cell cells[] = {
    {VRRP_INIT, EVENT_START, VRRP_BACKUP, "STATE_CHANGED", CAUSE_START},
    {VRRP_INIT, EVENT_STOP, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_ADVERT, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_TIMER, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_PRIORITY, VRRP_INIT, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_INIT, EVENT_FAULT, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_FAULT_OVER, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_PAUSED, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_RESUME, VRRP_MASTER, "SEND_ADVERT ADOPT STATE_CHANGED", CAUSE_RESUMED},
    {VRRP_INIT, EVENT_GROUP_MASTER, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_GROUP_BACKUP, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_GROUP_FAULT, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_GROUP_FAULT_OVER, VRRP_INIT, "", CAUSE_NONE},
    {VRRP_INIT, EVENT_SETTINGS, VRRP_INIT, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_INIT, EVENT_SOURCE, VRRP_INIT, "", CAUSE_NONE},

    {VRRP_BACKUP, EVENT_START, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_STOP, VRRP_INIT, "STATE_CHANGED", CAUSE_STOP},
    {VRRP_BACKUP, EVENT_ADVERT, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_TIMER, VRRP_MASTER, "SEND_ADVERT TAKE STATE_CHANGED", CAUSE_MASTER_DOWN},
    {VRRP_BACKUP, EVENT_PRIORITY, VRRP_BACKUP, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_FAULT, VRRP_FAULT, "STATE_CHANGED", CAUSE_FAULT},
    {VRRP_BACKUP, EVENT_FAULT_OVER, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_PAUSED, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_RESUME, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_GROUP_MASTER, VRRP_MASTER, "SEND_ADVERT TAKE STATE_CHANGED", CAUSE_GROUP},
    {VRRP_BACKUP, EVENT_GROUP_BACKUP, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_GROUP_FAULT, VRRP_FAULT, "STATE_CHANGED", CAUSE_GROUP},
    {VRRP_BACKUP, EVENT_GROUP_FAULT_OVER, VRRP_BACKUP, "", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_SETTINGS, VRRP_BACKUP, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_BACKUP, EVENT_SOURCE, VRRP_BACKUP, "", CAUSE_NONE},

    {VRRP_MASTER, EVENT_START, VRRP_MASTER, "", CAUSE_NONE},
    {VRRP_MASTER, EVENT_STOP, VRRP_INIT, "SEND_ZERO RELEASE STATE_CHANGED", CAUSE_STOP},
    {VRRP_MASTER, EVENT_ADVERT, VRRP_BACKUP, "RELEASE STATE_CHANGED", CAUSE_HIGHER_PRIORITY},
    {VRRP_MASTER, EVENT_TIMER, VRRP_MASTER, "SEND_ADVERT", CAUSE_NONE},
    {VRRP_MASTER, EVENT_PRIORITY, VRRP_MASTER, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_MASTER, EVENT_FAULT, VRRP_FAULT, "SEND_ZERO RELEASE STATE_CHANGED", CAUSE_FAULT},
    {VRRP_MASTER, EVENT_FAULT_OVER, VRRP_MASTER, "", CAUSE_NONE},
    {VRRP_MASTER, EVENT_PAUSED, VRRP_BACKUP, "RELEASE STATE_CHANGED", CAUSE_PAUSED},
    {VRRP_MASTER, EVENT_RESUME, VRRP_MASTER, "", CAUSE_NONE},
    {VRRP_MASTER, EVENT_GROUP_MASTER, VRRP_MASTER, "", CAUSE_NONE},
    {VRRP_MASTER, EVENT_GROUP_BACKUP, VRRP_BACKUP, "RELEASE STATE_CHANGED", CAUSE_GROUP},
    {VRRP_MASTER, EVENT_GROUP_FAULT, VRRP_FAULT, "SEND_ZERO RELEASE STATE_CHANGED", CAUSE_GROUP},
    {VRRP_MASTER, EVENT_GROUP_FAULT_OVER, VRRP_MASTER, "", CAUSE_NONE},
    {VRRP_MASTER, EVENT_SETTINGS, VRRP_MASTER, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_MASTER, EVENT_SOURCE, VRRP_MASTER, "", CAUSE_NONE},

    {VRRP_FAULT, EVENT_START, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_STOP, VRRP_INIT, "STATE_CHANGED", CAUSE_STOP},
    {VRRP_FAULT, EVENT_ADVERT, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_TIMER, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_PRIORITY, VRRP_FAULT, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_FAULT, EVENT_FAULT, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_FAULT_OVER, VRRP_BACKUP, "STATE_CHANGED", CAUSE_FAULT_OVER},
    {VRRP_FAULT, EVENT_PAUSED, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_RESUME, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_GROUP_MASTER, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_GROUP_BACKUP, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_GROUP_FAULT, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_GROUP_FAULT_OVER, VRRP_FAULT, "", CAUSE_NONE},
    {VRRP_FAULT, EVENT_SETTINGS, VRRP_FAULT, "PRIORITY_CHANGED", CAUSE_NONE},
    {VRRP_FAULT, EVENT_SOURCE, VRRP_FAULT, "", CAUSE_NONE},
};

static struct vrrp_event event_of_cell(const struct cell *cell, const struct vrrp_settings *reloaded)
{
    struct vrrp_event event = plain(cell->event);

    if (cell->event == EVENT_ADVERT)
        event = advert(200, "192.0.2.1", 1000);
    if (cell->event == EVENT_PRIORITY)
        event.weight_sum = 50;
    if (cell->event == EVENT_SETTINGS)
        event.settings = reloaded;
    if (cell->event == EVENT_SOURCE)
        event.source = address("192.0.2.9");
    return event;
}

static void check_cell(const struct cell *cell)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_settings reloaded = settings;
    struct vrrp_router router = router_in(cell->from, &settings);
    struct mono deadline = vrrp_router_deadline(&router);
    struct mono now = mono_is_set(deadline) ? deadline : at_ms(500);

    reloaded.base_priority = 120;
    struct vrrp_event event = event_of_cell(cell, &reloaded);

    print_message("%s x %s\n", vrrp_state_name(cell->from), vrrp_event_name(cell->event));
    expect_step(&router, &event, now, cell->actions);
    assert_int_equal(router.state, cell->to);
    if (cell->cause == CAUSE_NONE)
        return;
    assert_int_equal(router.cause, cell->cause);
    assert_int_equal(router.state_since.ns, now.ns);
}

static void test_every_cell(void **state)
{
    unsigned int seen[VRRP_STATE_COUNT][EVENT_TYPE_COUNT] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(cells); i++) {
        check_cell(&cells[i]);
        seen[cells[i].from][cells[i].event]++;
    }
    for (int from = 0; from < VRRP_STATE_COUNT; from++) {
        for (int event = 0; event < EVENT_TYPE_COUNT; event++)
            assert_int_equal(seen[from][event], 1);
    }
}

static void test_effects_without_a_transition(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_settings reloaded = settings;

    (void)state;
    reloaded.base_priority = 120;
    for (int from = 0; from < VRRP_STATE_COUNT; from++) {
        struct vrrp_router router = router_in((enum vrrp_state)from, &settings);
        struct vrrp_event event = {.type = EVENT_PRIORITY, .weight_sum = 50};

        step(&router, &event, at_ms(1));
        assert_int_equal(router.effective_priority, 150);
        event = (struct vrrp_event){.type = EVENT_SETTINGS, .settings = &reloaded};
        step(&router, &event, at_ms(2));
        assert_int_equal(router.effective_priority, 170);
        event = (struct vrrp_event){.type = EVENT_SOURCE, .source = address("192.0.2.9")};
        step(&router, &event, at_ms(3));
        assert_int_equal(ip_address_compare(&router.source, &event.source), 0);
    }
}

/* ------------------------------------------------------------------ adverts */

struct advert_case {
    const char *about;
    uint8_t priority;
    const char *source;
    const char *actions;
    enum vrrp_state to;
    enum vrrp_cause cause;
};

/* We are 192.0.2.2 with priority 100. */
static const struct advert_case master_hears[] = {
    {"higher priority", 101, "192.0.2.1", "RELEASE STATE_CHANGED", VRRP_BACKUP, CAUSE_HIGHER_PRIORITY},
    {"an owner", 255, "192.0.2.1", "RELEASE STATE_CHANGED", VRRP_BACKUP, CAUSE_HIGHER_PRIORITY},
    {"equal, higher address", 100, "192.0.2.3", "RELEASE STATE_CHANGED", VRRP_BACKUP, CAUSE_HIGHER_ADDRESS},
    {"equal, higher as an unsigned number", 100, "192.0.2.200", "RELEASE STATE_CHANGED", VRRP_BACKUP,
     CAUSE_HIGHER_ADDRESS},
    {"equal, lower address", 100, "192.0.2.1", "SEND_ADVERT ANNOUNCE", VRRP_MASTER, CAUSE_RESUMED},
    {"lower priority", 99, "192.0.2.3", "SEND_ADVERT ANNOUNCE", VRRP_MASTER, CAUSE_RESUMED},
    {"priority 0", 0, "192.0.2.3", "SEND_ADVERT", VRRP_MASTER, CAUSE_RESUMED},
    {"our own advert, equal", 100, "192.0.2.2", "", VRRP_MASTER, CAUSE_RESUMED},
    {"our own advert of a better day", 150, "192.0.2.2", "", VRRP_MASTER, CAUSE_RESUMED},
};

static void test_master_hears_adverts(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    for (size_t i = 0; i < COUNT(master_hears); i++) {
        const struct advert_case *row = &master_hears[i];
        struct vrrp_router router = router_in(VRRP_MASTER, &settings);
        struct vrrp_event event = advert(row->priority, row->source, 1000);

        print_message("master hears %s\n", row->about);
        expect_step(&router, &event, at_ms(500), row->actions);
        assert_int_equal(router.state, row->to);
        assert_int_equal(router.cause, row->cause);
    }
}

static void test_a_master_that_yields_obeys(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event event = advert(200, "192.0.2.1", 2000);

    (void)state;
    step(&router, &event, at_ms(500));
    assert_int_equal(router.master_interval.ns, 2 * NS_PER_S);
    assert_int_equal(router.master_priority, 200);
    assert_int_equal(ip_address_compare(&router.master, &event.advert.source), 0);
    /* 3 x 2 s + (256 - 100) / 256 x 2 s */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(500 * NS_PER_MS + 7218750000).ns);
}

static void test_lower_prio_no_advert_still_announces(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.lower_prio_no_advert = true;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event event = advert(50, "192.0.2.1", 1000);

    expect_step(&router, &event, at_ms(500), "ANNOUNCE");
}

static void test_higher_prio_send_advert(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.higher_prio_send_advert = true;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event event = advert(150, "192.0.2.1", 1000);

    expect_step(&router, &event, at_ms(500), "SEND_ADVERT RELEASE STATE_CHANGED");
}

static void test_priority_zero_restarts_the_masters_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event zero = advert(0, "192.0.2.1", 1000);
    struct vrrp_event lower = advert(50, "192.0.2.1", 1000);

    (void)state;
    step(&router, &lower, at_ms(300));
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(1000).ns);
    step(&router, &zero, at_ms(400));
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ms(1400).ns);
}

static void test_backup_after_priority_zero_waits_the_skew(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event event = advert(0, "192.0.2.1", 1000);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    expect_step(&router, &event, at_ms(500), "");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(500 * NS_PER_MS + 609375000).ns);
    expect_step(&router, &timer, vrrp_router_deadline(&router), "SEND_ADVERT TAKE STATE_CHANGED");
    assert_int_equal(router.cause, CAUSE_MASTER_STOPPED);
}

static void test_early_timers_do_nothing(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    for (int from = 0; from < VRRP_STATE_COUNT; from++) {
        struct vrrp_router router = router_in((enum vrrp_state)from, &settings);

        expect_step(&router, &timer, at_ms(999), "");
        assert_int_equal(router.state, from);
    }
}

/* ------------------------------------------------------------------ owners */

static void test_an_owner_starts_as_master(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct vrrp_router router = router_in_init(&settings);
    struct vrrp_event start = plain(EVENT_START);
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_event over = plain(EVENT_FAULT_OVER);

    expect_step(&router, &start, T0, "SEND_ADVERT TAKE STATE_CHANGED");
    assert_int_equal(router.cause, CAUSE_OWNER);
    step(&router, &fault, at_ms(100));
    expect_step(&router, &over, at_ms(200), "SEND_ADVERT TAKE STATE_CHANGED");
}

static void test_an_owner_held_back_by_its_group(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct vrrp_router router = router_in_init(&settings);
    struct vrrp_event start = plain(EVENT_START);

    vrrp_router_start_as_backup(&router, true);
    expect_step(&router, &start, T0, "STATE_CHANGED");
    assert_int_equal(router.state, VRRP_BACKUP);
}

static void test_owner_ignore_adverts(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    settings.owner_ignore_adverts = true;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event rogue = advert(255, "192.0.2.3", 1000);
    struct vrrp_event zero = advert(0, "192.0.2.3", 1000);

    expect_step(&router, &rogue, at_ms(1), "");
    expect_step(&router, &zero, at_ms(2), "");
}

static void test_second_owner_of_higher_address(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event rogue = advert(255, "192.0.2.3", 1000);
    struct vrrp_event timer = plain(EVENT_TIMER);

    expect_step(&router, &rogue, at_ms(1), "PRIORITY_CHANGED RELEASE STATE_CHANGED");
    assert_int_equal(router.effective_priority, 254);
    expect_step(&router, &rogue, at_ms(1001), "");
    assert_int_equal(router.effective_priority, 254);
    expect_step(&router, &timer, vrrp_router_deadline(&router),
                "PRIORITY_CHANGED SEND_ADVERT TAKE STATE_CHANGED");
    assert_int_equal(router.effective_priority, 255);
}

static void test_second_owner_that_is_no_owner_any_more(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event rogue = advert(255, "192.0.2.3", 1000);
    struct vrrp_event meek = advert(254, "192.0.2.3", 1000);

    step(&router, &rogue, at_ms(1));
    expect_step(&router, &meek, at_ms(500), "PRIORITY_CHANGED");
    assert_int_equal(router.effective_priority, 255);
    assert_int_equal(router.takeover_cause, CAUSE_PREEMPTED_LOWER);
    /* running since 1 ms with skew 2/256 s, now 1/256 s less */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(1 * NS_PER_MS + 3003906250).ns);
}

static void test_second_owner_of_lower_address(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event rogue = advert(255, "192.0.2.1", 1000);

    expect_step(&router, &rogue, at_ms(1), "SEND_ADVERT ANNOUNCE");
    assert_int_equal(router.effective_priority, 255);
}

/* ------------------------------------------------------------------ preemption */

struct preempt_case {
    const char *about;
    bool preempt;
    bool wants_master;
    uint8_t own_priority;
    int64_t delay_ms;
    uint8_t heard_priority;
    int64_t obeyed_until_ms; /* adverts every 1000 ms are obeyed before this time; -1 = for ever */
};

static const struct preempt_case preempt_cases[] = {
    {"preempt, lower master", true, false, 100, 0, 50, 0},
    {"preempt, equal master", true, false, 100, 0, 100, -1},
    {"preempt, higher master", true, false, 100, 0, 150, -1},
    {"nopreempt, lower master", false, false, 100, 0, 50, -1},
    {"nopreempt, wants master", false, true, 100, 0, 50, 0},
    {"nopreempt, owner", false, false, 255, 0, 50, 0},
    {"delay 5 s from the first advert at 1 s", true, false, 100, 5000, 50, 6000},
    {"delay does not hold a higher master off for less", true, false, 100, 5000, 150, -1},
    {"delay with state MASTER", true, true, 100, 5000, 50, 0},
    {"delay with nopreempt", false, false, 100, 5000, 50, -1},
    {"delay of an owner", true, false, 255, 5000, 50, 0},
};

static struct vrrp_router router_of_preempt_case(const struct preempt_case *row)
{
    struct vrrp_settings settings = ordinary_settings();

    settings.preempt = row->preempt;
    settings.wants_master = row->wants_master;
    settings.base_priority = row->own_priority;
    settings.preempt_delay = span_ms(row->delay_ms);
    struct vrrp_router router = router_in_init(&settings);
    struct vrrp_event start = plain(EVENT_START);

    vrrp_router_start_as_backup(&router, true);
    step(&router, &start, T0);
    return router;
}

static void test_preempt_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(preempt_cases); i++) {
        const struct preempt_case *row = &preempt_cases[i];
        struct vrrp_router router = router_of_preempt_case(row);
        struct vrrp_event event = advert(row->heard_priority, "192.0.2.1", 1000);

        print_message("%s\n", row->about);
        for (int64_t ms = 1000; ms <= 10000; ms += 1000) {
            struct mono before = vrrp_router_deadline(&router);
            bool obeys = row->obeyed_until_ms < 0 || ms < row->obeyed_until_ms;

            expect_step(&router, &event, at_ms(ms), "");
            assert_int_equal(vrrp_router_deadline(&router).ns > before.ns, obeys);
        }
    }
}

static void test_a_higher_master_ends_the_preempt_delay(void **state)
{
    static const struct preempt_case row = {"", true, false, 100, 5000, 50, 0};
    struct vrrp_router router = router_of_preempt_case(&row);
    struct vrrp_event lower = advert(50, "192.0.2.1", 1000);
    struct vrrp_event higher = advert(150, "192.0.2.3", 1000);

    (void)state;
    step(&router, &lower, at_ms(1000));
    assert_int_equal(router.preempt_due.ns, at_ms(6000).ns);
    step(&router, &higher, at_ms(2000));
    assert_false(mono_is_set(router.preempt_due));
    step(&router, &lower, at_ms(3000));
    assert_int_equal(router.preempt_due.ns, at_ms(8000).ns);
}

static void test_silence_is_not_subject_to_the_preempt_delay(void **state)
{
    static const struct preempt_case row = {"", true, false, 100, 60000, 50, 0};
    struct vrrp_router router = router_of_preempt_case(&row);
    struct vrrp_event lower = advert(50, "192.0.2.1", 1000);
    struct vrrp_event zero = advert(0, "192.0.2.1", 1000);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    step(&router, &lower, at_ms(1000));
    step(&router, &zero, at_ms(1500));
    step(&router, &timer, vrrp_router_deadline(&router));
    assert_int_equal(router.state, VRRP_MASTER);
}

static void test_preempting_names_the_cause(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event lower = advert(50, "192.0.2.1", 1000);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    step(&router, &lower, at_ms(1000));
    step(&router, &timer, vrrp_router_deadline(&router));
    assert_int_equal(router.cause, CAUSE_PREEMPTED_LOWER);
}

/* ------------------------------------------------------------------ FAULT */

static void test_faults_are_counted(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_event over = plain(EVENT_FAULT_OVER);
    struct vrrp_event group_fault = plain(EVENT_GROUP_FAULT);
    struct vrrp_event group_over = plain(EVENT_GROUP_FAULT_OVER);

    (void)state;
    expect_step(&router, &fault, at_ms(1), "SEND_ZERO RELEASE STATE_CHANGED");
    expect_step(&router, &fault, at_ms(2), "");
    expect_step(&router, &group_fault, at_ms(3), "");
    expect_step(&router, &over, at_ms(4), "");
    expect_step(&router, &over, at_ms(5), "");
    expect_step(&router, &over, at_ms(6), "");
    expect_step(&router, &group_over, at_ms(7), "STATE_CHANGED");
    assert_int_equal(router.state, VRRP_BACKUP);
    assert_int_equal(router.faults, 0);
}

static void test_leaving_fault_takes_the_whole_down_time(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.wants_master = true;
    struct vrrp_router router = router_in(VRRP_FAULT, &settings);
    struct vrrp_event over = plain(EVENT_FAULT_OVER);

    step(&router, &over, at_ms(100));
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(100 * NS_PER_MS + 3609375000).ns);
}

static void test_start_with_a_fault(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in_init(&settings);
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_event start = plain(EVENT_START);

    (void)state;
    step(&router, &fault, T0);
    expect_step(&router, &start, T0, "STATE_CHANGED");
    assert_int_equal(router.state, VRRP_FAULT);
    assert_int_equal(router.cause, CAUSE_FAULT);
    assert_false(mono_is_set(vrrp_router_deadline(&router)));
}

static void test_faults_survive_a_stop(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_FAULT, &settings);
    struct vrrp_event stop = plain(EVENT_STOP);
    struct vrrp_event start = plain(EVENT_START);

    (void)state;
    step(&router, &stop, at_ms(1));
    step(&router, &start, at_ms(2));
    assert_int_equal(router.state, VRRP_FAULT);
}

/* ------------------------------------------------------------------ pauses and resumes */

static void test_a_paused_master_listens_then_decides(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event paused = plain(EVENT_PAUSED);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    expect_step(&router, &paused, at_ms(6000), "RELEASE STATE_CHANGED");
    /* 1 s + (256 - 100) / 256 s */
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(6 * NS_PER_S + 1609375000).ns);
    expect_step(&router, &timer, at_ms(7000), "");
    expect_step(&router, &timer, at_ms(7610), "SEND_ADVERT TAKE STATE_CHANGED");
}

static void test_a_paused_master_that_hears_a_better_one_stays_backup(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_MASTER, &settings);
    struct vrrp_event paused = plain(EVENT_PAUSED);
    struct vrrp_event queued = advert(150, "192.0.2.1", 1000);

    (void)state;
    step(&router, &paused, at_ms(6000));
    expect_step(&router, &queued, at_ms(6000), "");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(6 * NS_PER_S + 3609375000).ns);
}

static void test_a_paused_backup_does_not_fire_a_stale_timer(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event paused = plain(EVENT_PAUSED);
    struct vrrp_event timer = plain(EVENT_TIMER);

    (void)state;
    expect_step(&router, &paused, at_ms(9000), "");
    expect_step(&router, &timer, at_ms(9001), "");
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(9 * NS_PER_S + 3609375000).ns);
}

static void test_resume_with_a_fault_withdraws(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in_init(&settings);
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_event resume = plain(EVENT_RESUME);

    (void)state;
    step(&router, &fault, T0);
    expect_step(&router, &resume, T0, "SEND_ZERO RELEASE STATE_CHANGED");
    assert_int_equal(router.state, VRRP_FAULT);
}

static void test_a_new_start_forgets_the_learned_interval(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_router router = router_in(VRRP_BACKUP, &settings);
    struct vrrp_event slow = advert(200, "192.0.2.1", 10000);
    struct vrrp_event start = plain(EVENT_START);
    struct vrrp_event stop = plain(EVENT_STOP);

    (void)state;
    step(&router, &slow, at_ms(1));
    step(&router, &stop, at_ms(2));
    step(&router, &start, T0);
    assert_int_equal(vrrp_router_deadline(&router).ns, at_ns(3609375000).ns);
}

/* ------------------------------------------------------------------ names */

static void test_everything_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < VRRP_STATE_COUNT; i++)
        assert_non_null(vrrp_state_name((enum vrrp_state)i));
    for (int i = 0; i < CAUSE_COUNT; i++)
        assert_non_null(vrrp_cause_text((enum vrrp_cause)i));
    for (int i = 0; i < EVENT_TYPE_COUNT; i++)
        assert_non_null(vrrp_event_name((enum vrrp_event_type)i));
    for (int i = 0; i < ACTION_TYPE_COUNT; i++)
        assert_non_null(vrrp_action_name((enum vrrp_action_type)i));
    assert_string_equal(vrrp_state_name(VRRP_STATE_COUNT), "?");
    assert_string_equal(vrrp_state_name(VRRP_MASTER), "MASTER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell),
        cmocka_unit_test(test_effects_without_a_transition),
        cmocka_unit_test(test_master_hears_adverts),
        cmocka_unit_test(test_a_master_that_yields_obeys),
        cmocka_unit_test(test_lower_prio_no_advert_still_announces),
        cmocka_unit_test(test_higher_prio_send_advert),
        cmocka_unit_test(test_priority_zero_restarts_the_masters_interval),
        cmocka_unit_test(test_backup_after_priority_zero_waits_the_skew),
        cmocka_unit_test(test_early_timers_do_nothing),
        cmocka_unit_test(test_an_owner_starts_as_master),
        cmocka_unit_test(test_an_owner_held_back_by_its_group),
        cmocka_unit_test(test_owner_ignore_adverts),
        cmocka_unit_test(test_second_owner_of_higher_address),
        cmocka_unit_test(test_second_owner_that_is_no_owner_any_more),
        cmocka_unit_test(test_second_owner_of_lower_address),
        cmocka_unit_test(test_preempt_table),
        cmocka_unit_test(test_a_higher_master_ends_the_preempt_delay),
        cmocka_unit_test(test_silence_is_not_subject_to_the_preempt_delay),
        cmocka_unit_test(test_preempting_names_the_cause),
        cmocka_unit_test(test_faults_are_counted),
        cmocka_unit_test(test_leaving_fault_takes_the_whole_down_time),
        cmocka_unit_test(test_start_with_a_fault),
        cmocka_unit_test(test_faults_survive_a_stop),
        cmocka_unit_test(test_a_paused_master_listens_then_decides),
        cmocka_unit_test(test_a_paused_master_that_hears_a_better_one_stays_backup),
        cmocka_unit_test(test_a_paused_backup_does_not_fire_a_stale_timer),
        cmocka_unit_test(test_resume_with_a_fault_withdraws),
        cmocka_unit_test(test_a_new_start_forgets_the_learned_interval),
        cmocka_unit_test(test_everything_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
