/*
 * How fast tandem-links takes 1,000 addresses, beside a bare netlink batch and `ip -batch`, in the same run.
 *
 * Run by hand as root in the build directory: tests/bench/bench_links [rounds [addresses [4|6]]]. Each round
 * adds and removes the addresses in each way, in a network namespace of its own.
 */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/kernel/address_codec.h"
#include "tests/unit/links_rig.h"

#define KEY        1
#define ROUNDS_MAX 100
#define BATCH_FILE "bench_links.batch"

enum figure {
    BARE_ADDED,
    BARE_REMOVED,
    IP_BATCH_ADDED,
    FIRST_ADDRESS,
    FIRST_FRAME,
    FIRST_FRAME_OWN,
    ALL_ADDED,
    ALL_ADDED_OWN,
    ALL_ANNOUNCED,
    ALL_REMOVED,
    FIGURE_COUNT,
};

static const char *const names[FIGURE_COUNT] = {
    [BARE_ADDED] = "bare netlink batch: all added",
    [BARE_REMOVED] = "bare netlink batch: all removed",
    [IP_BATCH_ADDED] = "ip -batch: all added",
    [FIRST_ADDRESS] = "links: order sent to first address seen",
    [FIRST_FRAME] = "links: order sent to first GARP/NA on the wire",
    [FIRST_FRAME_OWN] = "links: the same, as on the board",
    [ALL_ADDED] = "links: order sent to answer that all are on",
    [ALL_ADDED_OWN] = "links: the same, as on the board",
    [ALL_ANNOUNCED] = "links: order sent to last address first announced",
    [ALL_REMOVED] = "links: order sent to answer that all are off",
};

static double figures[FIGURE_COUNT][ROUNDS_MAX]; /* milliseconds */

static double ms_between(struct mono later, struct mono earlier)
{
    return span_seconds(mono_since(later, earlier)) * 1000;
}

static void note_failure(void *cookie, int error, const char *why, void *data)
{
    (void)cookie;
    (void)data;
    if (error != 0)
        fprintf(stderr, "bare batch: %s %s\n", strerror(error), why);
}

static double bare_batch(struct rig *rig, const struct conf_model *model, uint16_t type)
{
    const struct conf_instance *instance = model->instances.items[0];
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));
    struct mono began = mono_now();

    for (uint32_t i = 0; i < instance->vips.count; i++) {
        struct kernel_address address = address_of_vip(instance->vips.items[i]);

        address.ifindex = if_nametoindex("va");
        if (rtnetlink_add(rig->netlink, address_encode(buffer, type, NLM_F_CREATE | NLM_F_REPLACE, &address),
                          NULL))
            continue;
        rtnetlink_send(rig->netlink, note_failure, NULL);
        rtnetlink_add(rig->netlink, address_encode(buffer, type, NLM_F_CREATE | NLM_F_REPLACE, &address),
                      NULL);
    }
    rtnetlink_send(rig->netlink, note_failure, NULL);
    return ms_between(mono_now(), began);
}

static void write_batch_file(const struct conf_model *model)
{
    const struct conf_instance *instance = model->instances.items[0];
    FILE *file = fopen(BATCH_FILE, "w");
    char text[IP_ADDRESS_TEXT];

    if (file == NULL)
        exit(1);
    for (uint32_t i = 0; i < instance->vips.count; i++)
        fprintf(file, "address add %s/%u dev va %s\n",
                ip_address_text(&instance->vips.items[i]->address, text),
                instance->vips.items[i]->prefix_length, instance->family == AF_INET6 ? "nodad" : "");
    fclose(file);
}

static double ip_batch(void)
{
    struct mono began = mono_now();

    if (system("ip -batch " BATCH_FILE) != 0)
        exit(1);
    return ms_between(mono_now(), began);
}

static bool is_taken(struct rig *rig)
{
    return rig->takens > 0;
}

static bool is_released(struct rig *rig)
{
    return rig->releaseds > 0;
}

static double last_first_frame(const struct rig *rig, struct mono began)
{
    double last = 0;

    for (size_t i = 0; i < sizeof(rig->captured) / sizeof(rig->captured[0]); i++) {
        if (rig->captured[i].frames > 0 && ms_between(rig->captured[i].first, began) > last)
            last = ms_between(rig->captured[i].first, began);
    }
    return last;
}

static void take_and_release(struct rig *rig, const struct conf_model *model, unsigned int round)
{
    struct links_record record;
    struct mono began;

    rig_start(rig, model, false);
    rig_run(rig, span_ms(20));
    rig_forget(rig);
    began = mono_now();
    rig_take(rig, KEY, 0, span_ns(0));
    rig_wait(rig, is_taken, span_s(60));
    figures[ALL_ADDED][round] = ms_between(rig->taken_at, began);
    rig_run(rig, span_ms(100));
    record = rig_record(rig, KEY);
    figures[FIRST_ADDRESS][round] = ms_between(rig->first_added, began);
    figures[FIRST_FRAME][round] = ms_between(rig->first_frame, began);
    figures[FIRST_FRAME_OWN][round] = (double)record.first_announced_ns / 1e6;
    figures[ALL_ADDED_OWN][round] = (double)record.taken_ns / 1e6;
    figures[ALL_ANNOUNCED][round] = last_first_frame(rig, began);
    rig_forget(rig);
    began = mono_now();
    rig_release(rig, KEY);
    rig_wait(rig, is_released, span_s(60));
    figures[ALL_REMOVED][round] = ms_between(mono_now(), began);
    rig_stop(rig);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 15;
    unsigned int addresses = argc > 2 ? (unsigned int)atoi(argv[2]) : 1000;
    uint8_t family = argc > 3 && argv[3][0] == '6' ? AF_INET6 : AF_INET;
    struct conf_model *model;
    struct rig *rig;

    if (geteuid() != 0 || rounds == 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage, as root: %s [rounds, at most %d] [addresses] [4|6]\n", argv[0], ROUNDS_MAX);
        return 2;
    }
    rig = rig_new();
    model = rig_model(KEY, family, 1, addresses);
    write_batch_file(model);
    for (unsigned int round = 0; round < rounds; round++) {
        figures[BARE_ADDED][round] = bare_batch(rig, model, RTM_NEWADDR);
        figures[BARE_REMOVED][round] = bare_batch(rig, model, RTM_DELADDR);
        figures[IP_BATCH_ADDED][round] = ip_batch();
        bare_batch(rig, model, RTM_DELADDR);
        take_and_release(rig, model, round);
    }
    printf("%u addresses, %u rounds; milliseconds: least, median, most\n", addresses, rounds);
    for (int i = 0; i < FIGURE_COUNT; i++) {
        qsort(figures[i], rounds, sizeof(double), compare);
        printf("%-52s %8.2f %8.2f %8.2f\n", names[i], figures[i][0], figures[i][rounds / 2],
               figures[i][rounds - 1]);
    }
    conf_model_free(model);
    unlink(BATCH_FILE);
    return 0;
}
