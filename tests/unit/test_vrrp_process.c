/*
 * The vrrp process for real: two tandem-vrrp, each on its end of a veth in a network namespace of this test,
 * which plays their supervisors and links and listens to every advert. Needs root (exit 77 without).
 *
 * Verdicts rest on what is said and in which order, never on the machine's speed: how punctual adverts are is
 * measured in tests/bench and, from captures, in tests/pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/vrrp/packet.h"
#include "daemon/vrrp/router.h"
#include "tests/unit/vrrp_node.h"

#define INTERVAL    span_ms(200)
#define PATIENCE    span_s(20) /* for what must come */
#define ADVERTS_MAX 16384
#define VRID        7

struct heard {
    struct mono at;
    uint8_t sender; /* last byte of the source: 1 = a, 2 = b */
    uint8_t priority;
    uint8_t vrid;
};

struct scene {
    struct loop *loop;
    struct vrrp_node a; /* priority 200, 10.7.0.1 */
    struct vrrp_node b; /* priority 100, 10.7.0.2 */
    int sniffer;
    struct loop_watch *sniffing;
    struct heard heard[ADVERTS_MAX];
    unsigned int heard_count;
    unsigned int unsound;     /* adverts that do not parse */
    unsigned int said_before; /* where a's words and the adverts began to count: see mark() */
    unsigned int heard_before;
    int64_t rhythm_ns; /* when a sent an advert before the mark */
};

/* ------------------------------------------------------------------ scenery */

static void sniff(int fd, unsigned int ready, void *data)
{
    struct vrrp_expectations expected = {.family = AF_INET, .version = 3, .min_ttl = 255, .max_ttl = 255};
    struct scene *scene = data;
    struct sockaddr_ll from;
    socklen_t length = sizeof(from);
    uint8_t bytes[2048];
    struct vrrp_advert advert;
    ssize_t got;

    (void)ready;
    while ((got = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&from, &length)) > 0) {
        length = sizeof(from);
        if (from.sll_pkttype != PACKET_OUTGOING || got < 20 || bytes[9] != 112)
            continue;
        expected.vrid = (uint8_t)vrrp_packet_vrid(AF_INET, bytes, (size_t)got);
        if (vrrp_packet_parse(bytes, (size_t)got, NULL, &expected, &advert) != VRRP_ACCEPTED) {
            scene->unsound++;
            continue;
        }
        assert_true(scene->heard_count < ADVERTS_MAX);
        scene->heard[scene->heard_count++] =
            (struct heard){mono_now(), advert.source.bytes[3], advert.priority, advert.vrid};
    }
}

static struct conf_instance *add_instance(struct conf_model *model, const char *interface, uint8_t vrid,
                                          uint8_t priority)
{
    struct conf_instance *instance = conf_model_alloc(model, sizeof(*instance));
    struct conf_vip *vip = conf_model_alloc(model, sizeof(*vip));

    instance->key = 0x1000u + vrid;
    instance->name = conf_model_strdup(model, interface);
    instance->interface = conf_model_strdup(model, interface);
    instance->family = AF_INET;
    instance->vrid = vrid;
    instance->version = 3;
    instance->base_priority = priority;
    instance->advert_interval_us = INTERVAL.ns / NS_PER_US;
    instance->down_timer_adverts = 3;
    instance->preempt = true;
    instance->lease_us = -1;
    assert_true(ip_address_parse("224.0.0.18", &instance->multicast_group));
    vip->address = (struct ip_address){AF_INET, {10, 7, 1, vrid}};
    vip->prefix_length = 32;
    vip->interface = instance->interface;
    conf_list_add(model, &instance->vips, vip);
    conf_list_add(model, &model->instances, instance);
    return instance;
}

static struct conf_model *make_model(const char *interface, uint8_t priority)
{
    struct conf_model *model = conf_model_new();

    assert_non_null(model);
    add_instance(model, interface, VRID, priority);
    return model;
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    assert_non_null(scene);
    scene->loop = loop_new();
    assert_non_null(scene->loop);
    node_init(&scene->a, scene->loop, "va", "10.7.0.1", make_model("va", 200));
    node_init(&scene->b, scene->loop, "vb", "10.7.0.2", make_model("vb", 100));
    scene->sniffer = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    assert_true(scene->sniffer >= 0);
    scene->sniffing = loop_watch_new(scene->loop, scene->sniffer, LOOP_READ, sniff, scene);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    node_free(&scene->a);
    node_free(&scene->b);
    loop_watch_free(scene->sniffing);
    close(scene->sniffer);
    loop_free(scene->loop);
    free(scene);
    return 0;
}

