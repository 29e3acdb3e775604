/*
 * Work, of reading and of printing, grows with the text and no faster. What is counted is steps, not time:
 * the compiler calls a function at every branch of libcounted.a, so that two runs on any machine count the
 * same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/print.h"

/* ------------------------------------------------------------------ counting */

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

/* ------------------------------------------------------------------ texts */

typedef void write_text(FILE *out, unsigned int size);

static void write_instance(FILE *out, unsigned int i)
{
    fprintf(out,
            "vrrp_instance V%u {\n interface i%u\n virtual_router_id %u\n priority 100\n"
            " virtual_ipaddress {\n 10.%u.%u.1/24\n }\n",
            i, i / 255, i % 255 + 1, i / 256, i % 256);
}

static void write_instances(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++) {
        write_instance(out, i);
        fputs("}\n", out);
    }
}

static void write_group(FILE *out, unsigned int size)
{
    write_instances(out, size);
    fputs("vrrp_sync_group G {\n group {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  V%u\n", i);
    fputs(" }\n}\n", out);
}

static void write_addresses(FILE *out, unsigned int size)
{
    fputs("vrrp_instance V {\n interface i0\n virtual_router_id 1\n virtual_ipaddress_excluded {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  10.%u.%u.1/24 dev i%u\n", i / 256, i % 256, i % 64);
    fputs(" }\n virtual_ipaddress {\n  192.0.2.1\n }\n}\n", out);
}

static void write_routes(FILE *out, unsigned int size)
{
    fputs("static_routes {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " 10.%u.%u.0/24 via 192.0.2.1 dev i%u\n", i / 256, i % 256, i);
    fputs("}\n", out);
}

static void write_scripts(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++) {
        fprintf(out, "vrrp_script s%u {\n script /bin/true\n user root\n}\n", i);
        write_instance(out, i);
        fprintf(out, " track_script {\n  s%u weight 1\n }\n notify_master /bin/true root\n}\n", i);
    }
}

/* All kinds of what one instance tracks, with weights that the linter finds fault with. */
static void write_tracked(FILE *out, unsigned int size)
{
    static const char *const blocks[] = {"track_script", "track_file", "track_process", "track_interface"};

    for (unsigned int i = 0; i < size; i++)
        fprintf(out,
                "vrrp_script s%u {\n script /bin/true\n user root\n}\ntrack_file s%u {\n file /tmp/f\n}\n"
                "vrrp_track_process s%u {\n process p%u\n}\n",
                i, i, i, i);
    fputs("vrrp_instance V {\n interface i0\n virtual_router_id 1\n nopreempt\n virtual_ipaddress {\n  "
          "192.0.2.1\n }\n",
          out);
    for (size_t block = 0; block < sizeof(blocks) / sizeof(blocks[0]); block++) {
        fprintf(out, " %s {\n", blocks[block]);
        for (unsigned int i = 0; i < size; i++)
            fprintf(out, "  s%u weight 5\n", i);
        fputs(" }\n", out);
    }
    fputs("}\n", out);
}

/* A group and its member track the same. */
static void write_tracked_twice(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "vrrp_track_process p%u {\n process p%u\n}\n", i, i);
    fputs("vrrp_instance V {\n interface i0\n virtual_router_id 1\n virtual_ipaddress {\n  192.0.2.1\n }\n"
          " track_process {\n",
          out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  p%u\n", i);
    fputs(" }\n}\nvrrp_sync_group G {\n group {\n  V\n }\n track_process {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  p%u\n", i);
    fputs(" }\n}\n", out);
}

