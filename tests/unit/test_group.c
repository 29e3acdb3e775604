/*
 * Sync groups: two members, what one hears and what both do. "0:" and "1:" are the members, "g:" the group.
 */
#include "tests/unit/router_fixture.h"

#include "daemon/vrrp/group.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAIR_TEXT    400

struct pair {
    struct vrrp_router routers[2];
    struct vrrp_router *members[2];
    struct vrrp_group group;
};

static const char *group_actions_text(const struct vrrp_group_actions *actions, char text[static PAIR_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned int i = 0; i < actions->count; i++) {
        const struct vrrp_group_action *action = &actions->items[i];
        char who = action->member == VRRP_GROUP_ITSELF ? 'g' : (char)('0' + action->member);

        used += (size_t)snprintf(text + used, PAIR_TEXT - used, "%s%c:%s", i ? " " : "", who,
                                 vrrp_action_name(action->type));
    }
    return text;
}

static void expect_group(struct pair *pair, unsigned int member, struct vrrp_event event, struct mono now,
                         const char *expected)
{
    struct vrrp_group_action items[VRRP_GROUP_ROOM(2)];
    struct vrrp_group_actions actions = {.items = items, .room = VRRP_GROUP_ROOM(2)};
    char text[PAIR_TEXT];

    vrrp_group_step(&pair->group, member, &event, now, &actions);
    assert_string_equal(group_actions_text(&actions, text), expected);
}

static void group_step(struct pair *pair, unsigned int member, struct vrrp_event event, struct mono now)
{
    struct vrrp_group_action items[VRRP_GROUP_ROOM(2)];
    struct vrrp_group_actions actions = {.items = items, .room = VRRP_GROUP_ROOM(2)};

    vrrp_group_step(&pair->group, member, &event, now, &actions);
}

static void assert_states(const struct pair *pair, enum vrrp_state state)
{
    assert_int_equal(pair->routers[0].state, state);
    assert_int_equal(pair->routers[1].state, state);
    assert_int_equal(pair->group.state, state);
}

static void pair_init(struct pair *pair, uint8_t first_priority, uint8_t second_priority)
{
    struct vrrp_settings settings = ordinary_settings();

    settings.base_priority = first_priority;
    pair->routers[0] = router_in_init(&settings);
    settings.base_priority = second_priority;
    pair->routers[1] = router_in_init(&settings);
    pair->members[0] = &pair->routers[0];
    pair->members[1] = &pair->routers[1];
    vrrp_group_init(&pair->group, pair->members, 2);
}

static void pair_in(struct pair *pair, enum vrrp_state state)
{
    pair_init(pair, 100, 100);
    if (state == VRRP_FAULT)
        group_step(pair, 0, plain(EVENT_FAULT), T0);
    if (state == VRRP_MASTER)
        group_step(pair, 0, plain(EVENT_RESUME), T0);
    else if (state != VRRP_INIT)
        group_step(pair, 0, plain(EVENT_START), T0);
    assert_states(pair, state);
}

/* ------------------------------------------------------------------ the table */

struct group_case {
    const char *about;
    enum vrrp_state from;
    enum vrrp_event_type event; /* for member 1 */
    uint8_t priority;           /* of an advert */
    const char *actions;
    enum vrrp_state to;
};

