/*
 * The links process as it is, in a network namespace: takes, announces, renews, mends, releases. Root only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/vrrp_state.h"
#include "daemon/kernel/address_codec.h"
#include "tests/unit/links_rig.h"

#define KEY    0x1234u
#define MANY   1000
#define BACKUP 1
#define SOON   span_s(30)

static struct rig *rig;

static bool is_taken(struct rig *with)
{
    return with->takens > 0;
}

static bool is_released(struct rig *with)
{
    return with->releaseds > 0;
}

static unsigned int wanted_frames;

static bool all_are_announced(struct rig *with)
{
    return with->frames >= wanted_frames;
}

static bool none_is_on(struct rig *with)
{
    return rig_count_addresses(with) == 0;
}

static unsigned int wanted_addresses;

static bool all_are_on(struct rig *with)
{
    return rig_count_addresses(with) == wanted_addresses;
}

static bool (*until_seen)(void);

static bool is_seen(struct rig *with)
{
    (void)with;
    return until_seen();
}

/* Waits for what the kernel, or links by its board, tells a moment later. */
static void wait_until(bool (*condition)(void))
{
    until_seen = condition;
    assert_true(rig_wait(rig, is_seen, SOON));
}

/* Lets so many frames come, so that none of them is taken for one of what follows. */
static void let_announce(unsigned int frames)
{
    wanted_frames = frames;
    assert_true(rig_wait(rig, all_are_announced, SOON));
}

static void start(uint8_t family, unsigned int first, unsigned int count)
{
    struct conf_model *model = rig_model(KEY, family, first, count);

    rig_start(rig, model, false);
    conf_model_free(model);
}

static void take_all(uint32_t flags, struct span lease)
{
    rig_take(rig, KEY, flags, lease);
    assert_true(rig_wait(rig, is_taken, span_s(20)));
    assert_int_equal(rig->taken.error, 0);
    assert_int_equal(rig->taken.count, 0);
}

static void add_by_hand(const char *what)
{
    char command[128];

    snprintf(command, sizeof(command), "ip address add %s dev va", what);
    assert_int_equal(system(command), 0);
}

/* ------------------------------------------------------------------ tests */

static bool many_are_counted(void)
{
    return rig_record(rig, KEY).garps_sent == 2 * MANY;
}

