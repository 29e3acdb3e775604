/* How many checker processes the reader asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/reader.h"

static void test_processes(void **state)
{
    (void)state;
    assert_int_equal(reader_checker_processes(0, 0, 4), 0);
    assert_int_equal(reader_checker_processes(1, 0, 4), 1);
    assert_int_equal(reader_checker_processes(5000, 200000, 4), 1);
    assert_int_equal(reader_checker_processes(5001, 1, 4), 2);
    assert_int_equal(reader_checker_processes(100, 200001, 4), 2);
    assert_int_equal(reader_checker_processes(100000, 1, 4), 4);
    assert_int_equal(reader_checker_processes(100000, 1, 64), 8);
    assert_int_equal(reader_checker_processes(8, UINT64_MAX / 2, 64), 8);
    assert_int_equal(reader_checker_processes(10000, 1, -1), 1); /* the number of processors is not known */
    assert_int_equal(reader_checker_processes(UINT32_MAX, 1, 64), 8);
}

static void add_check(struct conf_model *model, struct conf_real_server *server, enum conf_checker_type type,
                      int64_t interval_us)
{
    struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

    checker->type = type;
    checker->delay_loop_us = interval_us;
    conf_list_add(model, &server->checkers, checker);
}

static void test_how_busy_checks_are(void **state)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *virtual_server = conf_model_alloc(model, sizeof(*virtual_server));
    struct conf_real_server *server = conf_model_alloc(model, sizeof(*server));
    uint64_t tcp_us, ssl_us;

    (void)state;
    conf_list_add(model, &virtual_server->real_servers, server);
    conf_list_add(model, &model->virtual_servers, virtual_server);
    assert_int_equal(reader_checks_busy_us(model), 0);
    add_check(model, server, CONF_CHECK_TCP, 1000000);
    tcp_us = reader_checks_busy_us(model);
    assert_true(tcp_us > 0);
    add_check(model, server, CONF_CHECK_TCP, 500000); /* twice as often */
    assert_int_equal(reader_checks_busy_us(model), 3 * tcp_us);
    add_check(model, server, CONF_CHECK_SSL, 1000000);
    ssl_us = reader_checks_busy_us(model) - 3 * tcp_us;
    assert_true(ssl_us > 5 * tcp_us);
    conf_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_processes),
                                       cmocka_unit_test(test_how_busy_checks_are)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
