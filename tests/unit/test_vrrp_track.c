/* What an instance depends on: its interface, its address, tracked interfaces with weights, reverse, groups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/vrrp/track.h"

#define UP   (INTERFACE_EXISTS | INTERFACE_UP | INTERFACE_RUNNING)
#define DOWN (INTERFACE_EXISTS | INTERFACE_UP)

static void tell(struct interfaces *interfaces, const char *name, uint32_t flags, const char *address)
{
    struct links_interface word = {.flags = flags, .ifindex = flags != 0 ? 7 : 0};

    snprintf(word.name, sizeof(word.name), "%s", name);
    if (address != NULL)
        assert_true(ip_address_parse(address, &word.primary_ipv4));
    interfaces_update(interfaces, &word, NULL, (struct mono){0});
}

/* What is known of scripts, files and processes: by key, from 1. */
static struct track_state states[4];

static const struct track_state *find_state(const void *data, uint64_t key)
{
    (void)data;
    return key >= 1 && key <= 4 ? &states[key - 1] : NULL;
}

static struct vrrp_track look(const struct conf_instance *conf, const struct conf_sync_group *group,
                              const struct interfaces *interfaces)
{
    const struct vrrp_surroundings surroundings = {interfaces, find_state, NULL};
    struct vrrp_track track;

    vrrp_track_look(conf, group, &surroundings, &track);
    return track;
}

static void test_the_own_interface(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};
    struct ip_address primary;
    struct vrrp_track track;

    (void)state;
    assert_int_equal(look(&conf, NULL, interfaces).faults,
                     VRRP_FAULT_INTERFACE_ABSENT | VRRP_FAULT_NO_ADDRESS);
    tell(interfaces, "eth0", DOWN, "10.0.0.1");
    assert_int_equal(look(&conf, NULL, interfaces).faults, VRRP_FAULT_INTERFACE_DOWN);
    conf.dont_track_primary = true;
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    conf.dont_track_primary = false;
    tell(interfaces, "eth0", UP, "10.0.0.1");
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    assert_true(ip_address_parse("10.0.0.1", &primary));
    track = look(&conf, NULL, interfaces);
    assert_int_equal(ip_address_compare(&track.source, &primary), 0);
    assert_int_equal(track.ifindex, 7);
    tell(interfaces, "eth0", 0, NULL);
    assert_int_equal(look(&conf, NULL, interfaces).faults,
                     VRRP_FAULT_INTERFACE_ABSENT | VRRP_FAULT_NO_ADDRESS);
    interfaces_free(interfaces);
}

static void test_a_configured_source(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};

    (void)state;
    assert_true(ip_address_parse("10.0.0.9", &conf.source));
    tell(interfaces, "eth0", UP, NULL);
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0); /* no address needed */
    tell(interfaces, "eth0", UP, "10.0.0.1");
    conf.track_source = true;
    assert_int_equal(look(&conf, NULL, interfaces).faults, VRRP_FAULT_SOURCE_GONE);
    tell(interfaces, "eth0", UP, "10.0.0.9");
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    interfaces_free(interfaces);
}

static void test_weights(void **state)
{
    static const struct {
        int16_t weight;
        bool reverse, up;
        int32_t sum;
        uint32_t faults;
    } cases[] = {
        {10, false, true, 10, 0},
        {10, false, false, 0, 0},
        {-10, false, true, 0, 0},
        {-10, false, false, -10, 0},
        {10, true, true, -10, 0},
        {10, true, false, 0, 0},
        {-10, true, true, 0, 0},
        {-10, true, false, 10, 0},
        {0, false, true, 0, 0},
        {0, false, false, 0, VRRP_FAULT_TRACKED},
        {0, true, true, 0, VRRP_FAULT_TRACKED},
        {0, true, false, 0, 0},
    };
    struct conf_tracked_interface tracked = {.interface = "eth1"};
    struct conf_tracked_interface *items[] = {&tracked};
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};

    (void)state;
    conf.tracked_interfaces.items = items;
    conf.tracked_interfaces.count = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct interfaces *interfaces = interfaces_new();
        struct vrrp_track track;

        tell(interfaces, "eth0", UP, "10.0.0.1");
        tell(interfaces, "eth1", cases[i].up ? UP : DOWN, NULL);
        tracked.weight = cases[i].weight;
        tracked.reverse = cases[i].reverse;
        track = look(&conf, NULL, interfaces);
        assert_int_equal(track.weight_sum, cases[i].sum);
        assert_int_equal(track.faults, cases[i].faults);
        interfaces_free(interfaces);
    }
}