static void test_a_thousand_are_taken_announced_and_released(void **state)
{
    (void)state;
    start(AF_INET, 0, MANY);
    take_all(0, span_ns(0));
    assert_int_equal(rig_count_addresses(rig), MANY);
    wanted_frames = 2 * MANY;
    assert_true(rig_wait(rig, all_are_announced, SOON));
    for (unsigned int i = 0; i < MANY; i++)
        assert_int_equal(rig->captured[i].frames, 2);
    /* The first left while the others were still to be added. */
    assert_true(mono_before(rig->first_frame, mono_add(rig->taken_at, span_ms(-5))));
    assert_int_equal(rig_record(rig, KEY).addresses_present, MANY);
    wait_until(many_are_counted);
    rig_release(rig, KEY);
    assert_true(rig_wait(rig, is_released, SOON));
    assert_int_equal(rig->released.error, 0);
    assert_int_equal(rig_count_addresses(rig), 0);
    assert_int_equal(rig_record(rig, KEY).addresses_present, 0);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_ipv6_is_announced_to_all_nodes(void **state)
{
    (void)state;
    start(AF_INET6, 1, 3);
    take_all(0, span_s(3));
    wanted_frames = 6;
    assert_true(rig_wait(rig, all_are_announced, SOON));
    assert_int_equal(rig->captured[1].frames, 2);
    assert_int_equal(rig->captured[3].frames, 2);
    assert_in_range(rig_lifetime(rig, "fd77::2"), 1, 3);
    assert_int_equal(rig_stop(rig), 0);
    assert_int_equal(rig_count_addresses(rig), 0);
}

static bool what_was_missing_is_announced(void)
{
    return rig->captured[0].frames > 0 && rig->captured[2].frames > 0;
}

static void test_what_is_on_is_adopted(void **state)
{
    (void)state;
    add_by_hand("10.77.0.1/32");
    start(AF_INET, 0, 3);
    rig_forget(rig);
    take_all(TAKE_ADOPT, span_s(3));
    assert_int_equal(rig_count_addresses(rig), 3);
    wait_until(what_was_missing_is_announced);
    rig_run(rig, span_ms(100));
    assert_int_equal(rig->deleted, 0);
    assert_int_equal(rig->captured[1].frames, 0); /* its neighbours know it */
    assert_int_equal(rig->captured[0].frames, 1); /* was missing */
    assert_in_range(rig_lifetime(rig, "10.77.0.1"), 1, 3);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_leftovers_go_once_vrrp_has_spoken(void **state)
{
    (void)state;
    add_by_hand("10.77.0.1/32");
    add_by_hand("10.77.99.99/32"); /* not configured: not ours */
    start(AF_INET, 0, 3);
    rig_run(rig, span_ms(100));
    assert_int_equal(rig_count_addresses(rig), 2);
    channel_send(rig->vrrp, LINKS_SYNCED, NULL);
    wanted_addresses = 1;
    assert_true(rig_wait(rig, all_are_on, SOON));
    assert_true(rig_lifetime(rig, "10.77.99.99") != 0);
    assert_int_equal(rig_stop(rig), 0);
    assert_int_equal(system("ip address del 10.77.99.99/32 dev va"), 0);
}

static void test_the_lease_ends_with_vrrp(void **state)
{
    struct mono hung;

    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_s(3));
    rig_run(rig, span_ms(4500));
    assert_int_equal(rig_count_addresses(rig), 5); /* renewed meanwhile */
    assert_int_equal(rig->deleted, 0);
    rig->beating = false;
    hung = mono_now();
    assert_true(rig_wait(rig, none_is_on, SOON));
    printf("# lease of 3 s: all addresses gone %.2f s after vrrp hung\n",
           span_seconds(mono_since(mono_now(), hung)));
    rig_run(rig, span_ms(300));
    assert_int_equal(rig_count_addresses(rig), 0); /* not put back while it hangs */
    rig->beating = true;
    wanted_addresses = 5;
    assert_true(rig_wait(rig, all_are_on, SOON)); /* it lives, and still says master */
    assert_int_equal(rig_stop(rig), 0);
}

static void test_a_backup_gets_no_renewal(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_s(1));
    rig_become(rig, KEY, BACKUP);
    assert_true(rig_wait(rig, none_is_on, SOON));
    assert_int_equal(rig_stop(rig), 0);
}

static bool one_is_restored(void)
{
    return rig_record(rig, KEY).addresses_restored == 1;
}

static void test_what_others_remove_is_put_back(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_s(30)); /* which does not end in this test */
    let_announce(10);
    rig_forget(rig);
    assert_int_equal(system("ip address del 10.77.0.3/32 dev va"), 0);
    wanted_addresses = 5;
    wanted_frames = 1;
    assert_true(rig_wait(rig, all_are_on, SOON));
    assert_true(rig_wait(rig, all_are_announced, SOON));
    assert_int_equal(rig->captured[3].frames, 1);
    wait_until(one_is_restored);
    rig->beating = false;
    rig_run(rig, span_ms(1200));
    assert_int_equal(system("ip address del 10.77.0.3/32 dev va"), 0);
    rig_run(rig, span_ms(300));
    assert_int_equal(rig_count_addresses(rig), 4); /* nobody vouches for it */
    assert_int_equal(rig_stop(rig), 0);
}

static bool two_are_changed(void)
{
    return rig->deleted >= 2 && rig->added >= 2 && rig->captured[5].frames > 0 && rig->captured[6].frames > 0;
}

