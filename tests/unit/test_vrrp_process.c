/*
 * The vrrp process for real: two tandem-vrrp, each on its end of a veth in a network namespace of this test,
 * which plays their supervisors and links and listens to every advert. Needs root (exit 77 without).
 *
 * Verdicts rest on the order of what is said and on generous multiples of the interval, not on the machine's
 * speed.
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

#define INTERVAL    span_ms(100)
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
    unsigned int unsound; /* adverts that do not parse */
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
    assert_true(run(scene, a_is_master, span_s(5)));
    assert_true(run(scene, b_is_backup, span_s(5)));
    run(scene, NULL, span_ms(300));
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
    assert_int_equal(taken.lease_ns, NS_PER_S); /* 3 x 100 ms is less than the shortest lease */
    assert_int_equal(node_count(&scene->b, 0, LINKS_TAKE, NULL), 0);
    assert_int_equal(node_count(&scene->a, 0, NOTIFY_INSTANCE, &notice), 2); /* BACKUP, MASTER */
    assert_int_equal(notice.value, NOTIFY_MASTER);
    assert_int_equal(node_count(&scene->b, 0, NOTIFY_INSTANCE, &notice), 1);
    assert_int_equal(notice.value, NOTIFY_BACKUP);
    assert_int_equal(node_count(&scene->a, 0, LINKS_SYNCED, NULL), 1);
    assert_int_equal(node_count(&scene->a, 0, CHILD_READY, NULL), 1);
    assert_true(count_heard(scene, 0, 1, &first) >= 3);
    assert_true(first.at.ns <= taken.at.ns + 5 * NS_PER_MS); /* the advert goes first */
    assert_int_equal(first.priority, 200);
    assert_int_equal(count_heard(scene, 0, 2, NULL), 0);
    assert_int_equal(scene->unsound, 0);
    print_message("from the decision to links' hearing of it: %.3f ms; latest timer: %.3f ms\n",
                  (double)(taken.at.ns - taken.decided_ns) / 1e6,
                  (double)node_record(&scene->a).late_max_ns / 1e6);
    assert_int_equal(node_record(&scene->b).master_priority, 200);
    assert_int_equal(node_record(&scene->b).checksum_form, VRRP_CHECKSUM_PSEUDO_HEADER);
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
    assert_true(run(scene, a_is_master, span_s(3)));
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
    assert_true(run(scene, b_is_master, span_s(2)));
    run(scene, NULL, span_ms(50));
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
    struct mono last = {0};
    int64_t longest = 0;

    elect(scene);
    for (int i = 0; i < 20; i++) {
        unsigned int said = scene->a.said_count;
        struct node_said taken = {0};

        node_kill(&scene->a);
        node_start(&scene->a);
        run(scene, NULL, span_ms(250));
        assert_true(node_count(&scene->a, said, LINKS_TAKE, &taken) >= 1);
        assert_int_equal(taken.value, TAKE_ADOPT);
        assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 0);
        assert_int_equal(node_count(&scene->a, said, LINKS_OPEN_SOCKET, NULL), 0);
        assert_int_equal(node_count(&scene->a, said, NOTIFY_INSTANCE, NULL), 0);
    }
    for (unsigned int i = 0; i < scene->heard_count; i++) {
        assert_int_equal(scene->heard[i].sender, 1); /* the peer never spoke */
        assert_int_equal(scene->heard[i].priority, 200);
        if (mono_is_set(last) && scene->heard[i].at.ns - last.ns > longest)
            longest = scene->heard[i].at.ns - last.ns;
        last = scene->heard[i].at;
    }
    print_message("longest gap between adverts over 20 deaths: %.1f ms of %.0f\n", (double)longest / 1e6,
                  (double)INTERVAL.ns / 1e6);
    assert_true(longest < 3 * INTERVAL.ns);
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
    run(scene, NULL, span_ms(600));
    assert_int_equal(node_count(&scene->b, said, NOTIFY_INSTANCE, NULL), 0);
    assert_int_equal(node_record(&scene->b).state, VRRP_BACKUP);
    assert_int_equal(count_heard(scene, 0, 2, NULL), 0);
    kill(scene->a.pid, SIGSTOP);
    assert_true(run(scene, b_is_master, span_s(3)));
}