static void test_members_of_a_group(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_tracked_interface own = {.interface = "eth1", .weight = -10};
    struct conf_tracked_interface common = {.interface = "eth2", .weight = 0};
    struct conf_tracked_interface *own_items[] = {&own}, *common_items[] = {&common};
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};
    struct conf_sync_group group = {0};

    (void)state;
    conf.tracked_interfaces.items = own_items;
    conf.tracked_interfaces.count = 1;
    group.tracked_interfaces.items = common_items;
    group.tracked_interfaces.count = 1;
    tell(interfaces, "eth0", UP, "10.0.0.1");
    tell(interfaces, "eth1", DOWN, NULL);
    tell(interfaces, "eth2", UP, NULL);
    assert_int_equal(look(&conf, &group, interfaces).faults,
                     VRRP_FAULT_TRACKED); /* the weight does not count */
    assert_int_equal(look(&conf, &group, interfaces).weight_sum, 0);
    group.tracking_weight = true;
    assert_int_equal(look(&conf, &group, interfaces).faults, 0);
    assert_int_equal(look(&conf, &group, interfaces).weight_sum, -10);
    tell(interfaces, "eth2", DOWN, NULL);
    assert_int_equal(look(&conf, &group, interfaces).faults, VRRP_FAULT_TRACKED);
    assert_string_equal(look(&conf, &group, interfaces).tracked, "eth2");
    interfaces_free(interfaces);
}

/* ------------------------------------------------------------------ scripts, files, processes */