static void test_a_reload_touches_only_the_difference(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET, 2, 5); /* 2..6 instead of 0..4 */

    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_ns(0));
    let_announce(10);
    rig_forget(rig);
    rig_reload(rig, model);
    wait_until(two_are_changed);
    rig_run(rig, span_ms(100));
    assert_int_equal(rig_count_addresses(rig), 5);
    assert_int_equal(rig->deleted, 2);
    assert_int_equal(rig->added, 2);
    assert_true(rig_lifetime(rig, "10.77.0.6") != 0);
    assert_true(rig_lifetime(rig, "10.77.0.1") == 0);
    assert_int_equal(rig->captured[5].frames, 1);
    assert_int_equal(rig->captured[3].frames, 0);
    conf_model_free(model);
    model = rig_model(KEY + 1, AF_INET, 20, 1); /* the instance is gone */
    rig_reload(rig, model);
    assert_true(rig_wait(rig, none_is_on, SOON));
    conf_model_free(model);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_an_order_ahead_of_its_configuration_is_kept(void **state)
{
    struct conf_model *model = rig_model(KEY + 1, AF_INET, 50, 2);

    (void)state;
    start(AF_INET, 0, 1);
    rig_take(rig, KEY + 1, 0, span_ns(0));
    rig_run(rig, span_ms(50));
    assert_int_equal(rig->takens, 0);
    rig_reload(rig, model);
    assert_true(rig_wait(rig, is_taken, SOON));
    assert_int_equal(rig->taken.key, KEY + 1);
    assert_int_equal(rig_count_addresses(rig), 2);
    conf_model_free(model);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_killed_and_started_again_it_goes_on(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET, 0, 100);

    (void)state;
    rig_start(rig, model, false);
    take_all(0, span_s(5));
    let_announce(200);
    rig_kill(rig);
    rig_start(rig, model, true);
    rig_forget(rig);
    take_all(TAKE_ADOPT, span_s(5));
    channel_send(rig->vrrp, LINKS_SYNCED, NULL);
    rig_run(rig, span_ms(6500)); /* longer than the lease */
    assert_int_equal(rig_count_addresses(rig), 100);
    assert_int_equal(rig->deleted, 0);
    assert_int_equal(rig->frames, 0);
    conf_model_free(model);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_vrrp_started_again_and_not_master(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_s(3));
    channel_hello(rig->vrrp, 4711);
    rig_run(rig, span_ms(100));
    assert_int_equal(rig_count_addresses(rig), 5);
    rig_become(rig, KEY, BACKUP);
    channel_send(rig->vrrp, LINKS_SYNCED, NULL);
    assert_true(rig_wait(rig, none_is_on, SOON));
    assert_int_equal(rig_stop(rig), 0);
}

static bool va_has_carrier(struct rig *with)
{
    return (with->interface.flags & INTERFACE_RUNNING) != 0;
}

static bool va_has_none(struct rig *with)
{
    return (with->interface.flags & INTERFACE_RUNNING) == 0;
}

static bool va_is_gone(struct rig *with)
{
    return with->interface.ifindex == 0 && with->interface.flags == 0;
}

static void test_interfaces_are_told(void **state)
{
    struct ip_address own;

    (void)state;
    ip_address_parse("192.0.2.1", &own);
    start(AF_INET, 0, 5);
    take_all(0, span_ns(0));
    assert_true(rig_wait(rig, va_has_carrier, SOON));
    assert_int_equal(rig->interface.mtu, 1500);
    assert_int_equal(ip_address_compare(&rig->interface.primary_ipv4, &own), 0);
    assert_true(ip_address_is_link_local(&rig->interface.primary_ipv6));
    assert_int_equal(system("ip link set vb down"), 0);
    assert_true(rig_wait(rig, va_has_none, SOON));
    assert_int_equal(system("ip link set vb up"), 0);
    assert_true(rig_wait(rig, va_has_carrier, SOON));
    assert_int_equal(rig_stop(rig), 0);
}

