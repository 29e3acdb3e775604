/* Diagnostics as JSON have all that the text has, for editors and CI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <json-c/json.h>
#include <string.h>

#include "conf/check.h"
#include "fake_host.h"

static struct json_object *check(const char *text)
{
    struct conf_result *result = fake_load(text);
    struct json_object *object = conf_check_json(result);

    conf_result_free(result);
    return object;
}

/* The first diagnostic of that problem. */
static struct json_object *find(struct json_object *object, const char *problem)
{
    struct json_object *list = json_object_object_get(object, "diagnostics");

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);

        if (strcmp(json_object_get_string(json_object_object_get(item, "problem")), problem) == 0)
            return item;
    }
    fail_msg("no problem '%s'", problem);
    return NULL;
}

static const char *text_of(struct json_object *object, const char *name)
{
    return json_object_get_string(json_object_object_get(object, name));
}

static int number_of(struct json_object *object, const char *name)
{
    return json_object_get_int(json_object_object_get(object, name));
}

static void test_a_place_with_its_line(void **state)
{
    struct json_object *object = check("vrrp_instance V {\n interface eth0\n priority100\n}\n");
    struct json_object *item = find(object, "unknown_keyword");

    (void)state;
    assert_string_equal(text_of(item, "severity"), "warning");
    assert_string_equal(text_of(item, "file"), "/etc/tandem/tandem.conf");
    assert_int_equal(number_of(item, "line"), 3);
    assert_int_equal(number_of(item, "column"), 2);
    assert_int_equal(number_of(item, "width"), 11);
    assert_string_equal(text_of(item, "source"), " priority100");
    assert_non_null(strstr(text_of(item, "advice"), "priority 100"));
    json_object_put(object);
}

static void test_expansions_newest_first(void **state)
{
    struct json_object *object = check("$BODY= \\\n virtual_router_id $ID \\\n interface eth0\n\n$ID=999\n"
                                       "vrrp_instance V {\n $BODY\n}\n");
    struct json_object *list = json_object_object_get(find(object, "value"), "expansions");

    (void)state;
    assert_int_equal(json_object_array_length(list), 2);
    assert_string_equal(text_of(json_object_array_get_idx(list, 0), "name"), "$ID");
    assert_int_equal(number_of(json_object_array_get_idx(list, 0), "line"), 2);
    assert_string_equal(text_of(json_object_array_get_idx(list, 1), "name"), "$BODY");
    assert_int_equal(number_of(json_object_array_get_idx(list, 1), "line"), 7);
    json_object_put(object);
}

static void test_related_places(void **state)
{
    struct json_object *object = check("vrrp_instance V {\n interface eth0\n virtual_router_id 5\n}\n"
                                       "vrrp_instance V {\n}\n");
    struct json_object *list = json_object_object_get(find(object, "duplicate"), "related");

    (void)state;
    assert_int_equal(number_of(json_object_array_get_idx(list, 0), "line"), 1);
    assert_string_equal(text_of(json_object_array_get_idx(list, 0), "text"), "first defined here");
    json_object_put(object);
}

static void test_open_blocks_and_the_order_of_the_file(void **state)
{
    struct json_object *object =
        check("global_defs {\n oops\n}\nvrrp_instance V {\n interface eth0\n oops\n");
    struct json_object *list = json_object_object_get(object, "diagnostics");
    int before = 0;

    (void)state;
    assert_int_equal(number_of(find(object, "brace"), "line"), 4);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        int line = number_of(json_object_array_get_idx(list, i), "line");

        assert_true(line >= before);
        before = line;
    }
    json_object_put(object);
}

static void test_every_problem_has_a_name(void **state)
{
    struct json_object *object = check("vrrp_track_file f {\n}\n");

    (void)state;
    assert_string_equal(text_of(find(object, "deprecated"), "severity"), "note");
    json_object_put(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_place_with_its_line),
        cmocka_unit_test(test_expansions_newest_first),
        cmocka_unit_test(test_related_places),
        cmocka_unit_test(test_open_blocks_and_the_order_of_the_file),
        cmocka_unit_test(test_every_problem_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