/* One instance that depends on interfaces for all sorts of reasons. */
static void write_interfaces(FILE *out, unsigned int size)
{
    fputs("track_group T {\n group {\n  V\n }\n}\nstatic_ipaddress {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " 172.%u.%u.1 dev s%u track_group T\n", i / 256, i % 256, i);
    fputs("}\nvrrp_instance V {\n interface i0\n virtual_router_id 1\n track_interface {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  t%u\n", i);
    fputs(" }\n virtual_ipaddress {\n  192.0.2.1\n }\n virtual_ipaddress_excluded {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  10.%u.%u.1/24 dev a%u\n", i / 256, i % 256, i);
    fputs(" }\n virtual_routes {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  10.%u.%u.0/24 dev r%u\n", i / 256, i % 256, i);
    fputs(" }\n}\n", out);
}

static void write_peers(FILE *out, unsigned int size)
{
    fputs("vrrp_instance V {\n interface i0\n virtual_router_id 1\n unicast_peer {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  10.%u.%u.1\n", i / 256, i % 256);
    fputs(" }\n virtual_ipaddress {\n  192.0.2.1\n }\n}\n", out);
}

/* What is said of each interface, and an instance on each. */
static void write_paces(FILE *out, unsigned int size)
{
    fputs("interface_up_down_delays {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " i%u 9\n", i);
    fputs("}\nlinkbeat_interfaces {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " i%u\n", i);
    fputs("}\ngarp_group {\n garp_interval 1\n interfaces {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "  i%u\n", i);
    fputs(" }\n}\n", out);
    write_instances(out, size);
}

static void write_same_addresses(FILE *out, unsigned int size)
{
    for (unsigned int instance = 1; instance < 3; instance++) {
        fprintf(out, "vrrp_instance V%u {\n interface i0\n virtual_router_id %u\n", instance, instance);
        fputs(" virtual_ipaddress {\n  192.0.2.1\n }\n virtual_ipaddress_excluded {\n", out);
        for (unsigned int i = 0; i < size; i++)
            fprintf(out, "  10.%u.%u.1/24\n", i / 256, i % 256);
        fputs(" }\n}\n", out);
    }
}

static void write_sessions(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "bfd_instance b%u {\n neighbor_ip 10.%u.%u.1\n}\n", i, i / 256, i % 256);
}

static void write_track_groups(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++) {
        fprintf(out, "track_group T%u {\n group {\n  V%u\n }\n}\n", i, i);
        write_instance(out, i);
        fprintf(out, "}\nstatic_ipaddress {\n 172.%u.%u.1 dev s track_group T%u\n}\n", i / 256, i % 256, i);
    }
}

static void write_server_groups(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out,
                "virtual_server_group G%u {\n 10.%u.%u.1 80\n}\nvirtual_server group G%u {\n delay_loop 60\n"
                " lb_kind NAT\n protocol TCP\n lb_algo rr\n real_server 172.16.0.1 80 {\n  TCP_CHECK {\n  }\n"
                " }\n}\n",
                i, i / 256, i % 256, i);
}

static void write_server(FILE *out, unsigned int number, unsigned int first, unsigned int count)
{
    fprintf(out, "virtual_server 10.%u.%u.1 80 {\n delay_loop 60\n lb_kind NAT\n protocol TCP\n lb_algo rr\n",
            number / 256, number % 256);
    for (unsigned int i = first; i < first + count; i++)
        fprintf(out,
                " real_server 172.%u.%u.1 8080 {\n  weight 1\n  HTTP_GET {\n   url {\n    path /\n   }\n  }\n"
                " }\n",
                i / 256, i % 256);
    fputs("}\n", out);
}

static void write_servers(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        write_server(out, i, i * 4, 4);
}

static void write_one_server(FILE *out, unsigned int size)
{
    write_server(out, 0, 0, size);
}

static void write_server_group(FILE *out, unsigned int size)
{
    fputs("virtual_server_group G {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " 10.%u.%u.1 80\n", i / 256, i % 256);
    fputs("}\nvirtual_server group G {\n delay_loop 60\n lb_kind NAT\n protocol TCP\n lb_algo rr\n"
          " real_server 172.16.0.1 80 {\n  TCP_CHECK {\n  }\n }\n}\n",
          out);
}

static void write_definitions(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "$NAME%u=value%u\n", i, i);
    fputs("static_routes {\n", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " 10.%u.%u.0/24 dev $NAME%u\n", i / 256, i % 256, i);
    fputs("}\n", out);
}

static void write_comments(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "# \"line\" $%u { !\n\n", i);
    write_instances(out, 1);
}