typedef bool condition(const struct scene *scene);

struct waiting {
    struct scene *scene;
    condition *until;
    struct mono deadline;
    struct loop_timer *timer;
    bool met;
};

static void look(void *data)
{
    struct waiting *waiting = data;

    waiting->met = waiting->until != NULL && waiting->until(waiting->scene);
    if (waiting->met || !mono_before(mono_now(), waiting->deadline))
        loop_stop(waiting->scene->loop);
    else
        loop_timer_in(waiting->timer, span_ms(1));
}

/* Runs the loop until the condition (NULL = never) holds, or the time is over; says which. */
static bool run(struct scene *scene, condition *until, struct span longest)
{
    struct waiting waiting = {scene, until, mono_add(mono_now(), longest), NULL, false};

    waiting.timer = loop_timer_new(scene->loop, look, &waiting);
    loop_timer_in(waiting.timer, span_ms(1));
    loop_run(scene->loop);
    loop_timer_free(waiting.timer);
    return waiting.met;
}

static unsigned int count_heard(const struct scene *scene, unsigned int from, uint8_t sender,
                                struct heard *first)
{
    unsigned int count = 0;

    for (unsigned int i = from; i < scene->heard_count; i++) {
        if (scene->heard[i].sender != sender)
            continue;
        if (count++ == 0 && first != NULL)
            *first = scene->heard[i];
    }
    return count;
}

static struct span intervals(int count)
{
    return span_ns(count * INTERVAL.ns);
}

/* From here on the conditions "since the mark" count. */
static void mark(struct scene *scene)
{
    scene->said_before = scene->a.said_count;
    scene->heard_before = scene->heard_count;
}

/* What a said of that type since the mark. */
static unsigned int said_since(const struct scene *scene, enum message_type type, struct node_said *last)
{
    return node_count(&scene->a, scene->said_before, type, last);
}

static bool a_spoke(const struct scene *scene)
{
    return count_heard(scene, scene->heard_before, 1, NULL) > 0;
}

static bool a_took(const struct scene *scene)
{
    return said_since(scene, LINKS_TAKE, NULL) > 0;
}

static bool a_synced(const struct scene *scene)
{
    return said_since(scene, LINKS_SYNCED, NULL) > 0;
}

static bool a_reloaded(const struct scene *scene)
{
    return said_since(scene, CHILD_RELOADED, NULL) > 0;
}

static bool a_stopped(const struct scene *scene)
{
    return said_since(scene, CHILD_STOPPED, NULL) > 0;
}

static bool a_released_and_told(const struct scene *scene)
{
    return said_since(scene, LINKS_RELEASE, NULL) > 0 && said_since(scene, NOTIFY_INSTANCE, NULL) > 0;
}

static bool a_is_master(const struct scene *scene)
{
    return node_record(&scene->a).state == VRRP_MASTER;
}

static bool a_is_backup(const struct scene *scene)
{
    return node_record(&scene->a).state == VRRP_BACKUP;
}

static bool b_is_master(const struct scene *scene)
{
    return node_record(&scene->b).state == VRRP_MASTER;
}

static bool b_is_backup(const struct scene *scene)
{
    return node_record(&scene->b).state == VRRP_BACKUP;
}

static bool a_is_in_fault(const struct scene *scene)
{
    return node_record(&scene->a).state == VRRP_FAULT;
}

static void elect(struct scene *scene)
{
    node_start(&scene->a);
    node_start(&scene->b);
    assert_true(run(scene, a_is_master, PATIENCE));
    assert_true(run(scene, b_is_backup, PATIENCE));
    run(scene, NULL, intervals(3));
    mark(scene);
}

/* ------------------------------------------------------------------ tests */

