/*
 * The difference of two models: taken from random pairs, it turns one into the other, none of its steps can
 * be left out, and there are no more of them than changes were made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "apply_difference.h"
#include "conf/difference.h"
#include "conf/digest.h"
#include "conf/load.h"
#include "sample_model.h"
#include "tests/unit/fake_host.h"

#define ROUNDS 3000

/* ------------------------------------------------------------------ random changes */

static unsigned int below(unsigned int *seed, unsigned int limit)
{
    return (unsigned int)rand_r(seed) % limit;
}

static void change_text(struct conf_model *model, char *place, unsigned int *seed)
{
    char text[32];
    char *made;

    snprintf(text, sizeof(text), "changed-%u", below(seed, 1000000));
    made = conf_model_strdup(model, text);
    memcpy(place, &made, sizeof(made));
}

static void change_address(struct ip_address *address, unsigned int *seed)
{
    address->family = AF_INET;
    memset(address->bytes, 0, sizeof(address->bytes));
    address->bytes[0] = 172;
    address->bytes[2] = (uint8_t)below(seed, 256);
    address->bytes[3] = (uint8_t)below(seed, 256);
}

/* Gives the field another value; false where it is not for this function. */
static bool change_value(struct conf_model *model, void *object, const struct field *field,
                         unsigned int *seed)
{
    char *place = (char *)object + field->offset;

    if (field->follows || field->identity)
        return false;
    switch (field->kind) {
    case FIELD_UNSIGNED:
    case FIELD_SIGNED:
        field_set_unsigned(object, field, field_unsigned(object, field) ^ (1 + below(seed, 100)));
        return true;
    case FIELD_BOOL:
        field_set_unsigned(object, field, field_unsigned(object, field) == 0);
        return true;
    case FIELD_TEXT:
        change_text(model, place, seed);
        return true;
    case FIELD_ADDRESS:
        change_address((struct ip_address *)place, seed);
        return true;
    case FIELD_ENDPOINT:
        change_address(&((struct ip_endpoint *)place)->address, seed);
        return true;
    case FIELD_KEY:
    case FIELD_CHARACTERS:
    case FIELD_DIGEST:
    case FIELD_SECRET:
    case FIELD_SECRET_TEXT: /* not in the canonical text, by which models are compared here */
    case FIELD_STRUCT:
    case FIELD_LIST:
    case FIELD_WORDS:
    case FIELD_REFERENCES:
        return false;
    }
    return false;
}

static bool has_key(const struct layout *layout)
{
    return layout->count > 0 && layout->fields[0].kind == FIELD_KEY;
}

static void swap_two(struct any_list *list, unsigned int *seed)
{
    uint32_t a = below(seed, list->count), b = below(seed, list->count);
    void *item = list->items[a];

    list->items[a] = list->items[b];
    list->items[b] = item;
}

/* An item like one that is there, with a key of its own. */
static void add_like(struct conf_model *model, struct any_list *list, const struct layout *layout,
                     unsigned int *seed)
{
    uint32_t at = below(seed, list->count + 1);
    void *made = conf_model_alloc(model, layout->size);
    void **items = conf_model_alloc(model, (list->count + 1) * sizeof(*items));

    memcpy(made, list->items[below(seed, list->count)], layout->size);
    field_set_unsigned(made, &layout->fields[0], 1 + (uint64_t)rand_r(seed));
    memcpy(items, list->items, at * sizeof(*items));
    items[at] = made;
    memcpy(items + at + 1, list->items + at, (list->count - at) * sizeof(*items));
    list->items = items;
    list->count++;
}

/* Lists whose items have no key are left alone here: the cases below look at them. */
static bool change_list(struct conf_model *model, void *object, const struct field *field, unsigned int *seed)
{
    struct any_list list = field_list(object, field);

    if (field->kind != FIELD_LIST || !has_key(field->layout) || list.count == 0 ||
        strcmp(field->name, "instances") == 0) /* which others refer to */
        return false;
    switch (below(seed, 3)) {
    case 0:
        list.count--;
        break;
    case 1:
        add_like(model, &list, field->layout, seed);
        break;
    case 2:
        swap_two(&list, seed);
        break;
    }
    field_set_list(object, field, &list);
    return true;
}

#define TRIES 30 /* there are objects with nothing to change */

/* Walks down from the model by chance, and changes one thing there; or says that it found none. */
static bool change_something(struct conf_model *model, unsigned int *seed)
{
    const struct layout *layout = &layout_of_model;
    void *object = model;

    for (int i = 0; i < TRIES; i++) {
        const struct field *field = &layout->fields[below(seed, (unsigned int)layout->count)];
        struct any_list list;

        if (change_value(model, object, field, seed))
            return true;
        if (below(seed, 4) == 0 && change_list(model, object, field, seed))
            return true;
        if (field->kind == FIELD_STRUCT && !field->follows) {
            object = own_struct(model, object, field);
            layout = field->layout;
            continue;
        }
        list = field->kind == FIELD_LIST ? field_list(object, field) : (struct any_list){0};
        if (list.count == 0)
            continue;
        object = list.items[below(seed, list.count)];
        layout = field->layout;
    }
    return false;
}

/* ------------------------------------------------------------------ properties */

static void assert_same(const struct conf_model *a, const struct conf_model *b, unsigned int round)
{
    char *first = conf_canonical_text(a, NULL), *second = conf_canonical_text(b, NULL);

    if (strcmp(first, second) != 0)
        fail_msg("round %u: applied\n%s\nwanted\n%s", round, first, second);
    free(first);
    free(second);
}