static void test_a_late_successor_withdraws(void **state)
{
    struct scene *scene = *state;
    unsigned int said, heard;
    struct node_said word = {0};

    elect(scene);
    said = scene->a.said_count;
    node_kill(&scene->a);
    assert_true(run(scene, b_is_master, span_s(3)));
    heard = scene->heard_count;
    node_start(&scene->a);
    run(scene, NULL, span_ms(200)); /* shorter than its down time: it must not have spoken */
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 1);
    assert_int_equal(node_count(&scene->a, said, LINKS_TAKE, NULL), 0);
    assert_int_equal(count_heard(scene, heard, 1, NULL), 0);
    node_count(&scene->a, said, NOTIFY_INSTANCE, &word);
    assert_int_equal(word.value, NOTIFY_BACKUP);
}

static void test_a_frozen_master_wakes_silent(void **state)
{
    struct scene *scene = *state;
    unsigned int said, heard;
    struct node_said released = {0};
    struct heard first = {0};
    struct mono woken;

    elect(scene);
    kill(scene->a.pid, SIGSTOP);
    assert_true(run(scene, b_is_master, span_s(3)));
    run(scene, NULL, span_ms(1000));
    said = scene->a.said_count;
    heard = scene->heard_count;
    woken = mono_now();
    kill(scene->a.pid, SIGCONT);
    assert_true(run(scene, a_is_backup, span_s(3))); /* until it runs, its record says what was */
    assert_true(run(scene, a_is_master, span_s(3))); /* it is the better one, in time */
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, &released), 1);
    assert_true(count_heard(scene, heard, 1, &first) >= 1);
    assert_true(released.at.ns < first.at.ns);
    assert_true(first.at.ns - woken.ns >= INTERVAL.ns);
    print_message("addresses released %.2f ms after the wake\n", (double)(released.at.ns - woken.ns) / 1e6);
    assert_int_equal(node_record(&scene->a).pauses, 1);
}

static void test_a_reload_without_change_does_nothing(void **state)
{
    struct scene *scene = *state;
    unsigned int said;
    struct vrrp_record before, after;

    elect(scene);
    said = scene->a.said_count;
    before = node_record(&scene->a);
    node_reload(&scene->a);
    run(scene, NULL, span_ms(500));
    after = node_record(&scene->a);
    assert_int_equal(scene->a.said_count - said, 1); /* CHILD_RELOADED */
    assert_int_equal(node_count(&scene->a, said, CHILD_RELOADED, NULL), 1);
    assert_int_equal(after.state_since_ns, before.state_since_ns);
    /* the rhythm is the same as before, to a tenth of the interval */
    int64_t phase = (after.last_advert_sent_ns - before.last_advert_sent_ns) % INTERVAL.ns;
    assert_true(phase < INTERVAL.ns / 10 || phase > INTERVAL.ns * 9 / 10);
}

static void test_a_reload_can_lower_the_priority(void **state)
{
    struct scene *scene = *state;

    elect(scene);
    scene->a.model->instances.items[0]->base_priority = 50;
    node_reload(&scene->a);
    assert_true(run(scene, b_is_master, span_s(3)));
    run(scene, NULL, span_ms(300));
    assert_int_equal(node_record(&scene->a).state, VRRP_BACKUP);
    assert_int_equal(node_record(&scene->a).effective_priority, 50);
}