static void test_the_higher_priority_becomes_master(void **state)
{
    struct scene *scene = *state;
    struct node_said taken = {0}, notice = {0};
    struct heard first = {0};

    elect(scene);
    assert_int_equal(node_count(&scene->a, 0, LINKS_TAKE, &taken), 1);
    assert_int_equal(taken.value, 0);
    assert_int_equal(taken.lease_ns, NS_PER_S); /* 3 x 200 ms is less than the shortest lease */
    assert_int_equal(node_count(&scene->b, 0, LINKS_TAKE, NULL), 0);
    assert_int_equal(node_count(&scene->a, 0, NOTIFY_INSTANCE, &notice), 2); /* BACKUP, MASTER */
    assert_int_equal(notice.value, NOTIFY_MASTER);
    assert_int_equal(node_count(&scene->b, 0, NOTIFY_INSTANCE, &notice), 1);
    assert_int_equal(notice.value, NOTIFY_BACKUP);
    assert_int_equal(node_count(&scene->a, 0, LINKS_SYNCED, NULL), 1);
    assert_int_equal(node_count(&scene->a, 0, CHILD_READY, NULL), 1);
    assert_true(count_heard(scene, 0, 1, &first) >= 3);
    assert_int_equal(first.priority, 200);
    assert_int_equal(count_heard(scene, 0, 2, NULL), 0);
    assert_int_equal(scene->unsound, 0);
    print_message("from the decision to links' hearing of it: %.3f ms; latest timer: %.3f ms\n",
                  (double)(taken.at.ns - taken.decided_ns) / 1e6,
                  (double)node_record(&scene->a).late_max_ns / 1e6);
    assert_int_equal(node_record(&scene->b).master_priority, 200);
    assert_int_equal(node_record(&scene->b).checksum_form, VRRP_CHECKSUM_PSEUDO_HEADER);
}

/* Takeovers until links is told to be ready; a timer that is served late has nothing to be ready for. */
static struct node_said take_over_prepared(struct scene *scene)
{
    struct node_said ready = {0}, taken = {0};

    elect(scene);
    scene->said_before = 0;
    for (int i = 0; i < 20 && said_since(scene, LINKS_STAND_BY, NULL) == 0; i++) {
        mark(scene);
        scene->a.interface_up = false;
        node_tell_interface(&scene->a);
        assert_true(run(scene, a_is_in_fault, PATIENCE));
        scene->a.interface_up = true;
        node_tell_interface(&scene->a);
        assert_true(run(scene, a_took, PATIENCE));
    }
    assert_true(said_since(scene, LINKS_STAND_BY, &ready) > 0);
    assert_true(said_since(scene, LINKS_TAKE, &taken) > 0);
    assert_true(mono_before(ready.at, taken.at));
    return ready;
}