static const struct group_case group_cases[] = {
    {"start", VRRP_INIT, EVENT_START, 0, "0:STATE_CHANGED 1:STATE_CHANGED g:STATE_CHANGED", VRRP_BACKUP},
    {"resume", VRRP_INIT, EVENT_RESUME, 0,
     "0:SEND_ADVERT 0:ADOPT 0:STATE_CHANGED 1:SEND_ADVERT 1:ADOPT 1:STATE_CHANGED g:STATE_CHANGED",
     VRRP_MASTER},
    {"a fault before the start", VRRP_INIT, EVENT_FAULT, 0, "", VRRP_INIT},
    {"both silent", VRRP_BACKUP, EVENT_TIMER, 0,
     "0:SEND_ADVERT 0:TAKE 0:STATE_CHANGED 1:SEND_ADVERT 1:TAKE 1:STATE_CHANGED g:STATE_CHANGED",
     VRRP_MASTER},
    {"fault of a backup", VRRP_BACKUP, EVENT_FAULT, 0, "1:STATE_CHANGED 0:STATE_CHANGED g:STATE_CHANGED",
     VRRP_FAULT},
    {"stop of a backup", VRRP_BACKUP, EVENT_STOP, 0, "0:STATE_CHANGED 1:STATE_CHANGED g:STATE_CHANGED",
     VRRP_INIT},
    {"advert for a backup", VRRP_BACKUP, EVENT_ADVERT, 200, "", VRRP_BACKUP},
    {"pause of a backup", VRRP_BACKUP, EVENT_PAUSED, 0, "", VRRP_BACKUP},
    {"a better master for one", VRRP_MASTER, EVENT_ADVERT, 200,
     "1:RELEASE 1:STATE_CHANGED 0:RELEASE 0:STATE_CHANGED g:STATE_CHANGED", VRRP_BACKUP},
    {"a worse master for one", VRRP_MASTER, EVENT_ADVERT, 50, "1:SEND_ADVERT 1:ANNOUNCE 0:ANNOUNCE",
     VRRP_MASTER},
    {"fault of a master", VRRP_MASTER, EVENT_FAULT, 0,
     "1:SEND_ZERO 1:RELEASE 1:STATE_CHANGED 0:SEND_ZERO 0:RELEASE 0:STATE_CHANGED g:STATE_CHANGED",
     VRRP_FAULT},
    {"stop of a master", VRRP_MASTER, EVENT_STOP, 0,
     "0:SEND_ZERO 0:RELEASE 0:STATE_CHANGED 1:SEND_ZERO 1:RELEASE 1:STATE_CHANGED g:STATE_CHANGED",
     VRRP_INIT},
    {"pause of a master", VRRP_MASTER, EVENT_PAUSED, 0,
     "0:RELEASE 0:STATE_CHANGED 1:RELEASE 1:STATE_CHANGED g:STATE_CHANGED", VRRP_BACKUP},
    {"adverts are due", VRRP_MASTER, EVENT_TIMER, 0, "0:SEND_ADVERT 1:SEND_ADVERT", VRRP_MASTER},
    {"another fault", VRRP_FAULT, EVENT_FAULT, 0, "", VRRP_FAULT},
    {"not the faulty one recovers", VRRP_FAULT, EVENT_FAULT_OVER, 0, "", VRRP_FAULT},
    {"stop in FAULT", VRRP_FAULT, EVENT_STOP, 0, "0:STATE_CHANGED 1:STATE_CHANGED g:STATE_CHANGED",
     VRRP_INIT},
    {"advert in FAULT", VRRP_FAULT, EVENT_ADVERT, 200, "", VRRP_FAULT},
    {"not for callers", VRRP_BACKUP, EVENT_GROUP_MASTER, 0, "", VRRP_BACKUP},
    {"not for callers", VRRP_MASTER, EVENT_GROUP_BACKUP, 0, "", VRRP_MASTER},
    {"not for callers", VRRP_MASTER, EVENT_GROUP_FAULT, 0, "", VRRP_MASTER},
    {"not for callers", VRRP_FAULT, EVENT_GROUP_FAULT_OVER, 0, "", VRRP_FAULT},
};

static void test_group_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(group_cases); i++) {
        const struct group_case *row = &group_cases[i];
        struct vrrp_event event = plain(row->event);
        struct pair pair;

        pair_in(&pair, row->from);
        struct mono deadline = vrrp_group_deadline(&pair.group);

        if (row->event == EVENT_ADVERT)
            event = advert(row->priority, "192.0.2.1", 1000);
        print_message("%s, from %s\n", row->about, vrrp_state_name(row->from));
        expect_group(&pair, 1, event, mono_is_set(deadline) ? deadline : at_ms(500), row->actions);
        assert_states(&pair, row->to);
    }
}

/* ------------------------------------------------------------------ waiting for each other */