static void test_truth_table_of_scripts_and_processes(void **state)
{
    static const struct {
        int16_t weight;
        bool reverse;
        enum track_verdict verdict;
        int32_t sum;
        bool fault, undecided;
    } cases[] = {
        {20, false, TRACK_UP, 20, false, false},     {20, false, TRACK_DOWN, 0, false, false},
        {-20, false, TRACK_UP, 0, false, false},     {-20, false, TRACK_DOWN, -20, false, false},
        {20, true, TRACK_UP, -20, false, false},     {20, true, TRACK_DOWN, 0, false, false},
        {-20, true, TRACK_UP, 0, false, false},      {-20, true, TRACK_DOWN, 20, false, false},
        {0, false, TRACK_UP, 0, false, false},       {0, false, TRACK_DOWN, 0, true, false},
        {0, true, TRACK_UP, 0, true, false},         {0, true, TRACK_DOWN, 0, false, false},
        {20, false, TRACK_UNKNOWN, 0, false, false}, {-20, false, TRACK_UNKNOWN, 0, false, false},
        {20, true, TRACK_UNKNOWN, 0, false, false},  {0, false, TRACK_UNKNOWN, 0, false, true},
        {0, true, TRACK_UNKNOWN, 0, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct conf_tracked tracked = {CONF_TRACKED_SCRIPT, 1, "chk", cases[i].weight, cases[i].reverse};
        struct track_state known = {.verdict = cases[i].verdict};
        struct track_effect effect = track_effect(&tracked, &known);

        assert_int_equal(effect.weight, cases[i].sum);
        assert_int_equal(effect.fault, cases[i].fault);
        assert_int_equal(effect.undecided, cases[i].undecided);
        tracked.kind = CONF_TRACKED_PROCESS;
        effect = track_effect(&tracked, &known);
        assert_int_equal(effect.weight, cases[i].sum);
        assert_int_equal(effect.fault, cases[i].fault);
        assert_false(effect.undecided); /* counted before anybody starts */
    }
    assert_false(track_effect(&(struct conf_tracked){.weight = -20}, NULL).fault);
}

static void test_truth_table_of_files(void **state)
{
    static const struct {
        int32_t value;
        int16_t weight;
        bool reverse;
        int32_t sum;
        bool fault;
    } cases[] = {
        {0, 1, false, 0, false},
        {5, 1, false, 5, false},
        {-5, 1, false, -5, false},
        {5, 10, false, 50, false},
        {5, -10, false, -50, false},
        {5, 10, true, -50, false},
        {5, -10, true, 50, false},
        {-253, 1, false, -253, false},
        {-254, 1, false, 0, true},
        {254, -1, false, 0, true},
        {254, 1, true, 0, true},
        {254, 1, false, 253, false},
        {-254, 1, true, 253, false},
        {1000000, 254, false, 253, false},
        {INT32_MIN, 254, false, 0, true},
        {0, 0, false, 0, false},
        {1, 0, false, 0, true},
        {-1, 0, false, 0, true},
        {0, 0, true, 0, true},
        {7, 0, true, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct conf_tracked tracked = {CONF_TRACKED_FILE, 1, "f", cases[i].weight, cases[i].reverse};
        struct track_state known = {0};
        struct track_effect effect;

        assert_true(track_file_value(&known, cases[i].value));
        assert_false(track_file_value(&known, cases[i].value));
        effect = track_effect(&tracked, &known);
        assert_int_equal(effect.weight, cases[i].sum);
        assert_int_equal(effect.fault, cases[i].fault);
    }
}

/* Results as characters: o = success, x = failure; the expected verdict after each: u, d. */
static void assert_course(uint32_t rise, uint32_t fall, bool init_fail, const char *results,
                          const char *expected)
{
    struct conf_track_script conf = {.rise = rise, .fall = fall, .init_fail = init_fail};
    struct track_state known;

    track_script_begin(&known, &conf);
    assert_int_equal(known.verdict, init_fail ? TRACK_DOWN : TRACK_UNKNOWN);
    for (size_t i = 0; results[i] != '\0'; i++) {
        enum track_verdict before = known.verdict;
        bool changed = track_script_result(&known, &conf, results[i] == 'o');

        assert_int_equal(known.verdict, expected[i] == 'u' ? TRACK_UP : TRACK_DOWN);
        assert_int_equal(changed, known.verdict != before);
    }
}

static void test_rise_and_fall(void **state)
{
    (void)state;
    assert_course(1, 1, false, "oxoxx", "ududd");
    assert_course(1, 1, true, "xo", "du");
    assert_course(3, 2, false, "o", "u"); /* the first decides alone */
    assert_course(3, 2, false, "x", "d");
    assert_course(3, 2, false, "oxoxxooxooo", "uuuuddddddu");
    assert_course(2, 3, true, "oxoo", "dddu");
    assert_course(2, 3, false, "oxxoxxx", "uuuuuud");
}

static void test_an_instance_and_its_group(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_tracked script = {CONF_TRACKED_SCRIPT, 1, "chk", -30, false};
    struct conf_tracked file = {CONF_TRACKED_FILE, 2, "load", 2, false};
    struct conf_tracked process = {CONF_TRACKED_PROCESS, 3, "haproxy", 0, false};
    struct conf_tracked doubled = {CONF_TRACKED_SCRIPT, 1, "chk", 50, false};
    struct conf_tracked *own[] = {&script, &file}, *common[] = {&process, &doubled};
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};
    struct conf_sync_group group = {0};
    struct vrrp_track track;

    (void)state;
    memset(states, 0, sizeof(states));
    conf.tracked.items = own;
    conf.tracked.count = 2;
    group.tracked.items = common;
    group.tracked.count = 2;
    tell(interfaces, "eth0", UP, "10.0.0.1");
    track = look(&conf, &group, interfaces);
    assert_int_equal(track.faults, 0); /* nothing known means nothing */
    assert_int_equal(track.weight_sum, 0);
    states[0].verdict = TRACK_DOWN;
    assert_true(track_file_value(&states[1], 7));
    assert_true(track_process_count(&states[2], 0, false));
    track = look(&conf, &group, interfaces);
    assert_int_equal(track.faults, VRRP_FAULT_PROCESS);
    assert_string_equal(track.tracked, "haproxy");
    assert_int_equal(track.weight_sum, -30 + 14); /* chk once, with the instance's weight */
    assert_true(track_process_count(&states[2], 2, true));
    track = look(&conf, &group, interfaces);
    assert_int_equal(track.faults, 0);
    script.weight = 0;
    track = look(&conf, NULL, interfaces);
    assert_int_equal(track.faults, VRRP_FAULT_SCRIPT);
    assert_string_equal(track.tracked, "chk");
    states[0].verdict = TRACK_UNKNOWN;
    track = look(&conf, NULL, interfaces);
    assert_int_equal(track.faults, 0);
    assert_true(track.undecided);
    interfaces_free(interfaces);
}

static void test_old_news_is_no_news(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct links_interface word = {.name = "eth0", .flags = UP};

    (void)state;
    assert_true(interfaces_update(interfaces, &word, NULL, (struct mono){0}));
    assert_false(interfaces_update(interfaces, &word, NULL, (struct mono){0}));
    word.flags = DOWN;
    assert_true(interfaces_update(interfaces, &word, NULL, (struct mono){0}));
    memset(word.name, 'x', sizeof(word.name)); /* no terminator */
    assert_true(interfaces_update(interfaces, &word, NULL, (struct mono){0}));
    assert_non_null(interfaces_find(interfaces, "xxxxxxxxxxxxxxx"));
    interfaces_free(interfaces);
}

/* ------------------------------------------------------------------ delays */

static struct mono at_ms(int64_t ms)
{
    return mono_add((struct mono){NS_PER_S}, span_ms(ms));
}

/* A link that must be down for 100 ms and up for 300 ms; .works as it is heard of, .counts what then counts.
 */
static const struct {
    int64_t ms;
    bool heard; /* else time passes */
    bool works;
    bool changed;
    bool counts;
} delay_steps[] = {
    {0, true, false, true, false},                                        /* the first word counts at once, */
    {1, true, true, true, true},                                          /* and so does the first up */
    {1000, true, false, false, true},                                     /* down: not yet */
    {1050, true, true, false, true},                                      /* a flap */
    {1100, false, true, false, true},                                     /* nothing is left of it */
    {2000, true, false, false, true},                                     /* down again */
    {2050, true, false, false, true},                                     /* said twice: the time goes on */
    {2099, false, false, false, true},                                    /* not yet */
    {2100, false, false, true, false},                                    /* now */
    {2101, false, false, false, false}, {3000, true, true, false, false}, /* up: not yet */
    {3299, false, true, false, false},  {3299, true, false, false, false}, /* down after all */
    {4000, true, true, false, false},   {4300, false, true, true, true},
};

static void test_a_change_of_a_link_must_last(void **state)
{
    const struct link_patience patience = {span_ms(100), span_ms(300)};
    struct link_delay delay = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(delay_steps) / sizeof(delay_steps[0]); i++) {
        bool changed = delay_steps[i].heard ? link_delay_take(&delay, delay_steps[i].works, &patience,
                                                              at_ms(delay_steps[i].ms))
                                            : link_delay_pass(&delay, at_ms(delay_steps[i].ms));

        if (changed != delay_steps[i].changed || delay.works != delay_steps[i].counts)
            fail_msg("at %lld ms", (long long)delay_steps[i].ms);
    }
}