static void test_links_stands_by_before_a_takeover(void **state)
{
    struct scene *scene = *state;
    struct node_said ready = take_over_prepared(scene);

    assert_int_equal(said_since(scene, LINKS_STAND_BY, NULL), 1);
    assert_true(ready.value < (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
}

static void test_links_does_not_wait_behind_many_instances(void **state)
{
    struct scene *scene = *state;

    for (uint8_t vrid = VRID + 1; vrid < VRID + 20; vrid++) {
        add_instance(scene->a.model, "va", vrid, 200);
        add_instance(scene->b.model, "vb", vrid, 100);
    }
    assert_int_equal(take_over_prepared(scene).value, STAND_BY_ANYWHERE);
}

static void test_nobody_starts_before_the_order(void **state)
{
    struct scene *scene = *state;

    scene->a.withhold_go = true;
    node_start(&scene->a);
    run(scene, NULL, span_ms(1500));
    assert_int_equal(scene->heard_count, 0);
    assert_int_equal(node_count(&scene->a, 0, LINKS_SYNCED, NULL), 0);
    channel_send(scene->a.control, CONTROL_GO, NULL);
    assert_true(run(scene, a_is_master, PATIENCE));
}

static void test_a_graceful_stop_hands_over(void **state)
{
    struct scene *scene = *state;
    struct node_said notice = {0};
    unsigned int before;
    struct heard last = {0};

    elect(scene);
    before = scene->heard_count;
    channel_send(scene->a.control, CONTROL_STOP, NULL);
    assert_true(run(scene, b_is_master, PATIENCE));
    assert_true(run(scene, a_stopped, PATIENCE));
    assert_int_equal(node_wait(&scene->a), 0);
    for (unsigned int i = before; i < scene->heard_count; i++)
        last = scene->heard[i].sender == 1 ? scene->heard[i] : last;
    assert_int_equal(last.priority, 0);
    assert_int_equal(node_count(&scene->a, 0, LINKS_RELEASE, NULL), 1);
    assert_int_equal(node_count(&scene->a, 0, CHILD_STOPPED, NULL), 1);
    node_count(&scene->a, 0, NOTIFY_INSTANCE, &notice);
    assert_int_equal(notice.value, NOTIFY_STOP);
    assert_int_equal(node_record(&scene->a).state, VRRP_INIT);
}

static void test_a_killed_master_is_resumed_without_a_flap(void **state)
{
    struct scene *scene = *state;

    elect(scene);
    for (int i = 0; i < 20; i++) {
        struct node_said taken = {0};

        mark(scene);
        node_kill(&scene->a);
        node_start(&scene->a);
        assert_true(run(scene, a_took, PATIENCE));
        assert_true(run(scene, a_spoke, PATIENCE));
        assert_true(said_since(scene, LINKS_TAKE, &taken) >= 1);
        assert_int_equal(taken.value, TAKE_ADOPT);
        assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 0);
        assert_int_equal(said_since(scene, LINKS_OPEN_SOCKET, NULL), 0);
        assert_int_equal(said_since(scene, NOTIFY_INSTANCE, NULL), 0);
    }
    for (unsigned int i = 0; i < scene->heard_count; i++) {
        assert_int_equal(scene->heard[i].sender, 1); /* the peer never spoke */
        assert_int_equal(scene->heard[i].priority, 200);
    }
    assert_int_equal(node_record(&scene->a).became_master, 1);
    assert_int_equal(node_record(&scene->b).state, VRRP_BACKUP);
}

static void test_a_killed_backup_goes_on_waiting(void **state)
{
    struct scene *scene = *state;
    unsigned int said;

    elect(scene);
    said = scene->b.said_count;
    node_kill(&scene->b);
    node_start(&scene->b);
    run(scene, NULL, intervals(6));
    assert_int_equal(node_count(&scene->b, said, NOTIFY_INSTANCE, NULL), 0);
    assert_int_equal(node_record(&scene->b).state, VRRP_BACKUP);
    assert_int_equal(count_heard(scene, 0, 2, NULL), 0);
    kill(scene->a.pid, SIGSTOP);
    assert_true(run(scene, b_is_master, PATIENCE));
}

static void test_a_late_successor_withdraws(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};

    elect(scene);
    node_kill(&scene->a);
    assert_true(run(scene, b_is_master, PATIENCE));
    mark(scene);
    node_start(&scene->a);
    assert_true(
        run(scene, a_released_and_told, PATIENCE)); /* now its down time begins: it cannot have spoken */
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 1);
    assert_int_equal(said_since(scene, LINKS_TAKE, NULL), 0);
    assert_int_equal(count_heard(scene, scene->heard_before, 1, NULL), 0);
    said_since(scene, NOTIFY_INSTANCE, &word);
    assert_int_equal(word.value, NOTIFY_BACKUP);
}

static void test_a_frozen_master_wakes_silent(void **state)
{
    struct scene *scene = *state;
    struct node_said released = {0};
    struct heard first = {0};
    struct mono woken;

    elect(scene);
    kill(scene->a.pid, SIGSTOP);
    assert_true(run(scene, b_is_master, PATIENCE));
    run(scene, NULL, intervals(10));
    mark(scene);
    woken = mono_now();
    kill(scene->a.pid, SIGCONT);
    assert_true(run(scene, a_is_backup, PATIENCE)); /* until it runs, its record says what was */
    assert_true(run(scene, a_spoke, PATIENCE));     /* it is the better one, in time */
    assert_true(a_is_master(scene));
    assert_int_equal(said_since(scene, LINKS_RELEASE, &released), 1);
    count_heard(scene, scene->heard_before, 1, &first);
    assert_true(released.at.ns < first.at.ns);
    assert_true(first.at.ns - woken.ns >= INTERVAL.ns);
    print_message("addresses released %.2f ms after the wake\n", (double)(released.at.ns - woken.ns) / 1e6);
    assert_int_equal(node_record(&scene->a).pauses, 1);
}

/* Whether a's last advert fell where the rhythm from before the mark has it, to a tenth of the interval. */
static bool a_keeps_its_rhythm(const struct scene *scene)
{
    int64_t since = node_record(&scene->a).last_advert_sent_ns - scene->rhythm_ns;
    int64_t phase = since % INTERVAL.ns;

    return since > INTERVAL.ns && (phase < INTERVAL.ns / 10 || phase > INTERVAL.ns * 9 / 10);
}