static void test_an_interface_that_goes_down_is_a_fault(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    unsigned int said;

    elect(scene);
    said = scene->a.said_count;
    scene->a.interface_up = false;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_in_fault, span_s(2)));
    assert_true(run(scene, b_is_master, span_s(2)));
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 1);
    node_count(&scene->a, said, NOTIFY_INSTANCE, &word);
    assert_int_equal(word.value, NOTIFY_FAULT);
    scene->a.interface_up = true;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_master, span_s(3)));
}

static void test_links_is_told_again_when_it_comes_back(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    unsigned int said;

    elect(scene);
    said = scene->a.said_count;
    channel_hello(scene->a.links, 8); /* another incarnation */
    run(scene, NULL, span_ms(100));
    assert_int_equal(node_count(&scene->a, said, LINKS_TAKE, &word), 1);
    assert_int_equal(word.value, TAKE_ADOPT);
    assert_int_equal(node_count(&scene->a, said, LINKS_SYNCED, NULL), 1);
    assert_int_equal(scene->a.said[scene->a.said_count - 1].type, LINKS_SYNCED);
}

static bool a_took_all(const struct scene *scene)
{
    return node_count(&scene->a, 0, LINKS_TAKE, NULL) == scene->a.model->instances.count;
}

/* The longest time between two adverts of one virtual router. */
static int64_t longest_gap(const struct scene *scene, uint8_t vrid)
{
    struct mono last = {0};
    int64_t longest = 0;

    for (unsigned int i = 0; i < scene->heard_count; i++) {
        if (scene->heard[i].vrid != vrid)
            continue;
        if (mono_is_set(last) && scene->heard[i].at.ns - last.ns > longest)
            longest = scene->heard[i].at.ns - last.ns;
        last = scene->heard[i].at;
    }
    return longest;
}

static void test_255_instances_share_one_socket(void **state)
{
    struct scene *scene = *state;
    int64_t longest = 0;

    for (int vrid = 1; vrid <= 255; vrid++) {
        if (vrid != VRID)
            add_instance(scene->a.model, "va", (uint8_t)vrid, 200);
    }
    board_free(scene->a.board);
    scene->a.board = board_new(ROLE_VRRP, 255);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, span_s(5)));
    run(scene, NULL, span_ms(1000));
    assert_int_equal(node_count(&scene->a, 0, LINKS_OPEN_SOCKET, NULL), 1);
    assert_int_equal(node_count(&scene->a, 0, CHILD_HOLD, NULL), 1);
    assert_int_equal(scene->unsound, 0);
    for (int vrid = 1; vrid <= 255; vrid++) {
        int64_t gap = longest_gap(scene, (uint8_t)vrid);

        assert_true(gap > 0);
        longest = gap > longest ? gap : longest;
    }
    print_message("longest gap of 255 instances: %.1f ms of %.0f\n", (double)longest / 1e6,
                  (double)INTERVAL.ns / 1e6);
    assert_true(longest < 3 * INTERVAL.ns);
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

static void test_a_sync_group_moves_and_resumes_together(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    unsigned int said;

    add_instance(scene->a.model, "va", VRID + 1, 150);
    make_group(scene->a.model);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, span_s(3)));
    run(scene, NULL, span_ms(50));
    assert_int_equal(node_count(&scene->a, 0, NOTIFY_GROUP, &word), 2); /* BACKUP, MASTER */
    assert_int_equal(word.value, NOTIFY_MASTER);
    assert_int_equal(word.key, 0x77);
    said = scene->a.said_count;
    node_kill(&scene->a);
    node_start(&scene->a);
    run(scene, NULL, span_ms(250));
    assert_true(node_count(&scene->a, said, LINKS_TAKE, &word) >= 2);
    assert_int_equal(word.value, TAKE_ADOPT);
    assert_int_equal(node_count(&scene->a, said, NOTIFY_GROUP, NULL), 0);
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 0);
    said = scene->a.said_count;
    scene->a.interface_up = false;
    node_tell_interface(&scene->a);
    assert_true(run(scene, a_is_in_fault, span_s(2)));
    run(scene, NULL, span_ms(50));
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 2);
    assert_int_equal(node_count(&scene->a, said, NOTIFY_GROUP, &word), 1);
    assert_int_equal(word.value, NOTIFY_FAULT);
}