static void test_an_interface_made_anew_gets_its_addresses(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    assert_int_equal(system("ip link add extra type veth peer name other"), 0);
    take_all(0, span_s(3));
    assert_int_equal(system("ip link set va name gone"), 0);
    assert_true(rig_wait(rig, va_is_gone, SOON));
    assert_int_equal(
        system("ip address flush dev gone to 10.77.0.0/16; ip link set extra name va; ip link set va up;"
               "ip link set other up"),
        0);
    wanted_addresses = 5;
    assert_true(rig_wait(rig, all_are_on, SOON));
    assert_int_equal(rig_stop(rig), 0);
    assert_int_equal(
        system("ip link del va; ip link set gone down; ip link set gone name va; ip link set va up"), 0);
}

static bool has_answer_for_socket(struct rig *with)
{
    return with->socket >= 0 || with->socket_errors > 0;
}

static int option(int level, int name)
{
    socklen_t length = sizeof(int);
    int value = -1;

    assert_int_equal(getsockopt(rig->socket, level, name, &value, &length), 0);
    return value;
}

static void test_sockets_for_adverts(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET, 0, 1);
    struct message_key key = {KEY};

    (void)state;
    rig_start(rig, model, false);
    channel_send(rig->vrrp, LINKS_OPEN_SOCKET, &key);
    assert_true(rig_wait(rig, has_answer_for_socket, SOON));
    assert_int_equal(rig->socket_errors, 0);
    assert_int_equal(option(SOL_SOCKET, SO_TYPE), SOCK_RAW);
    assert_int_equal(option(SOL_SOCKET, SO_PROTOCOL), 112);
    assert_int_equal(option(SOL_SOCKET, SO_PRIORITY), 6);
    assert_int_equal(option(IPPROTO_IP, IP_TOS), 0xc0);
    assert_int_equal(option(IPPROTO_IP, IP_MULTICAST_TTL), 255);
    assert_int_equal(option(IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    assert_int_equal(option(IPPROTO_IP, IP_PKTINFO), 1);
    assert_int_equal(system("ip maddress show dev va | grep -q 224.0.0.18"), 0);
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);

    model = rig_model(KEY, AF_INET, 0, 1);
    model->instances.items[0]->interface = conf_model_strdup(model, "absent");
    rig_start(rig, model, false);
    channel_send(rig->vrrp, LINKS_OPEN_SOCKET, &key);
    assert_true(rig_wait(rig, has_answer_for_socket, SOON));
    assert_int_equal(rig->socket_error.error, ENODEV);
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);
}

static void test_ipv6_and_unicast_sockets(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET6, 1, 1);
    struct conf_unicast_peer *peer;
    struct sockaddr_in bound = {0};
    socklen_t length = sizeof(bound);
    struct message_key key = {KEY};

    (void)state;
    rig_start(rig, model, false);
    channel_send(rig->vrrp, LINKS_OPEN_SOCKET, &key);
    assert_true(rig_wait(rig, has_answer_for_socket, SOON));
    assert_int_equal(option(IPPROTO_IPV6, IPV6_CHECKSUM), 6);
    assert_int_equal(option(IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 255);
    assert_int_equal(option(IPPROTO_IPV6, IPV6_TCLASS), 0xc0);
    assert_int_equal(option(IPPROTO_IPV6, IPV6_RECVHOPLIMIT), 1);
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);

    model = rig_model(KEY, AF_INET, 0, 1);
    peer = conf_model_alloc(model, sizeof(*peer));
    ip_address_parse("192.0.2.2", &peer->address);
    conf_list_add(model, &model->instances.items[0]->unicast_peers, peer);
    ip_address_parse("192.0.2.1", &model->instances.items[0]->source);
    model->instances.items[0]->multicast_group = (struct ip_address){0};
    rig_start(rig, model, false);
    channel_send(rig->vrrp, LINKS_OPEN_SOCKET, &key);
    assert_true(rig_wait(rig, has_answer_for_socket, SOON));
    assert_int_equal(getsockname(rig->socket, (struct sockaddr *)&bound, &length), 0);
    assert_int_equal(ntohl(bound.sin_addr.s_addr), 0xc0000201);
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);
}

