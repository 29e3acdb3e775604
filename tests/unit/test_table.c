/* Differences of IPVS tables: the right commands, in an order without gaps, applied to a model of the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/director/table.h"

static struct ipvs_service service_number(uint8_t number)
{
    return (struct ipvs_service){
        .id = {.family = AF_INET, .protocol = IPPROTO_TCP, .port = 80, .address = {192, 0, 2, number}},
        .scheduler = "wrr",
        .netmask = UINT32_MAX,
    };
}

static struct ipvs_destination destination_number(uint8_t number, uint32_t weight)
{
    return (struct ipvs_destination){
        .id = {.family = AF_INET, .port = 80, .address = {10, 0, 0, number}},
        .weight = weight,
    };
}

static struct image image_of(uint8_t number, const uint32_t *weights, uint8_t count)
{
    struct image image = {.exists = true, .service = service_number(number)};

    for (uint8_t i = 0; i < count; i++) {
        struct ipvs_destination destination = destination_number(i, weights[i]);

        if (weights[i] != UINT32_MAX)
            image_put(&image, &destination);
    }
    return image;
}

/* ------------------------------------------------------------------ a model of the kernel */

/* Answers as ip_vs does: an errno for each command. */
static int kernel_obey(struct image *kernel, const struct ipvs_change *change)
{
    switch (change->verb) {
    case IPVS_ADD_SERVICE:
        if (kernel->exists)
            return EEXIST;
        kernel->exists = true;
        kernel->service = change->service;
        return 0;
    case IPVS_EDIT_SERVICE:
        if (!kernel->exists)
            return ESRCH;
        kernel->service = change->service;
        return 0;
    case IPVS_DELETE_SERVICE:
        if (!kernel->exists)
            return ESRCH;
        image_clear(kernel);
        return 0;
    case IPVS_ADD_DESTINATION:
        if (!kernel->exists)
            return ESRCH;
        if (image_find(kernel, &change->destination.id) != NULL)
            return EEXIST;
        image_put(kernel, &change->destination);
        return 0;
    case IPVS_EDIT_DESTINATION:
    case IPVS_DELETE_DESTINATION:
        if (!kernel->exists)
            return ESRCH;
        if (image_find(kernel, &change->destination.id) == NULL)
            return ENOENT;
        if (change->verb == IPVS_DELETE_DESTINATION)
            image_drop(kernel, &change->destination.id);
        else
            image_put(kernel, &change->destination);
        return 0;
    }
    return EINVAL;
}

/* ------------------------------------------------------------------ single differences */

static void expect_verbs(const struct image *actual, const struct image *wanted, const enum ipvs_verb *verbs,
                         uint32_t count)
{
    struct ipvs_service_id id = service_number(1).id;
    struct changes changes = {0};

    table_difference(&id, actual, wanted, &changes);
    assert_int_equal(changes.count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(changes.items[i].verb, verbs[i]);
        assert_memory_equal(&changes.items[i].service.id, &id, sizeof(id));
    }
    changes_free(&changes);
}

static void test_equal_images_need_nothing(void **state)
{
    struct image a = image_of(1, (uint32_t[]){1, 2}, 2), b = image_of(1, (uint32_t[]){1, 2}, 2), none = {0};

    (void)state;
    assert_true(image_equal(&a, &b));
    expect_verbs(&a, &b, NULL, 0);
    expect_verbs(&none, &none, NULL, 0);
    image_clear(&a);
    image_clear(&b);
}

static void test_add_edit_delete_in_that_order(void **state)
{
    struct image actual = image_of(1, (uint32_t[]){1, 1, UINT32_MAX}, 3);
    struct image wanted = image_of(1, (uint32_t[]){UINT32_MAX, 5, 1}, 3);
    struct image none = {0};

    (void)state;
    strcpy(wanted.service.scheduler, "rr");
    expect_verbs(&actual, &wanted,
                 (enum ipvs_verb[]){IPVS_EDIT_SERVICE, IPVS_ADD_DESTINATION, IPVS_EDIT_DESTINATION,
                                    IPVS_DELETE_DESTINATION},
                 4);
    expect_verbs(&none, &wanted,
                 (enum ipvs_verb[]){IPVS_ADD_SERVICE, IPVS_ADD_DESTINATION, IPVS_ADD_DESTINATION}, 3);
    expect_verbs(&actual, &none, (enum ipvs_verb[]){IPVS_DELETE_SERVICE}, 1);
    image_clear(&actual);
    image_clear(&wanted);
}