static void test_a_reload_adds_and_removes_others_only(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    struct vrrp_record before;
    unsigned int said;

    elect(scene);
    before = node_record(&scene->a);
    said = scene->a.said_count;
    add_instance(scene->a.model, "va", VRID + 1, 150);
    node_reload(&scene->a);
    run(scene, NULL, span_ms(800));
    assert_int_equal(node_count(&scene->a, said, LINKS_TAKE, &word), 1);
    assert_int_equal(word.key, 0x1000 + VRID + 1);
    assert_int_equal(node_count(&scene->a, said, LINKS_OPEN_SOCKET, NULL), 0);
    said = scene->a.said_count;
    scene->a.model->instances.count = 1;
    node_reload(&scene->a);
    run(scene, NULL, span_ms(300));
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, &word), 1);
    assert_int_equal(word.key, 0x1000 + VRID + 1);
    assert_int_equal(node_count(&scene->a, said, LINKS_TAKE, NULL), 0);
    for (unsigned int i = 0; i < scene->heard_count; i++)
        word.value = scene->heard[i].vrid == VRID + 1 ? scene->heard[i].priority : word.value;
    assert_int_equal(word.value, 0); /* its last advert */
    assert_int_equal(node_record(&scene->a).state_since_ns, before.state_since_ns);
    assert_true(longest_gap(scene, VRID) < 3 * INTERVAL.ns);
}

static void test_a_reload_that_makes_a_group_does_not_disturb(void **state)
{
    struct scene *scene = *state;
    struct node_said word = {0};
    unsigned int said;

    add_instance(scene->a.model, "va", VRID + 1, 150);
    node_start(&scene->a);
    assert_true(run(scene, a_took_all, span_s(3)));
    run(scene, NULL, span_ms(100));
    said = scene->a.said_count;
    make_group(scene->a.model);
    node_reload(&scene->a);
    run(scene, NULL, span_ms(500));
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 0);
    assert_int_equal(node_count(&scene->a, said, NOTIFY_INSTANCE, NULL), 0);
    assert_int_equal(node_count(&scene->a, said, NOTIFY_GROUP, &word), 1);
    assert_int_equal(word.value, NOTIFY_MASTER);
    assert_true(longest_gap(scene, VRID) < 3 * INTERVAL.ns);
    assert_true(longest_gap(scene, VRID + 1) < 3 * INTERVAL.ns);
}

static void test_the_supervisors_end_is_the_order_to_stop(void **state)
{
    struct scene *scene = *state;
    unsigned int said;

    elect(scene);
    said = scene->a.said_count;
    channel_free(scene->a.control);
    scene->a.control = NULL;
    assert_true(run(scene, b_is_master, span_s(2)));
    run(scene, NULL, span_ms(50));
    assert_int_equal(node_wait(&scene->a), 0);
    assert_int_equal(node_count(&scene->a, said, LINKS_RELEASE, NULL), 1);
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
        PROCESS_TEST(test_nobody_starts_before_the_order),
        PROCESS_TEST(test_a_graceful_stop_hands_over),
        PROCESS_TEST(test_a_killed_master_is_resumed_without_a_flap),
        PROCESS_TEST(test_a_killed_backup_goes_on_waiting),
        PROCESS_TEST(test_a_late_successor_withdraws),
        PROCESS_TEST(test_a_frozen_master_wakes_silent),
        PROCESS_TEST(test_a_reload_without_change_does_nothing),
        PROCESS_TEST(test_a_reload_can_lower_the_priority),
        PROCESS_TEST(test_an_interface_that_goes_down_is_a_fault),
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
    return cmocka_run_group_tests(tests, NULL, NULL);
}