static void test_a_member_that_hears_a_master_holds_the_other(void **state)
{
    struct pair pair;

    (void)state;
    pair_in(&pair, VRRP_BACKUP);
    group_step(&pair, 1, advert(200, "192.0.2.1", 1000), at_ms(3000));
    assert_int_equal(vrrp_group_deadline(&pair.group).ns, at_ns(3 * NS_PER_S + 3609375000).ns);
    expect_group(&pair, 0, plain(EVENT_TIMER), at_ms(4000), "");
    assert_states(&pair, VRRP_BACKUP);
    expect_group(&pair, 0, plain(EVENT_TIMER), at_ms(6610),
                 "1:SEND_ADVERT 1:TAKE 1:STATE_CHANGED 0:SEND_ADVERT 0:TAKE 0:STATE_CHANGED g:STATE_CHANGED");
    assert_int_equal(pair.routers[0].cause, CAUSE_GROUP);
    assert_int_equal(pair.routers[1].cause, CAUSE_MASTER_DOWN);
}

static void test_a_master_that_comes_back_holds_a_ready_member(void **state)
{
    struct pair pair;

    (void)state;
    pair_in(&pair, VRRP_BACKUP);
    group_step(&pair, 1, advert(200, "192.0.2.1", 1000), at_ms(3000));
    group_step(&pair, 0, plain(EVENT_TIMER), at_ms(4000));
    group_step(&pair, 0, advert(200, "192.0.2.1", 1000), at_ms(5000));
    expect_group(&pair, 0, plain(EVENT_TIMER), at_ms(6610), "");
    assert_states(&pair, VRRP_BACKUP);
}

/* ------------------------------------------------------------------ faults */

static void test_group_leaves_fault_after_the_last_one(void **state)
{
    struct pair pair;

    (void)state;
    pair_in(&pair, VRRP_MASTER);
    group_step(&pair, 0, plain(EVENT_FAULT), at_ms(100));
    expect_group(&pair, 1, plain(EVENT_FAULT), at_ms(200), "");
    expect_group(&pair, 0, plain(EVENT_FAULT_OVER), at_ms(300), "");
    assert_states(&pair, VRRP_FAULT);
    expect_group(&pair, 1, plain(EVENT_FAULT_OVER), at_ms(400),
                 "1:STATE_CHANGED 0:STATE_CHANGED g:STATE_CHANGED");
    assert_states(&pair, VRRP_BACKUP);
}

static void test_group_starts_in_fault(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair, 100, 100);
    group_step(&pair, 0, plain(EVENT_FAULT), T0);
    expect_group(&pair, 0, plain(EVENT_START), T0, "0:STATE_CHANGED 1:STATE_CHANGED g:STATE_CHANGED");
    assert_states(&pair, VRRP_FAULT);
    assert_int_equal(pair.routers[1].cause, CAUSE_GROUP);
}

static void test_resume_with_a_fault_withdraws_all(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair, 100, 100);
    group_step(&pair, 0, plain(EVENT_FAULT), T0);
    expect_group(&pair, 0, plain(EVENT_RESUME), T0,
                 "0:SEND_ZERO 0:RELEASE 0:STATE_CHANGED 1:SEND_ZERO 1:RELEASE 1:STATE_CHANGED "
                 "g:STATE_CHANGED");
}

/* ------------------------------------------------------------------ owners */

static void test_group_of_owners_starts_as_master(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair, 255, 255);
    group_step(&pair, 0, plain(EVENT_START), T0);
    assert_states(&pair, VRRP_MASTER);
    group_step(&pair, 1, plain(EVENT_FAULT), at_ms(1));
    group_step(&pair, 1, plain(EVENT_FAULT_OVER), at_ms(2));
    assert_states(&pair, VRRP_MASTER);
}

static void test_group_with_one_owner_starts_as_backup(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair, 255, 100);
    group_step(&pair, 0, plain(EVENT_START), T0);
    assert_states(&pair, VRRP_BACKUP);
}

static void test_a_reload_can_make_a_group_of_owners(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_event reload = {.type = EVENT_SETTINGS, .settings = &settings};
    struct pair pair;

    (void)state;
    pair_init(&pair, 255, 100);
    settings.base_priority = 255;
    group_step(&pair, 1, reload, T0);
    group_step(&pair, 0, plain(EVENT_START), T0);
    assert_states(&pair, VRRP_MASTER);
}

/* ------------------------------------------------------------------ membership */

