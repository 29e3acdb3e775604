/* Rules for no_accept: which addresses are in them, in which sets, and what never gets into nft's language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/kernel/accept_rules.h"

static struct conf_vip vips[4];
static struct conf_vip *list[4] = {&vips[0], &vips[1], &vips[2], &vips[3]};
static struct conf_instance instance;
static struct conf_instance *instances[1] = {&instance};
static struct conf_model model;

static int begin(void **state)
{
    static const char *const addresses[] = {"192.0.2.1", "2001:db8::1", "fe80::1", "192.0.2.2"};

    (void)state;
    memset(&model, 0, sizeof(model));
    memset(&instance, 0, sizeof(instance));
    for (size_t i = 0; i < 4; i++) {
        memset(&vips[i], 0, sizeof(vips[i]));
        assert_true(ip_address_parse(addresses[i], &vips[i].address));
        vips[i].interface = "eth0";
    }
    instance.vips.items = list;
    instance.vips.count = 4;
    model.instances.items = instances;
    model.instances.count = 1;
    model.global.nftables_table = "keepalived";
    model.global.nftables_priority = -1;
    return 0;
}

static void assert_text(const char *wanted)
{
    char *text = accept_rules_text(&model);

    if (wanted == NULL)
        assert_null(text);
    else
        assert_string_equal(text, wanted);
    free(text);
}

static void test_the_whole_text(void **state)
{
    (void)state;
    assert_text("add table inet keepalived\n"
                "delete table inet keepalived\n"
                "table inet keepalived {\n"
                " set addresses4 {\n  type ipv4_addr\n  elements = { 192.0.2.1, 192.0.2.2 }\n }\n"
                " set addresses6 {\n  type ipv6_addr\n  elements = { 2001:db8::1 }\n }\n"
                " set links6 {\n  type ipv6_addr . ifname\n  elements = { fe80::1 . \"eth0\" }\n }\n"
                " chain input {\n  type filter hook input priority -1; policy accept;\n"
                "  ip daddr @addresses4 drop\n"
                "  icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
                "  ip6 daddr @addresses6 drop\n"
                "  ip6 daddr . iifname @links6 drop\n }\n"
                " chain output {\n  type filter hook output priority -1; policy accept;\n"
                "  ip saddr @addresses4 drop\n"
                "  icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
                "  ip6 saddr @addresses6 drop\n"
                "  ip6 saddr . oifname @links6 drop\n }\n"
                "}\n");
}

static void test_who_accepts_needs_none(void **state)
{
    (void)state;
    instance.accept = true;
    assert_text(NULL);
    instance.accept = false;
    instance.vips.count = 0;
    assert_text(NULL);
}

static void test_settings(void **state)
{
    char *text;

    (void)state;
    model.global.nftables_table = "mine";
    model.global.nftables_priority = 10;
    model.global.nftables_counters = true;
    text = accept_rules_text(&model);
    assert_non_null(strstr(text, "table inet mine {"));
    assert_non_null(strstr(text, "hook output priority 10;"));
    assert_non_null(strstr(text, "ip daddr @addresses4 counter drop"));
    free(text);
}

static void test_names_cannot_bring_commands(void **state)
{
    char *text;

    (void)state;
    vips[2].interface = "a\" } flush ruleset";
    model.global.nftables_table = "x { } ; flush ruleset";
    text = accept_rules_text(&model);
    assert_null(strstr(text, "flush"));
    assert_non_null(strstr(text, "table inet keepalived {"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_whole_text, begin),
        cmocka_unit_test_setup(test_who_accepts_needs_none, begin),
        cmocka_unit_test_setup(test_settings, begin),
        cmocka_unit_test_setup(test_names_cannot_bring_commands, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