static void test_each_setting_is_compared(void **state)
{
    struct ipvs_destination base = destination_number(1, 1);
    struct ipvs_service service = service_number(1);

    (void)state;
#define DIFFERS(type, from, field, value)                                                                    \
    do {                                                                                                     \
        type other = from;                                                                                   \
        other.field = value;                                                                                 \
        assert_false(COMPARE(&from, &other));                                                                \
    } while (0)
#define COMPARE ipvs_destination_equal
    DIFFERS(struct ipvs_destination, base, method, IP_VS_CONN_F_DROUTE);
    DIFFERS(struct ipvs_destination, base, weight, 2);
    DIFFERS(struct ipvs_destination, base, upper_threshold, 2);
    DIFFERS(struct ipvs_destination, base, lower_threshold, 2);
    DIFFERS(struct ipvs_destination, base, tunnel_type, 1);
    DIFFERS(struct ipvs_destination, base, tunnel_port, 1);
    DIFFERS(struct ipvs_destination, base, tunnel_flags, 1);
    DIFFERS(struct ipvs_destination, base, id.port, 1);
#undef COMPARE
#define COMPARE ipvs_service_equal
    DIFFERS(struct ipvs_service, service, scheduler[0], 'x');
    DIFFERS(struct ipvs_service, service, flags, IP_VS_SVC_F_ONEPACKET);
    DIFFERS(struct ipvs_service, service, timeout_s, 1);
    DIFFERS(struct ipvs_service, service, netmask, 1);
    DIFFERS(struct ipvs_service, service, id.protocol, IPPROTO_UDP);
}

/* ------------------------------------------------------------------ the property */

static uint32_t random_below(uint32_t *seed, uint32_t limit)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % limit;
}

static struct image random_image(uint32_t *seed)
{
    static const char *const schedulers[] = {"rr", "wrr", "wlc"};
    struct image image = {0};

    if (random_below(seed, 5) == 0)
        return image;
    image = image_of(1, NULL, 0);
    strcpy(image.service.scheduler, schedulers[random_below(seed, 3)]);
    for (uint8_t i = 0; i < 12; i++) {
        struct ipvs_destination destination = destination_number(i, random_below(seed, 3));

        if (random_below(seed, 2))
            image_put(&image, &destination);
    }
    return image;
}

/* Applies the difference command by command and watches. */
static void check_property(const struct image *actual, const struct image *wanted)
{
    bool never_empty = actual->count > 0 && wanted->count > 0;
    struct ipvs_service_id id = service_number(1).id;
    struct image kernel = {0}, believed = {0};
    struct changes changes = {0};

    image_copy(&kernel, actual);
    image_copy(&believed, actual);
    table_difference(&id, actual, wanted, &changes);
    for (uint32_t i = 0; i < changes.count; i++) {
        const struct ipvs_change *change = &changes.items[i];

        assert_int_equal(ipvs_service_id_compare(&change->service.id, &id), 0); /* never anybody else's */
        if (change->verb == IPVS_DELETE_DESTINATION)
            assert_null(image_find(wanted, &change->destination.id));
        if (change->verb == IPVS_DELETE_SERVICE)
            assert_false(wanted->exists);
        assert_int_equal(kernel_obey(&kernel, change), 0);
        table_apply(&believed, change);
        assert_true(image_equal(&kernel, &believed));
        if (never_empty)
            assert_true(kernel.count > 0);
    }
    assert_true(image_equal(&kernel, wanted));
    changes_free(&changes);
    table_difference(&id, &kernel, wanted, &changes);
    assert_int_equal(changes.count, 0);
    changes_free(&changes);
    image_clear(&kernel);
    image_clear(&believed);
}