static void random_change(struct conf_model *model, unsigned int round, unsigned int changes)
{
    unsigned int seed = round;

    while (changes > 0)
        changes -= change_something(model, &seed);
}

/* Two models that have an ancestor in common, so many changes ago each: the same for the same round. */
struct random_pair {
    struct conf_model *before, *after;
    unsigned int changes; /* between them, at most */
};

static struct random_pair random_pair(unsigned int round)
{
    struct random_pair pair = {sample_model(), sample_model(), round % 8 + round / 8 % 4};

    random_change(pair.after, round, round % 8);
    random_change(pair.before, ROUNDS + round, round / 8 % 4);
    return pair;
}

/* Applies all steps but one of a round that is made anew; says whether the new model resulted all the same.
 */
static bool can_do_without(unsigned int round, size_t step)
{
    struct random_pair pair = random_pair(round);
    struct conf_model *before = pair.before, *after = pair.after;
    struct conf_difference *difference;
    char *first, *second;
    bool same;

    difference = conf_difference_new(before, after);
    apply_difference(before, difference, step);
    first = conf_canonical_text(before, NULL);
    second = conf_canonical_text(after, NULL);
    same = strcmp(first, second) == 0;
    free(first);
    free(second);
    conf_difference_free(difference);
    conf_model_free(before);
    conf_model_free(after);
    return same;
}

static void test_steps_lead_from_one_model_to_the_other(void **state)
{
    (void)state;
    for (unsigned int round = 0; round < ROUNDS; round++) {
        struct random_pair pair = random_pair(round);
        struct conf_model *before = pair.before, *after = pair.after;
        struct conf_difference *difference = conf_difference_new(before, after);

        if (difference->count > pair.changes)
            fail_msg("round %u: %zu steps for %u changes", round, difference->count, pair.changes);
        apply_difference(before, difference, SIZE_MAX);
        assert_same(before, after, round);
        if (difference->count > 0 && can_do_without(round, round % difference->count))
            fail_msg("round %u: step %zu of %zu is not needed", round, round % difference->count,
                     difference->count);
        conf_difference_free(difference);
        conf_model_free(before);
        conf_model_free(after);
    }
}

static void test_nothing_leads_from_a_model_to_itself(void **state)
{
    (void)state;
    for (unsigned int round = 0; round < ROUNDS / 10; round++) {
        struct conf_model *model = sample_model(), *same = sample_model();
        struct conf_difference *difference;

        random_change(model, round, round % 8);
        random_change(same, round, round % 8);
        difference = conf_difference_new(model, same);
        assert_int_equal(difference->count, 0);
        conf_difference_free(difference);
        conf_model_free(model);
        conf_model_free(same);
    }
}

/* ------------------------------------------------------------------ as a user changes a file */

#define INSTANCE(name, vips)                                                                                 \
    "vrrp_instance " name " {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n" vips "\n "     \
    "}\n}\n"
#define SERVERS(text)     "virtual_server 192.0.2.1 80 {\n protocol TCP\n lb_algo rr\n lb_kind DR\n" text "\n}\n"
#define SERVER(n, weight) " real_server 192.0.2.1" #n " 80 {\n weight " #weight "\n }\n"

struct change {
    const char *before;
    const char *after;
    const char *steps; /* a letter each: A R C O, and the field */
};

static const struct change changes[] = {
    {INSTANCE("V", "192.0.2.5\n192.0.2.6"), INSTANCE("V", "192.0.2.5\n192.0.2.6"), ""},
    {INSTANCE("V", "192.0.2.5"), INSTANCE("W", "192.0.2.5"), "C name, "},
    {INSTANCE("V", "192.0.2.5"), INSTANCE("V", "192.0.2.5\n192.0.2.6"), "A vips, "},
    {INSTANCE("V", "192.0.2.5\n192.0.2.6"), INSTANCE("V", "192.0.2.6"), "R vips, "},
    {INSTANCE("V", "192.0.2.5\n192.0.2.6"), INSTANCE("V", "192.0.2.6\n192.0.2.5"), "O vips, "},
    {INSTANCE("V", "192.0.2.5"), INSTANCE("V", "192.0.2.5 dev eth1"), "C interface, A tracked_interfaces, "},
    {INSTANCE("V", "192.0.2.5"), "", "R instances, "},
    {SERVERS(SERVER(1, 1) SERVER(2, 1)), SERVERS(SERVER(1, 1) SERVER(2, 5)), "C weight, "},
    {SERVERS(SERVER(1, 1) SERVER(2, 1)), SERVERS(SERVER(3, 1) SERVER(1, 1) SERVER(2, 1)), "A real_servers, "},
    {SERVERS(SERVER(1, 1) SERVER(2, 1)), SERVERS(SERVER(1, 1) SERVER(3, 1)),
     "R real_servers, A real_servers, "},
};

static void test_each_change_of_a_file_is_one_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct conf_result *before = fake_load(changes[i].before), *after = fake_load(changes[i].after);
        struct conf_difference *difference =
            conf_difference_new(conf_result_model(before), conf_result_model(after));
        char steps[256] = "";

        for (size_t j = 0; j < difference->count; j++)
            snprintf(steps + strlen(steps), sizeof(steps) - strlen(steps), "%c %s, ",
                     "ARCO"[difference->steps[j].kind], difference -> steps[j].field->name);
        assert_string_equal(steps, changes[i].steps);
        conf_difference_free(difference);
        conf_result_free(before);
        conf_result_free(after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_lead_from_one_model_to_the_other),
        cmocka_unit_test(test_nothing_leads_from_a_model_to_itself),
        cmocka_unit_test(test_each_change_of_a_file_is_one_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