static void write_nonsense(FILE *out, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, "nonsense%u word { inside%u } }\n", i, i);
}

static void write_one_line(FILE *out, unsigned int size)
{
    fputs("static_routes {\n 192.0.2.0/24", out);
    for (unsigned int i = 0; i < size; i++)
        fprintf(out, " nexthop via 10.%u.%u.1", i / 256, i % 256);
    fputs("\n}\n", out);
}

/* ------------------------------------------------------------------ the measure */

static char *made;
static size_t made_length;

static char *read_made(void *context, const char *path, size_t *length)
{
    char *copy = malloc(made_length + 1);

    (void)context;
    (void)path;
    assert_non_null(copy);
    memcpy(copy, made, made_length);
    copy[made_length] = '\0';
    *length = made_length;
    return copy;
}

static int match_made(void *context, const char *pattern, struct conf_paths *paths)
{
    (void)context;
    paths->items = calloc(1, sizeof(*paths->items));
    assert_non_null(paths->items);
    paths->items[0] = strdup(pattern);
    paths->count = 1;
    return 0;
}

static void free_made(void *context, struct conf_paths *paths)
{
    (void)context;
    free(paths->items[0]);
    free(paths->items);
}

static uint64_t steps_for(write_text *write, unsigned int size)
{
    struct conf_host host = conf_host_system;
    const struct conf_load_request request = {.path = "/made", .config_id = "node1", .host = &host};
    FILE *out = open_memstream(&made, &made_length);
    struct conf_result *result;

    host.read_file = read_made;
    host.open_file = NULL;
    host.match = match_made;
    host.match_free = free_made;
    host.has_interface = NULL;
    host.speaks_multicast = NULL;
    host.script_files = NULL;
    write(out, size);
    assert_int_equal(fclose(out), 0);
    steps = 0;
    result = conf_load(&request);
    assert_non_null(result);
    free(conf_print(conf_result_model(result)));
    assert_true(steps > size);
    conf_result_free(result);
    free(made);
    return steps;
}

#define SIZE 2500 /* more than the messages that are kept, so that they all have been made at half of it */

/* From one size to the double, and once more: whatever has a square in it would soon be at four. */
static void grows_in_step(const char *what, write_text *write)
{
    uint64_t half = steps_for(write, SIZE), whole = steps_for(write, 2 * SIZE),
             twice = steps_for(write, 4 * SIZE);

    if (whole - half > 0 && (twice - whole) * 100 > (whole - half) * 225)
        fail_msg("%s: %lu steps for %u, %lu for %u, %lu for %u", what, (unsigned long)half, SIZE,
                 (unsigned long)whole, 2 * SIZE, (unsigned long)twice, 4 * SIZE);
}

static void test_work_grows_with_the_text(void **state)
{
    (void)state;
    grows_in_step("instances", write_instances);
    grows_in_step("members of a group", write_group);
    grows_in_step("addresses of an instance", write_addresses);
    grows_in_step("routes", write_routes);
    grows_in_step("scripts", write_scripts);
    grows_in_step("what one instance tracks", write_tracked);
    grows_in_step("what a group and its member track", write_tracked_twice);
    grows_in_step("interfaces of one instance", write_interfaces);
    grows_in_step("unicast peers", write_peers);
    grows_in_step("paces and delays of interfaces", write_paces);
    grows_in_step("addresses of two instances", write_same_addresses);
    grows_in_step("BFD sessions", write_sessions);
    grows_in_step("track_groups", write_track_groups);
    grows_in_step("virtual_server_groups", write_server_groups);
    grows_in_step("virtual servers", write_servers);
    grows_in_step("real servers of one", write_one_server);
    grows_in_step("entries of a virtual_server_group", write_server_group);
    grows_in_step("definitions", write_definitions);
    grows_in_step("comments", write_comments);
    grows_in_step("nonsense", write_nonsense);
    grows_in_step("words of a line", write_one_line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_work_grows_with_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
