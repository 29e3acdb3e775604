/* The order of scripts: one at a time an object, in order, side by side up to a number, none lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "notify/environment.h"
#include "notify/queue.h"

struct item {
    struct queue_entry entry; /* first member */
    uint64_t object;
    unsigned int number; /* in the order of its object's events */
};

static void test_an_object_waits_for_itself_and_not_for_others(void **state)
{
    struct queue *queue = queue_new(10);
    struct item a1 = {.object = 1}, a2 = {.object = 1}, b1 = {.object = 2};

    (void)state;
    queue_add(queue, 1, &a1.entry);
    queue_add(queue, 1, &a2.entry);
    queue_add(queue, 2, &b1.entry);
    assert_ptr_equal(queue_take(queue), &a1.entry);
    assert_ptr_equal(queue_take(queue), &b1.entry);
    assert_null(queue_take(queue));
    assert_int_equal(queue_running(queue), 2);
    assert_int_equal(queue_waiting(queue), 1);
    queue_done(queue, &b1.entry);
    assert_null(queue_take(queue));
    queue_done(queue, &a1.entry);
    assert_ptr_equal(queue_take(queue), &a2.entry);
    queue_done(queue, &a2.entry);
    assert_null(queue_take(queue));
    queue_free(queue);
}

static void test_no_more_than_so_many_side_by_side(void **state)
{
    struct queue *queue = queue_new(2);
    struct item items[4] = {{.object = 1}, {.object = 2}, {.object = 3}, {.object = 4}};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        queue_add(queue, items[i].object, &items[i].entry);
    assert_ptr_equal(queue_take(queue), &items[0].entry);
    assert_ptr_equal(queue_take(queue), &items[1].entry);
    assert_null(queue_take(queue));
    queue_done(queue, &items[1].entry);
    assert_ptr_equal(queue_take(queue), &items[2].entry);
    assert_null(queue_take(queue));
    queue_free(queue);
}

/* One busy object must not keep the others from their turn. */
static void test_objects_take_turns(void **state)
{
    struct queue *queue = queue_new(1);
    struct item busy[3] = {{.object = 1}, {.object = 1}, {.object = 1}};
    struct item other = {.object = 2};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        queue_add(queue, 1, &busy[i].entry);
    queue_add(queue, 2, &other.entry);
    queue_done(queue, queue_take(queue));
    assert_ptr_equal(queue_take(queue), &other.entry);
    queue_free(queue);
}

static void test_what_has_not_run_can_be_dropped(void **state)
{
    struct queue *queue = queue_new(1);
    struct item a1 = {.object = 1}, a2 = {.object = 1}, b1 = {.object = 2};

    (void)state;
    queue_add(queue, 1, &a1.entry);
    queue_add(queue, 1, &a2.entry);
    queue_add(queue, 2, &b1.entry);
    assert_ptr_equal(queue_take(queue), &a1.entry);
    assert_non_null(queue_drop(queue));
    assert_non_null(queue_drop(queue));
    assert_null(queue_drop(queue));
    queue_done(queue, &a1.entry);
    assert_null(queue_take(queue));
    assert_int_equal(queue_waiting(queue) + queue_running(queue), 0);
    queue_free(queue);
}

#define ITEMS   5000
#define OBJECTS 40

static void test_any_interleaving_keeps_each_objects_order(void **state)
{
    struct queue *queue = queue_new(7);
    struct item *items = calloc(ITEMS, sizeof(*items));
    struct item *running[7] = {0};
    unsigned int added[OBJECTS] = {0}, ended[OBJECTS] = {0};
    size_t next = 0, done = 0;

    (void)state;
    assert_non_null(items);
    srandom(7);
    while (done < ITEMS) {
        struct item *item;
        size_t place = (size_t)random() % 7;

        if (next < ITEMS && random() % 2 == 0) {
            item = &items[next++];
            item->object = (uint64_t)random() % OBJECTS;
            item->number = added[item->object]++;
            queue_add(queue, item->object, &item->entry);
        }
        if (running[place] != NULL) {
            assert_int_equal(running[place]->number, ended[running[place]->object]++);
            queue_done(queue, &running[place]->entry);
            running[place] = NULL;
            done++;
        } else if ((item = (struct item *)queue_take(queue)) != NULL) {
            for (size_t i = 0; i < 7; i++)
                assert_true(running[i] == NULL || running[i]->object != item->object);
            assert_int_equal(item->number, ended[item->object]);
            running[place] = item;
        }
    }
    assert_int_equal(queue_waiting(queue) + queue_running(queue), 0);
    queue_free(queue);
    free(items);
}

/* ------------------------------------------------------------------ environment */

static void test_the_environment_is_cleaned(void **state)
{
    char *given[] = {"HOME=/root", "LD_PRELOAD=/tmp/x.so", "IFS=x",   "PATH=/bin",
                     "LD_AUDIT=y", "NOTIFY_SOCKET=/run/x", "IFSX=ok", NULL};
    char **environment = environment_for_scripts(given);

    (void)state;
    assert_string_equal(environment[0], "HOME=/root");
    assert_string_equal(environment[1], "PATH=/bin");
    assert_string_equal(environment[2], "IFSX=ok");
    assert_null(environment[3]);
    free(environment);
}

static void test_a_path_is_added_where_there_is_none(void **state)
{
    char *given[] = {"LANG=C", NULL};
    char **environment = environment_for_scripts(given);

    (void)state;
    assert_string_equal(environment[0], "LANG=C");
    assert_string_equal(environment[1], ENVIRONMENT_PATH);
    assert_null(environment[2]);
    free(environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_waits_for_itself_and_not_for_others),
        cmocka_unit_test(test_no_more_than_so_many_side_by_side),
        cmocka_unit_test(test_objects_take_turns),
        cmocka_unit_test(test_what_has_not_run_can_be_dropped),
        cmocka_unit_test(test_any_interleaving_keeps_each_objects_order),
        cmocka_unit_test(test_the_environment_is_cleaned),
        cmocka_unit_test(test_a_path_is_added_where_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