static void test_a_reload_without_change_does_nothing(void **state)
{
    struct scene *scene = *state;
    struct vrrp_record before;

    elect(scene);
    before = node_record(&scene->a);
    scene->rhythm_ns = before.last_advert_sent_ns;
    node_reload(&scene->a);
    assert_true(run(scene, a_reloaded, PATIENCE));
    assert_true(
        run(scene, a_keeps_its_rhythm, PATIENCE)); /* one late advert is the machine's; all would be ours */
    assert_int_equal(scene->a.said_count - scene->said_before, 1); /* CHILD_RELOADED */
    assert_int_equal(node_record(&scene->a).state_since_ns, before.state_since_ns);
}

static void test_a_reload_can_lower_the_priority(void **state)
{
    struct scene *scene = *state;

    elect(scene);
    scene->a.model->instances.items[0]->base_priority = 50;
    node_reload(&scene->a);
    assert_true(run(scene, b_is_master, PATIENCE));
    assert_true(run(scene, a_is_backup, PATIENCE));
    assert_int_equal(node_record(&scene->a).effective_priority, 50);
}

static void test_an_interface_that_goes_down_is_a_fault(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};

    elect(scene);
    scene->a.interface_up = false;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_in_fault, PATIENCE));
    assert_true(run(scene, a_released_and_told, PATIENCE));
    assert_true(run(scene, b_is_master, PATIENCE));
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 1);
    said_since(scene, NOTIFY_INSTANCE, &word);
    assert_int_equal(word.value, NOTIFY_FAULT);
    scene->a.interface_up = true;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_master, PATIENCE));
}

/* The delay is cut to what the timers of VRRP allow. */
static void test_an_interface_that_comes_back_in_time_is_no_fault(void **state)
{
    struct scene *scene = *state;
    struct conf_interface_delay *delay = conf_model_alloc(scene->a.model, sizeof(*delay));

    delay->interface = conf_model_strdup(scene->a.model, scene->a.interface);
    delay->down_us = 60000000;
    conf_list_add(scene->a.model, &scene->a.model->interface_delays, delay);
    elect(scene);
    for (int i = 0; i < 3; i++) {
        scene->a.interface_up = false;
        node_tell_interface(&scene->a);
        scene->a.interface_up = true;
        node_tell_interface(&scene->a); /* it waits beside the other: not even a pause makes this a fault */
    }
    run(scene, NULL, intervals(6));
    assert_int_equal(said_since(scene, NOTIFY_INSTANCE, NULL), 0);
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 0);
    assert_true(a_is_master(scene));
    scene->a.interface_up = false;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_in_fault, PATIENCE));
    assert_true(run(scene, a_released_and_told, PATIENCE));
    scene->a.interface_up = true;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_master, PATIENCE)); /* there is no delay for up */
}

static void test_links_is_told_again_when_it_comes_back(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};

    elect(scene);
    channel_hello(scene->a.links, 8); /* another incarnation */
    assert_true(run(scene, a_synced, PATIENCE));
    assert_int_equal(said_since(scene, LINKS_TAKE, &word), 1);
    assert_int_equal(word.value, TAKE_ADOPT);
    assert_int_equal(said_since(scene, LINKS_SYNCED, NULL), 1);
    assert_int_equal(scene->a.said[scene->a.said_count - 1].type, LINKS_SYNCED);
}

static bool a_took_all(const struct scene *scene)
{
    return node_count(&scene->a, 0, LINKS_TAKE, NULL) == scene->a.model->instances.count;
}

/* Whether each of a's 255 virtual routers was heard twice. */
static bool all_were_heard_twice(const struct scene *scene)
{
    unsigned int heard[256] = {0};

    for (unsigned int i = 0; i < scene->heard_count; i++)
        heard[scene->heard[i].vrid]++;
    for (int vrid = 1; vrid <= 255; vrid++) {
        if (heard[vrid] < 2)
            return false;
    }
    return true;
}