static void test_the_supervisors_death_waits_for_vrrp(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_ns(0));
    channel_free(rig->control);
    rig->control = NULL;
    rig_run(rig, span_ms(300));
    assert_int_equal(rig_count_addresses(rig), 5);
    close(rig->vrrp_socket_ends[1]);
    channel_free(rig->vrrp);
    rig->vrrp = NULL;
    assert_int_equal(rig_wait_for_exit(rig), 0);
    assert_int_equal(rig_count_addresses(rig), 0);
}

static void test_a_failure_is_told(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET, 0, 3);

    (void)state;
    model->instances.items[0]->vips.items[1]->interface = conf_model_strdup(model, "absent");
    rig_start(rig, model, false);
    rig_take(rig, KEY, 0, span_ns(0));
    assert_true(rig_wait(rig, is_taken, SOON));
    assert_int_equal(rig->taken.error, ENODEV);
    assert_int_equal(rig->taken.count, 1);
    assert_int_equal(rig_count_addresses(rig), 2);
    assert_int_equal(rig_record(rig, KEY).addresses_failed, 1);
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);
}

static bool lease_is_refused(struct rig *with)
{
    return rig_record(with, KEY).lease_refused != 0;
}

static bool first_lives_for_ever(struct rig *with)
{
    return rig_lifetime(with, "fd77::1") == CONF_LIFETIME_FOREVER;
}

static void test_a_lease_that_costs_too_much_is_refused(void **state)
{
    (void)state;
    start(AF_INET6, 1, 700);
    take_all(0, span_s(3));
    assert_true(rig_wait(rig, lease_is_refused, SOON));
    assert_true(rig_wait(rig, first_lives_for_ever, SOON));
    assert_int_equal(rig_count_addresses(rig), 700);
    assert_int_equal(rig_record(rig, KEY).lease_ns, 0);
    assert_int_equal(rig_stop(rig), 0);
}

static void test_a_pause_of_all_puts_nothing_back(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_s(1));
    rig_run(rig, span_ms(500));
    rig->beating = false;
    kill(rig->pid, SIGSTOP);
    rig_run(rig, span_ms(4500)); /* a peer took over meanwhile */
    assert_int_equal(rig_count_addresses(rig), 0);
    rig->beating = true; /* vrrp wakes first, with its old state */
    board_beat(rig->vrrp_board, mono_now());
    kill(rig->pid, SIGCONT);
    rig_run(rig, span_ms(600));
    assert_int_equal(rig_count_addresses(rig), 0);
    rig_become(rig, KEY, VRRP_MASTER); /* it spoke since, as master */
    wanted_addresses = 5;
    assert_true(rig_wait(rig, all_are_on, SOON));
    assert_int_equal(rig_stop(rig), 0);
}

/* Where links may run: one processor, or those it began with. */
static cpu_set_t usual, seen;

static void look_at_processors(const struct rig *with)
{
    assert_int_equal(sched_getaffinity(with->pid, sizeof(seen), &seen), 0);
}

static bool is_bound(struct rig *with)
{
    look_at_processors(with);
    return CPU_COUNT(&seen) == 1;
}

static bool is_free(struct rig *with)
{
    look_at_processors(with);
    return CPU_EQUAL(&seen, &usual) != 0;
}