static void test_delays_end_before_a_backup_takes_over(void **state)
{
    const struct link_patience wanted = {span_s(5), span_s(5)}, other = {span_s(5), span_s(7)};
    struct link_patience patience = link_patience_within(wanted, 3, span_ms(2560));

    (void)state;
    assert_int_equal(patience.down.ns, span_s(5).ns); /* 2 * 2560 - 10 ms is more */
    patience = link_patience_within(wanted, 3, span_ms(256));
    assert_int_equal(patience.down.ns, span_ms(511).ns);
    assert_int_equal(patience.up.ns, span_ms(511).ns);
    patience = link_patience_within(other, 3, span_ms(256));
    assert_int_equal(patience.down.ns, span_ms(511).ns);
    assert_int_equal(patience.up.ns, span_s(7).ns);
    patience = link_patience_within(wanted, 1, span_ms(256));
    assert_int_equal(patience.down.ns + patience.up.ns, 0);
}

static void test_an_interface_that_may_come_back_counts_as_before(void **state)
{
    const struct link_patience patience = {span_ms(100), span_ms(100)};
    struct interfaces *interfaces = interfaces_new();
    struct links_interface word = {.name = "eth0", .flags = UP, .ifindex = 7}, other = word;

    (void)state;
    assert_true(ip_address_parse("fe80::1", &word.primary_ipv6));
    assert_true(interfaces_update(interfaces, &word, &patience, at_ms(0)));
    assert_false(mono_is_set(interfaces_due(interfaces)));
    other.flags = DOWN; /* and its address has gone with it */
    assert_false(interfaces_update(interfaces, &other, &patience, at_ms(1)));
    assert_true(interface_works(interfaces_find(interfaces, "eth0")));
    assert_true(ip_address_is_set(&interfaces_find(interfaces, "eth0")->primary_ipv6));
    assert_int_equal(interfaces_due(interfaces).ns, at_ms(101).ns);
    assert_null(interfaces_pass(interfaces, at_ms(100)));
    assert_string_equal(interfaces_pass(interfaces, at_ms(101))->name, "eth0");
    assert_null(interfaces_pass(interfaces, at_ms(101)));
    assert_false(interface_works(interfaces_find(interfaces, "eth0")));
    assert_false(ip_address_is_set(&interfaces_find(interfaces, "eth0")->primary_ipv6));
    assert_true(interfaces_update(interfaces, &word, &patience, at_ms(200))); /* up: the address at least */
    assert_false(interface_works(interfaces_find(interfaces, "eth0")));
    assert_non_null(interfaces_pass(interfaces, at_ms(300)));
    assert_true(interface_works(interfaces_find(interfaces, "eth0")));
    other = word;
    other.flags = 0;
    other.ifindex = 0;
    assert_true(interfaces_update(interfaces, &other, &patience, at_ms(400))); /* it is gone: at once */
    assert_false(interface_works(interfaces_find(interfaces, "eth0")));
    other = word;
    other.ifindex = 8;
    assert_true(interfaces_update(interfaces, &other, &patience, at_ms(401))); /* another one */
    assert_true(interface_works(interfaces_find(interfaces, "eth0")));
    interfaces_free(interfaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_own_interface),
        cmocka_unit_test(test_a_configured_source),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_members_of_a_group),
        cmocka_unit_test(test_truth_table_of_scripts_and_processes),
        cmocka_unit_test(test_truth_table_of_files),
        cmocka_unit_test(test_rise_and_fall),
        cmocka_unit_test(test_an_instance_and_its_group),
        cmocka_unit_test(test_old_news_is_no_news),
        cmocka_unit_test(test_a_change_of_a_link_must_last),
        cmocka_unit_test(test_delays_end_before_a_backup_takes_over),
        cmocka_unit_test(test_an_interface_that_may_come_back_counts_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
