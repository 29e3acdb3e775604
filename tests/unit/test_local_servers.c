/* Which virtual servers with ha_suspend have an address on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/kernel/local_servers.h"

static char told[256];

static void note(uint64_t key, bool local, void *data)
{
    size_t length = strlen(told);

    (void)data;
    snprintf(told + length, sizeof(told) - length, "%s%d %s", length > 0 ? ", " : "", (int)key,
             local ? "here" : "away");
}

static void expect_told(struct local_servers *servers, bool all, const char *text)
{
    told[0] = '\0';
    local_servers_tell(servers, all, note, NULL);
    assert_string_equal(told, text);
}

static struct ip_address address_of(const char *text)
{
    struct ip_address address;

    assert_true(ip_address_parse(text, &address));
    return address;
}

static void address(struct local_servers *servers, const char *text, uint32_t ifindex, bool exists)
{
    struct kernel_address kernel = {.ifindex = ifindex, .address = address_of(text)};

    local_servers_address(servers, &kernel, exists);
}

static struct conf_virtual_server *add_server(struct conf_model *model, uint64_t key, bool suspend)
{
    struct conf_virtual_server *server = conf_model_alloc(model, sizeof(*server));

    server->key = key;
    server->ha_suspend = suspend;
    conf_list_add(model, &model->virtual_servers, server);
    return server;
}

static void add_service(struct conf_model *model, struct conf_virtual_server *server, const char *first,
                        uint32_t count)
{
    struct conf_service *service = conf_model_alloc(model, sizeof(*service));

    service->first.address = address_of(first);
    service->count = count;
    conf_list_add(model, &server->services, service);
}

/* 1: one address. 2: a range and an IPv6 address. 3: without ha_suspend. */
static struct conf_model *three_servers(void)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *group;

    add_service(model, add_server(model, 1, true), "192.0.2.1", 1);
    group = add_server(model, 2, true);
    add_service(model, group, "192.0.2.10", 5);
    add_service(model, group, "2001:db8::1", 1);
    add_service(model, add_server(model, 3, false), "192.0.2.1", 1);
    return model;
}

static void test_addresses_come_and_go(void **state)
{
    struct local_servers *servers = local_servers_new();
    struct conf_model *model = three_servers();

    (void)state;
    local_servers_configure(servers, model);
    expect_told(servers, false, "1 away, 2 away"); /* the first word */
    expect_told(servers, false, "");
    address(servers, "192.0.2.1", 2, true);
    address(servers, "192.0.2.9", 2, true); /* nobody's */
    expect_told(servers, false, "1 here");
    address(servers, "192.0.2.1", 2, true); /* a lease that is refreshed */
    address(servers, "192.0.2.14", 2, true);
    address(servers, "2001:db8::1", 3, true);
    expect_told(servers, false, "2 here");
    address(servers, "192.0.2.14", 2, false);
    expect_told(servers, false, ""); /* it has another one */
    address(servers, "2001:db8::1", 3, false);
    expect_told(servers, false, "2 away");
    address(servers, "192.0.2.15", 2, true); /* behind the range */
    expect_told(servers, false, "");
    expect_told(servers, true, "1 here, 2 away");
    local_servers_free(servers);
    conf_model_free(model);
}

static void test_an_address_on_two_interfaces(void **state)
{
    struct local_servers *servers = local_servers_new();
    struct conf_model *model = three_servers();

    (void)state;
    local_servers_configure(servers, model);
    address(servers, "192.0.2.1", 2, true);
    address(servers, "192.0.2.1", 3, true);
    expect_told(servers, false, "1 here, 2 away");
    address(servers, "192.0.2.1", 2, false);
    expect_told(servers, false, "");
    local_servers_forget(servers); /* a dump begins, and does not name it */
    expect_told(servers, false, "1 away");
    local_servers_free(servers);
    conf_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_come_and_go),
        cmocka_unit_test(test_an_address_on_two_interfaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