/* It is bound for 50 ms, which a machine that stands still may not see. */
static void stand_by_on(uint32_t cpu)
{
    for (int i = 0; i < 50; i++) {
        channel_send(rig->vrrp, LINKS_STAND_BY, &(struct links_stand_by){.cpu = cpu});
        if (rig_wait(rig, is_bound, span_ms(40)))
            break;
    }
    assert_int_equal(CPU_COUNT(&seen), 1);
    assert_true(CPU_ISSET(cpu, &seen));
}

static void test_it_stands_by_where_vrrp_runs(void **state)
{
    (void)state;
    start(AF_INET, 0, 1);
    look_at_processors(rig);
    usual = seen;
    if (CPU_COUNT(&usual) == 1)
        print_message("one processor: nothing to move between\n");
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&usual) > 1; cpu++) {
        if (!CPU_ISSET(cpu, &usual))
            continue;
        stand_by_on(cpu);
        assert_true(rig_wait(rig, is_free, SOON)); /* nothing came */
    }
    channel_send(rig->vrrp, LINKS_STAND_BY, &(struct links_stand_by){.cpu = STAND_BY_ANYWHERE});
    channel_send(rig->vrrp, LINKS_STAND_BY, &(struct links_stand_by){.cpu = CPU_SETSIZE - 1});
    take_all(0, span_ns(0));
    assert_true(is_free(rig));
    assert_int_equal(rig_stop(rig), 0);
}

static void ignore_outcome(void *cookie, int error, const char *why, void *data)
{
    (void)cookie;
    (void)error;
    (void)why;
    (void)data;
}

static void test_the_end_of_vrrp_withdraws_the_addresses(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_ns(0));
    close(rig->vrrp_socket_ends[1]);
    channel_free(rig->vrrp);
    rig->vrrp = NULL;
    assert_true(rig_wait(rig, none_is_on, SOON));
    channel_send(rig->control, CONTROL_STOP, NULL);
    assert_int_equal(rig_wait_for_exit(rig), 0);
}

static void make_many_events(unsigned int count)
{
    struct kernel_address address = {.ifindex = if_nametoindex("va"), .prefix_length = 32};
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));

    ip_address_parse("10.77.99.99", &address.address);
    address.valid_s = address.preferred_s = 600;
    while (count-- > 0) {
        struct nlmsghdr *request =
            address_encode(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &address);

        if (rtnetlink_add(rig->netlink, request, NULL))
            continue;
        rtnetlink_send(rig->netlink, ignore_outcome, NULL);
    }
    rtnetlink_send(rig->netlink, ignore_outcome, NULL);
}

/* Where the pause of links was long, it waits for a word of vrrp's from after it. */
static bool all_are_on_and_vrrp_speaks(struct rig *with)
{
    rig_become(with, KEY, VRRP_MASTER);
    return all_are_on(with);
}

static void test_lost_events_are_made_up_for(void **state)
{
    (void)state;
    start(AF_INET, 0, 5);
    take_all(0, span_ns(0));
    kill(rig->pid, SIGSTOP);
    assert_int_equal(system("ip address del 10.77.0.3/32 dev va"), 0);
    make_many_events(30000); /* more than the socket of links holds */
    assert_int_equal(system("ip address del 10.77.0.4/32 dev va"), 0);
    kill(rig->pid, SIGCONT);
    wanted_addresses = 6; /* and the one that made the events */
    assert_true(rig_wait(rig, all_are_on_and_vrrp_speaks, SOON));
    assert_int_equal(rig_stop(rig), 0);
    assert_int_equal(system("ip address del 10.77.99.99/32 dev va"), 0);
}

static void test_an_address_in_detection_is_not_announced(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET6, 1, 1);

    (void)state;
    model->instances.items[0]->vips.items[0]->flags = CONF_VIP_DAD;
    assert_int_equal(system("sysctl -q net.ipv6.conf.va.dad_transmits=4"),
                     0); /* it takes that many seconds */
    rig_start(rig, model, false);
    take_all(0, span_ns(0));
    rig_run(rig, span_ms(300));
    assert_int_equal(rig->frames, 0);
    wanted_frames = 2;
    assert_true(rig_wait(rig, all_are_announced, SOON));
    assert_int_equal(rig_stop(rig), 0);
    conf_model_free(model);
}