static void test_255_instances_share_one_socket(void **state)
{
    struct scene *scene = *state;

    for (int vrid = 1; vrid <= 255; vrid++) {
        if (vrid != VRID)
            add_instance(scene->a.model, "va", (uint8_t)vrid, 200);
    }
    board_free(scene->a.board);
    scene->a.board = board_new(ROLE_VRRP, 255);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, PATIENCE));
    assert_true(run(scene, all_were_heard_twice, PATIENCE));
    assert_int_equal(node_count(&scene->a, 0, LINKS_OPEN_SOCKET, NULL), 1);
    assert_int_equal(node_count(&scene->a, 0, CHILD_HOLD, NULL), 1);
    assert_int_equal(scene->unsound, 0);
}

static void make_group(struct conf_model *model)
{
    struct conf_sync_group *group = conf_model_alloc(model, sizeof(*group));

    group->key = 0x77;
    group->name = conf_model_strdup(model, "G");
    for (uint32_t i = 0; i < model->instances.count; i++)
        conf_list_add(model, &group->members, model->instances.items[i]);
    conf_list_add(model, &model->sync_groups, group);
}

static bool a_told_of_its_group(const struct scene *scene)
{
    return said_since(scene, NOTIFY_GROUP, NULL) > 0;
}

static bool a_took_both(const struct scene *scene)
{
    return said_since(scene, LINKS_TAKE, NULL) >= 2;
}

static bool a_released_both(const struct scene *scene)
{
    return said_since(scene, LINKS_RELEASE, NULL) >= 2 && a_told_of_its_group(scene);
}

static void test_a_sync_group_moves_and_resumes_together(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};

    add_instance(scene->a.model, "va", VRID + 1, 150);
    make_group(scene->a.model);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, PATIENCE));
    run(scene, NULL, intervals(1));
    assert_int_equal(node_count(&scene->a, 0, NOTIFY_GROUP, &word), 2); /* BACKUP, MASTER */
    assert_int_equal(word.value, NOTIFY_MASTER);
    assert_int_equal(word.key, 0x77);
    mark(scene);
    node_kill(&scene->a);
    node_start(&scene->a);
    assert_true(run(scene, a_took_both, PATIENCE));
    run(scene, NULL, intervals(1));
    said_since(scene, LINKS_TAKE, &word);
    assert_int_equal(word.value, TAKE_ADOPT);
    assert_int_equal(said_since(scene, NOTIFY_GROUP, NULL), 0);
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 0);
    mark(scene);
    scene->a.interface_up = false;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_in_fault, PATIENCE));
    assert_true(run(scene, a_released_both, PATIENCE));
    run(scene, NULL, intervals(1));
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 2);
    assert_int_equal(said_since(scene, NOTIFY_GROUP, &word), 1);
    assert_int_equal(word.value, NOTIFY_FAULT);
}

/* Whether the added virtual router has said its last word: priority 0. */
static bool the_other_said_farewell(const struct scene *scene)
{
    for (unsigned int i = scene->heard_before; i < scene->heard_count; i++) {
        if (scene->heard[i].vrid == VRID + 1 && scene->heard[i].priority == 0)
            return said_since(scene, LINKS_RELEASE, NULL) > 0;
    }
    return false;
}

static void test_a_reload_adds_and_removes_others_only(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    struct vrrp_record before;

    elect(scene);
    before = node_record(&scene->a);
    add_instance(scene->a.model, "va", VRID + 1, 150);
    node_reload(&scene->a);
    assert_true(run(scene, a_took, PATIENCE));
    assert_int_equal(said_since(scene, LINKS_TAKE, &word), 1);
    assert_int_equal(word.key, 0x1000 + VRID + 1);
    assert_int_equal(said_since(scene, LINKS_OPEN_SOCKET, NULL), 0);
    mark(scene);
    scene->a.model->instances.count = 1;
    node_reload(&scene->a);
    assert_true(run(scene, the_other_said_farewell, PATIENCE));
    run(scene, NULL, intervals(2));
    assert_int_equal(said_since(scene, LINKS_RELEASE, &word), 1);
    assert_int_equal(word.key, 0x1000 + VRID + 1);
    assert_int_equal(said_since(scene, LINKS_TAKE, NULL), 0);
    for (unsigned int i = 0; i < scene->heard_count; i++)
        word.value = scene->heard[i].vrid == VRID + 1 ? scene->heard[i].priority : word.value;
    assert_int_equal(word.value, 0); /* its last advert */
    assert_int_equal(node_record(&scene->a).state_since_ns, before.state_since_ns);
    assert_true(a_is_master(scene));
}