static void test_the_difference_leads_to_the_wanted_table(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int run = 0; run < 20000; run++) {
        struct image actual = random_image(&seed), wanted = random_image(&seed);

        check_property(&actual, &wanted);
        image_clear(&actual);
        image_clear(&wanted);
    }
}

/* A service that was taken to be absent, and is there in any shape: the refusals alone lead to all that is
 * wanted. */
static void converge(struct image *kernel, const struct image *wanted)
{
    struct ipvs_service_id id = service_number(1).id;
    struct image believed = {0};

    for (int attempt = 0; attempt < 2; attempt++) {
        struct changes changes = {0};

        table_difference(&id, &believed, wanted, &changes);
        for (uint32_t i = 0; i < changes.count; i++)
            table_apply(&believed, &changes.items[i]);
        for (uint32_t i = 0; i < changes.count; i++) {
            int error = kernel_obey(kernel, &changes.items[i]);

            if (error != 0)
                assert_int_equal(table_refuse(&believed, &changes.items[i], error), TABLE_SURPRISE);
        }
        changes_free(&changes);
    }
    assert_true(image_equal(&believed, wanted));
    image_clear(&believed);
}

static void test_surprises_are_edited(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (int run = 0; run < 20000; run++) {
        struct image kernel = random_image(&seed), wanted = random_image(&seed);

        converge(&kernel, &wanted);
        for (uint32_t i = 0; i < wanted.count; i++) {
            const struct ipvs_destination *there = image_find(&kernel, &wanted.destinations[i].id);

            assert_true(there != NULL && ipvs_destination_equal(there, &wanted.destinations[i]));
        }
        if (wanted.exists)
            assert_true(ipvs_service_equal(&kernel.service, &wanted.service));
        image_clear(&kernel);
        image_clear(&wanted);
    }
}

static void test_what_is_gone_is_known_to_be_gone(void **state)
{
    struct ipvs_change edit = {.verb = IPVS_EDIT_DESTINATION, .service = service_number(1)};
    struct ipvs_change service = {.verb = IPVS_EDIT_SERVICE, .service = service_number(1)};
    struct image believed = image_of(1, (uint32_t[]){1, 1}, 2);

    (void)state;
    edit.destination = destination_number(1, 4);
    assert_int_equal(table_refuse(&believed, &edit, ENOENT), TABLE_SURPRISE);
    assert_int_equal(believed.count, 1);
    assert_int_equal(table_refuse(&believed, &service, ESRCH), TABLE_SURPRISE);
    assert_false(believed.exists);
    image_clear(&believed);
}

static void test_a_real_refusal_is_told_and_its_consequences_are_not(void **state)
{
    struct ipvs_change service = {.verb = IPVS_ADD_SERVICE, .service = service_number(1)};
    struct ipvs_change destination = {.verb = IPVS_ADD_DESTINATION, .service = service_number(1)};
    struct image believed = image_of(1, (uint32_t[]){1}, 1);
    char text[IPVS_REFUSAL_TEXT];

    (void)state;
    destination.destination = destination_number(0, 1);
    assert_int_equal(table_refuse(&believed, &service, ENOENT), TABLE_REFUSED);
    assert_false(believed.exists);
    assert_int_equal(table_refuse(&believed, &destination, ESRCH), TABLE_CONSEQUENCE);
    assert_string_equal(
        ipvs_refusal_text(&service, ENOENT, text),
        "virtual server 192.0.2.1:80 TCP cannot be added: the kernel has no scheduler \"wrr\"");
    assert_string_equal(
        ipvs_refusal_text(&destination, EPERM, text),
        "real server 10.0.0.0:80 of 192.0.2.1:80 TCP cannot be added: Operation not permitted");
    image_clear(&believed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_images_need_nothing),
        cmocka_unit_test(test_add_edit_delete_in_that_order),
        cmocka_unit_test(test_each_setting_is_compared),
        cmocka_unit_test(test_the_difference_leads_to_the_wanted_table),
        cmocka_unit_test(test_surprises_are_edited),
        cmocka_unit_test(test_what_is_gone_is_known_to_be_gone),
        cmocka_unit_test(test_a_real_refusal_is_told_and_its_consequences_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