static bool one_is_deleted(void)
{
    return rig->deleted > 0;
}

static void test_all_options_of_an_address_reach_the_kernel(void **state)
{
    struct conf_model *model = rig_model(KEY, AF_INET, 1, 2);
    struct conf_vip *plain = model->instances.items[0]->vips.items[0];
    struct conf_vip *pointed = model->instances.items[0]->vips.items[1];

    (void)state;
    plain->prefix_length = 24;
    plain->broadcast_kind = CONF_BROADCAST_ONES;
    plain->label = conf_model_strdup(model, "va:vip");
    plain->scope = 253; /* link */
    plain->flags = CONF_VIP_NOPREFIXROUTE;
    ip_address_parse("198.51.100.7", &pointed->peer);
    pointed->peer_prefix_length = 32;
    rig_start(rig, model, false);
    take_all(0, span_ns(0));
    assert_int_equal(system("ip -o address show dev va | grep -Eq '10.77.0.1/24 brd 10.77.0.255 scope link "
                            "noprefixroute va:vip'"),
                     0);
    assert_int_equal(
        system("ip -o address show dev va | grep -q '10.77.0.2 peer 198.51.100.7/32 scope global va'"), 0);
    rig_forget(rig);
    plain->label = conf_model_strdup(model, "va:other"); /* cannot be changed in place */
    rig_reload(rig, model);
    wanted_addresses = 2;
    assert_true(rig_wait(rig, all_are_on, SOON));
    wait_until(one_is_deleted);
    assert_int_equal(system("ip -o address show dev va | grep -q 'va:other'"), 0);
    assert_int_equal(rig->deleted, 1);
    conf_model_free(model);
    assert_int_equal(rig_stop(rig), 0);
    assert_int_equal(rig_count_addresses(rig), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_are_taken_announced_and_released),
        cmocka_unit_test(test_ipv6_is_announced_to_all_nodes),
        cmocka_unit_test(test_what_is_on_is_adopted),
        cmocka_unit_test(test_leftovers_go_once_vrrp_has_spoken),
        cmocka_unit_test(test_the_lease_ends_with_vrrp),
        cmocka_unit_test(test_a_backup_gets_no_renewal),
        cmocka_unit_test(test_what_others_remove_is_put_back),
        cmocka_unit_test(test_a_reload_touches_only_the_difference),
        cmocka_unit_test(test_an_order_ahead_of_its_configuration_is_kept),
        cmocka_unit_test(test_killed_and_started_again_it_goes_on),
        cmocka_unit_test(test_vrrp_started_again_and_not_master),
        cmocka_unit_test(test_interfaces_are_told),
        cmocka_unit_test(test_an_interface_made_anew_gets_its_addresses),
        cmocka_unit_test(test_sockets_for_adverts),
        cmocka_unit_test(test_ipv6_and_unicast_sockets),
        cmocka_unit_test(test_the_supervisors_death_waits_for_vrrp),
        cmocka_unit_test(test_a_failure_is_told),
        cmocka_unit_test(test_a_lease_that_costs_too_much_is_refused),
        cmocka_unit_test(test_a_pause_of_all_puts_nothing_back),
        cmocka_unit_test(test_it_stands_by_where_vrrp_runs),
        cmocka_unit_test(test_the_end_of_vrrp_withdraws_the_addresses),
        cmocka_unit_test(test_lost_events_are_made_up_for),
        cmocka_unit_test(test_an_address_in_detection_is_not_announced),
        cmocka_unit_test(test_all_options_of_an_address_reach_the_kernel),
    };

    if (geteuid() != 0) {
        fprintf(stderr, "needs root, for a network namespace\n");
        return 77;
    }
    rig = rig_new();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