static void test_a_reload_that_makes_a_group_does_not_disturb(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};

    add_instance(scene->a.model, "va", VRID + 1, 150);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, PATIENCE));
    run(scene, NULL, intervals(1));
    mark(scene);
    scene->rhythm_ns = node_record(&scene->a).last_advert_sent_ns;
    make_group(scene->a.model);
    node_reload(&scene->a);
    assert_true(run(scene, a_told_of_its_group, PATIENCE));
    assert_true(run(scene, a_keeps_its_rhythm, PATIENCE));
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 0);
    assert_int_equal(said_since(scene, NOTIFY_INSTANCE, NULL), 0);
    assert_int_equal(said_since(scene, NOTIFY_GROUP, &word), 1);
    assert_int_equal(word.value, NOTIFY_MASTER);
}

static void test_the_supervisors_end_is_the_order_to_stop(void **state)
{
    struct scene *scene = *state;

    elect(scene);
    channel_free(scene->a.control);
    scene->a.control = NULL;
    assert_true(run(scene, b_is_master, PATIENCE));
    assert_true(run(scene, a_released_and_told, PATIENCE));
    assert_int_equal(node_wait(&scene->a), 0);
    assert_int_equal(said_since(scene, LINKS_RELEASE, NULL), 1);
}

/* ------------------------------------------------------------------ the namespace */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return written;
}

/* Both ends in one namespace: so each must take packets whose source is local. */
static bool make_network(void)
{
    return unshare(CLONE_NEWNET) == 0 && system("ip link add va type veth peer name vb") == 0 &&
           system("ip link set lo up && ip link set va up && ip link set vb up") == 0 &&
           system("ip addr add 10.7.0.1/24 dev va && ip addr add 10.7.0.2/24 dev vb") == 0 &&
           write_text("/proc/sys/net/ipv4/conf/va/accept_local", "1") &&
           write_text("/proc/sys/net/ipv4/conf/vb/accept_local", "1") &&
           write_text("/proc/sys/net/ipv4/conf/all/rp_filter", "0") &&
           write_text("/proc/sys/net/ipv4/conf/va/rp_filter", "0") &&
           write_text("/proc/sys/net/ipv4/conf/vb/rp_filter", "0");
}

#define PROCESS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROCESS_TEST(test_the_higher_priority_becomes_master),
        PROCESS_TEST(test_links_stands_by_before_a_takeover),
        PROCESS_TEST(test_links_does_not_wait_behind_many_instances),
        PROCESS_TEST(test_nobody_starts_before_the_order),
        PROCESS_TEST(test_a_graceful_stop_hands_over),
        PROCESS_TEST(test_a_killed_master_is_resumed_without_a_flap),
        PROCESS_TEST(test_a_killed_backup_goes_on_waiting),
        PROCESS_TEST(test_a_late_successor_withdraws),
        PROCESS_TEST(test_a_frozen_master_wakes_silent),
        PROCESS_TEST(test_a_reload_without_change_does_nothing),
        PROCESS_TEST(test_a_reload_can_lower_the_priority),
        PROCESS_TEST(test_an_interface_that_goes_down_is_a_fault),
        PROCESS_TEST(test_an_interface_that_comes_back_in_time_is_no_fault),
        PROCESS_TEST(test_links_is_told_again_when_it_comes_back),
        PROCESS_TEST(test_255_instances_share_one_socket),
        PROCESS_TEST(test_a_sync_group_moves_and_resumes_together),
        PROCESS_TEST(test_a_reload_adds_and_removes_others_only),
        PROCESS_TEST(test_a_reload_that_makes_a_group_does_not_disturb),
        PROCESS_TEST(test_the_supervisors_end_is_the_order_to_stop),
    };

    if (geteuid() != 0) {
        fprintf(stderr, "test_vrrp_process needs root: skipped\n");
        return 77;
    }
    if (!make_network()) {
        fprintf(stderr, "no network namespace with a veth pair: %s\n", strerror(errno));
        return 77;
    }
    signal(SIGPIPE, SIG_IGN);
    /* The processes under test run in real time: who plays their supervisors and links must get its turns
     * too. */
    sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
    return cmocka_run_group_tests(tests, NULL, NULL);
}