static void test_a_group_of_one_is_a_router(void **state)
{
    struct vrrp_settings settings = ordinary_settings();

    (void)state;
    settings.base_priority = 255;
    struct pair pair = {.routers[0] = router_in_init(&settings)};

    pair.members[0] = &pair.routers[0];
    vrrp_group_init(&pair.group, pair.members, 1);
    expect_group(&pair, 0, plain(EVENT_START), T0, "0:SEND_ADVERT 0:TAKE 0:STATE_CHANGED g:STATE_CHANGED");
    assert_int_equal(vrrp_group_deadline(&pair.group).ns, at_ms(1000).ns);
}

static void test_a_new_member_joins_a_group_that_is_master(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct pair pair = {.routers = {router_in(VRRP_MASTER, &settings), router_in_init(&settings)}};

    (void)state;
    pair.members[0] = &pair.routers[0];
    pair.members[1] = &pair.routers[1];
    vrrp_group_init(&pair.group, pair.members, 2);
    expect_group(&pair, 0, plain(EVENT_START), at_ms(100),
                 "1:STATE_CHANGED 1:SEND_ADVERT 1:TAKE 1:STATE_CHANGED");
    assert_states(&pair, VRRP_MASTER);
}

static void test_running_members_are_brought_together(void **state)
{
    struct vrrp_settings settings = ordinary_settings();
    struct pair pair = {.routers = {router_in(VRRP_MASTER, &settings), router_in(VRRP_BACKUP, &settings)}};

    (void)state;
    pair.members[0] = &pair.routers[0];
    pair.members[1] = &pair.routers[1];
    vrrp_group_init(&pair.group, pair.members, 2);
    expect_group(&pair, 0, plain(EVENT_START), at_ms(100), "0:RELEASE 0:STATE_CHANGED");
    assert_states(&pair, VRRP_BACKUP);
}

static void test_a_member_left_alone_loses_the_groups_fault(void **state)
{
    struct pair pair;

    (void)state;
    pair_in(&pair, VRRP_FAULT);
    pair.members[0] = &pair.routers[1];
    vrrp_group_init(&pair.group, pair.members, 1);
    expect_group(&pair, 0, plain(EVENT_START), at_ms(100), "0:STATE_CHANGED g:STATE_CHANGED");
    assert_int_equal(pair.routers[1].state, VRRP_BACKUP);
}

static void test_many_members_fit_the_room(void **state)
{
    enum { MEMBERS = 64 };
    static struct vrrp_router routers[MEMBERS];
    static struct vrrp_router *members[MEMBERS];
    static struct vrrp_group_action items[VRRP_GROUP_ROOM(MEMBERS)];
    struct vrrp_group_actions actions = {.items = items, .room = VRRP_GROUP_ROOM(MEMBERS)};
    struct vrrp_settings settings = ordinary_settings();
    struct vrrp_event fault = plain(EVENT_FAULT);
    struct vrrp_group group;

    (void)state;
    for (unsigned int i = 0; i < MEMBERS; i++) {
        routers[i] = router_in(VRRP_MASTER, &settings);
        members[i] = &routers[i];
    }
    vrrp_group_init(&group, members, MEMBERS);
    vrrp_group_step(&group, 7, &fault, at_ms(1), &actions);
    assert_int_equal(actions.count, 3 * MEMBERS + 1);
    assert_int_equal(actions.items[0].member, 7);
    assert_int_equal(group.state, VRRP_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_table),
        cmocka_unit_test(test_a_member_that_hears_a_master_holds_the_other),
        cmocka_unit_test(test_a_master_that_comes_back_holds_a_ready_member),
        cmocka_unit_test(test_group_leaves_fault_after_the_last_one),
        cmocka_unit_test(test_group_starts_in_fault),
        cmocka_unit_test(test_resume_with_a_fault_withdraws_all),
        cmocka_unit_test(test_group_of_owners_starts_as_master),
        cmocka_unit_test(test_group_with_one_owner_starts_as_backup),
        cmocka_unit_test(test_a_reload_can_make_a_group_of_owners),
        cmocka_unit_test(test_a_group_of_one_is_a_router),
        cmocka_unit_test(test_a_new_member_joins_a_group_that_is_master),
        cmocka_unit_test(test_running_members_are_brought_together),
        cmocka_unit_test(test_a_member_left_alone_loses_the_groups_fault),
        cmocka_unit_test(test_many_members_fit_the_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
