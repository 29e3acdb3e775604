/*
 * The advance: what of a reload may go ahead, and that it never goes where the whole does not follow.
 *
 * The last test edits a configuration at random, thousands of times, and holds each advance against the load
 * of the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/advance.h"
#include "conf/digest.h"
#include "conf/outline.h"
#include "conf/served_host.h"
#include "fake_host.h"

#define PATH "/etc/tandem/tandem.conf"

#define REST                                                                                                 \
    "# a comment { with a brace\n"                                                                           \
    "global_defs {\n    router_id \"one # of { two\"   ! said } twice\n    script_user root\n"               \
    "    enable_script_security\n}\n\n"                                                                      \
    "vrrp_instance V {\n    interface eth0\n    virtual_router_id 7\n    priority 100\n"                     \
    "    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n\n"
#define SETTINGS "    lvs_sched rr\n    lvs_method NAT\n    protocol TCP\n"
#define REAL(last)                                                                                           \
    "    real_server 10.0.0." last " 80 {\n        weight 2\n        TCP_CHECK {\n        }\n    }\n"
#define SERVER(last, in) "virtual_server 192.0.2." last " 80 {\n" SETTINGS in "}\n"
#define ONE              SERVER("11", REAL("1"))
#define TWO              SERVER("12", REAL("2"))
#define THREE            SERVER("13", REAL("3") REAL("4"))

#define BOUND    SERVER("12", "    real_server 10.0.0.1 80 {\n TCP_CHECK {\n bind_if eth1\n }\n }\n")
#define SCRIPTED SERVER("12", "    quorum_up /bin/true alice\n" REAL("1"))

/* ------------------------------------------------------------------ loads */

static struct conf_result *load(const char *text, size_t length, bool reload, uint64_t *asked)
{
    const struct fake_file files[] = {{PATH, "it is served"}, {NULL, NULL}};
    struct conf_served_host host;
    const struct conf_load_request request = {
        .path = PATH, .config_id = "node1", .host = &host.host, .replaces_running = reload};
    struct conf_result *result;

    fake_host_files(files);
    conf_served_host_begin(&host, &fake_host, PATH, text, length);
    result = conf_load(&request);
    assert_non_null(result);
    *asked = host.asked;
    return result;
}

/* As the reader makes it; NULL if there is none. */
static uint8_t *record_of(const char *text, const struct conf_result *result, uint64_t asked, size_t *bytes)
{
    size_t length;
    uint64_t asked_for_rest = 0;
    char *rest = conf_advance_rest(text, strlen(text), &length);

    if (rest == NULL)
        return NULL;
    conf_result_free(load(rest, length, true, &asked_for_rest));
    free(rest);
    if (asked_for_rest != asked)
        return NULL;
    return conf_record_make(text, strlen(text), result, conf_result_model(result), asked, bytes);
}

/* One reload. */
struct scene {
    struct conf_result *old;
    uint8_t *bytes;
    struct conf_record record;
    struct conf_advance advance;
    struct conf_result *part;
    bool found;
    bool settled; /* there is an advance */
};

static void begin(struct scene *scene, const char *old, const char *now)
{
    uint64_t asked;
    size_t bytes;

    *scene = (struct scene){.old = load(old, strlen(old), false, &asked)};
    scene->bytes = record_of(old, scene->old, asked, &bytes);
    if (scene->bytes == NULL)
        return;
    assert_true(conf_record_open(scene->bytes, bytes, &scene->record));
    scene->found = conf_advance_find(&scene->record, now, strlen(now), &scene->advance);
    if (!scene->found)
        return;
    scene->part = load(scene->advance.text, scene->advance.length, true, &asked);
    scene->settled = conf_advance_settle(&scene->record, &scene->advance, scene->part, asked);
}

static void end(struct scene *scene)
{
    conf_advance_free(&scene->advance);
    conf_result_free(scene->part);
    conf_result_free(scene->old);
    free(scene->bytes);
}

/* ------------------------------------------------------------------ single reloads */

static void test_what_goes_ahead(void **state)
{
    static const struct {
        const char *old;
        const char *now;
        uint32_t servers;
        uint32_t gone;
    } cases[] = {
        {REST ONE TWO THREE, REST ONE SERVER("12", REAL("9")) THREE, 1, 0},
        {REST ONE TWO THREE, REST ONE SERVER("99", REAL("2")) THREE, 1, 1},
        {REST ONE TWO THREE, REST ONE THREE, 0, 1},
        {REST ONE THREE, REST ONE TWO THREE, 1, 0},
        {REST ONE THREE, REST ONE THREE TWO, 1, 0},
        {REST ONE THREE, REST TWO "\n# new\n" ONE THREE, 1, 0},
        {REST ONE TWO THREE, ONE THREE REST, 0, 1},
        {REST ONE TWO THREE, REST THREE ONE, 0, 1},
        {REST ONE TWO, REST SERVER("11", REAL("7")) SERVER("12", REAL("8")) THREE, 3, 0},
        {REST ONE TWO, REST ONE "virtual_server 192.0.2.12 80\n{\n # {\n" SETTINGS REAL("5") "}", 1, 0},
        {REST "virtual_server fwmark 5 {\n lvs_sched rr\n lvs_method NAT\n" REAL("1") "}\n" ONE,
         REST "virtual_server fwmark 6 {\n lvs_sched rr\n lvs_method NAT\n" REAL("1") "}\n" ONE, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;

        begin(&scene, cases[i].old, cases[i].now);
        if (!scene.settled)
            fail_msg("case %zu does not go ahead", i);
        assert_int_equal(scene.advance.servers, cases[i].servers);
        assert_int_equal(scene.advance.gone_count, cases[i].gone);
        end(&scene);
    }
}

static void test_what_does_not(void **state)
{
    static const struct {
        const char *old;
        const char *now;
    } cases[] = {
        {REST ONE TWO, REST ONE TWO},                                 /* nothing is new */
        {REST ONE TWO, REST "# only this\n\n" ONE TWO},               /* nor here */
        {REST ONE TWO, "global_defs {\n router_id two\n}\n" ONE},     /* the rest is another */
        {REST ONE TWO, REST "static_ipaddress {\n}\n" ONE},           /* or longer */
        {REST ONE TWO, ONE},                                          /* or is not there */
        {REST ONE TWO, REST ONE TWO ONE},                             /* twice the same */
        {REST ONE TWO, REST ONE TWO SERVER("11", REAL("9"))},         /* twice the same key */
        {REST ONE TWO, REST ONE SERVER("12", "")},                    /* complained of: no real server */
        {REST ONE TWO, REST ONE SERVER("12", REAL("1") "bogus 1\n")}, /* so is this */
        {REST ONE TWO, REST ONE SERVER("12", REAL("2") "} {\n")},     /* braces out of order */
        {REST ONE TWO, REST ONE SERVER("12", REAL("2") "\"\n")},      /* a quote left open */
        {REST ONE TWO, REST ONE "virtual_server 192.0.2.12 80 {\n" SETTINGS REAL("5")}, /* half written */
        {REST ONE TWO, REST ONE "$X=1\n" SERVER("12", REAL("7"))},
        {REST ONE TWO, REST ONE SERVER("12", "@node2 " REAL("7"))},
        {REST ONE TWO, REST ONE "include other\n"},
        {REST ONE TWO, "\xef\xbb\xbf" REST ONE},
        {REST ONE TWO, REST ONE SCRIPTED},          /* the machine is asked for the user */
        {REST ONE TWO, "\xef\xbb\xbf" ONE REST},    /* no keyword begins so */
        {"$X=1\n" REST ONE TWO, "$X=1\n" REST ONE}, /* no outline, no record */
        {REST ONE SCRIPTED, REST ONE},              /* who may be gone by now */
        {REST ONE TWO, REST ONE BOUND},             /* or for an interface */
        {REST ONE BOUND, REST BOUND},
        {REST ONE SERVER("12", ""), REST ONE}, /* of what is complained of there is no record */
        {"virtual_server_group G {\n 192.0.2.50 80\n}\n" REST ONE
         "virtual_server group G {\n" SETTINGS REAL("1") "}\n",
         "virtual_server_group G {\n 192.0.2.50 80\n}\n" REST
         "virtual_server group G {\n" SETTINGS REAL("1") "}\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;

        begin(&scene, cases[i].old, cases[i].now);
        if (scene.settled)
            fail_msg("case %zu goes ahead", i);
        end(&scene);
    }
}

static void test_a_text_with_a_nul_has_no_outline(void **state)
{
    char text[] = ONE "# here: _\n" TWO;
    size_t length;
    char *rest = conf_advance_rest(text, sizeof(text) - 1, &length);

    (void)state;
    assert_non_null(rest);
    free(rest);
    *strchr(text, '_') = '\0';
    assert_null(conf_advance_rest(text, sizeof(text) - 1, &length));
}

static void test_a_damaged_record_is_none(void **state)
{
    struct conf_record record;
    struct scene scene;
    uint64_t *room;
    size_t bytes;

    (void)state;
    begin(&scene, REST ONE TWO, REST ONE);
    assert_true(scene.settled);
    bytes = (size_t)(scene.record.text + scene.record.length - (const char *)scene.bytes);
    room = calloc(1, bytes + sizeof(*room));
    assert_non_null(room);
    for (size_t at = 0; at < bytes; at++) { /* what it says is heeded, but nothing outside is touched */
        memcpy(room, scene.bytes, bytes);
        ((uint8_t *)room)[at] ^= 0xff;
        if (conf_record_open(room, bytes, &record)) {
            struct conf_advance advance;

            if (conf_advance_find(&record, REST ONE, strlen(REST ONE), &advance))
                conf_advance_free(&advance);
        }
        assert_false(conf_record_open(scene.bytes, at, &record));
    }
    free(room);
    end(&scene);
}

/* ------------------------------------------------------------------ random edits */

#define TEXT_MAX 32768
#define ROUNDS   2000

static uint64_t seed = 88172645463325252ULL;

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % below;
}

static void replace(char *text, size_t at, size_t removed, const char *inserted)
{
    size_t length = strlen(text), added = strlen(inserted);

    if (length - removed + added + 1 > TEXT_MAX)
        return;
    memmove(text + at + added, text + at + removed, length - at - removed + 1);
    memcpy(text + at, inserted, added);
}

/* Of a line drawn at random: where it begins, and its length with the newline. */
static size_t draw_line(const char *text, size_t *length)
{
    size_t at = text[0] == '\0' ? 0 : draw((uint32_t)strlen(text));
    const char *newline;

    while (at > 0 && text[at - 1] != '\n')
        at--;
    newline = strchr(text + at, '\n');
    *length = newline == NULL ? strlen(text + at) : (size_t)(newline - text) + 1 - at;
    return at;
}

/* Of a virtual_server drawn at random, as this file writes them; an empty text if there is none. */
static size_t draw_server(const char *text, size_t *length)
{
    const char *found = strstr(text, "virtual_server 1"), *last = NULL, *end;

    for (uint32_t skipped = draw(8); found != NULL && (skipped > 0 || last == NULL); skipped--) {
        last = found;
        found = strstr(found + 1, "virtual_server 1");
        if (skipped == 0)
            break;
    }
    *length = 0;
    if (last == NULL)
        return strlen(text);
    end = strstr(last, "\n}\n");
    *length = end == NULL ? strlen(last) : (size_t)(end + 3 - last);
    return (size_t)(last - text);
}

static const char *draw_text(void)
{
    static char server[1024];
    static const char *const lines[] = {
        "}\n",
        "{\n",
        "\n",
        "# {\n",
        "! }\n",
        "    weight 5\n",
        "bogus 1\n",
        "\"\n",
        "$X=1\n",
        "@node2 foo\n",
        "include none\n",
        "virtual_server 192.0.2.11 80 {\n",
        "global_defs {\n}\n",
        "    quorum 9\n",
        "    real_server 10.0.1.1 80 {\n    }\n",
        "    real_server 10.0.1.2 80 { weight 3 }\n",
        "    quorum_up \"/bin/true\"\n",
        "virtual_server_group G {\n}\n",
        "static_ipaddress {\n}\n",
        "    sorry_server 10.0.0.9 80\n",
        "    persistence_timeout 50\n",
        "    alpha\n",
        "\xef\xbb\xbf",
        "    lvs_sched wrr # {\n",
        "virtual_server fwmark 3 {\n",
        "    TCP_CHECK {\n",
        "~SEQ(a, 1) \n",
        "\\\n",
        "    TCP_CHECK {\n bindto 10.0.0.1\n }\n",
        "garbage",
        " {",
        "} ",
        "\r\n",
        "\"a } b\" ",
    };

    if (draw(3) > 0)
        return lines[draw(sizeof(lines) / sizeof(lines[0]))];
    snprintf(server, sizeof(server),
             "virtual_server 192.0.2.%u 80 {\n" SETTINGS "    real_server 10.0.0.%u 80 {\n    }\n}\n",
             10 + draw(20), 1 + draw(9));
    return server;
}

static void edit(char *text)
{
    char moved[TEXT_MAX];
    size_t length, other, at;

    switch (draw(9)) {
    case 0: /* a line goes */
        at = draw_line(text, &length);
        replace(text, at, length, "");
        break;
    case 1: /* or comes */
    case 2:
        at = draw_line(text, &length);
        replace(text, at, 0, draw_text());
        break;
    case 3: /* a server goes */
        at = draw_server(text, &length);
        replace(text, at, length, "");
        break;
    case 4: /* comes once more, perhaps to go where it was */
        at = draw_server(text, &length);
        snprintf(moved, sizeof(moved), "%.*s", (int)length, text + at);
        if (draw(4) > 0)
            replace(text, at, length, "");
        at = draw_server(text, &other);
        replace(text, at, 0, moved);
        break;
    case 5: /* a digit changes */
        at = draw_line(text, &length);
        for (size_t i = at; i < at + length; i++) {
            if (text[i] >= '0' && text[i] <= '9' && draw(3) == 0)
                text[i] = (char)('0' + draw(10));
        }
        break;
    case 6: /* another server comes */
        at = draw_server(text, &length);
        replace(text, at, 0, draw_text());
        break;
    case 7: /* the server's settings change */
        at = draw_server(text, &length);
        if (length > 0)
            replace(text, at + strcspn(text + at, "\n") + 1, 0, draw_text());
        break;
    case 8: /* a byte changes */
        at = text[0] == '\0' ? 0 : draw((uint32_t)strlen(text));
        if (text[0] != '\0')
            text[at] = " \n{}\"#!$a1"[draw(10)];
        break;
    }
}

static const struct conf_virtual_server *find(const struct conf_model *model, uint64_t key)
{
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        if (model->virtual_servers.items[i]->key == key)
            return model->virtual_servers.items[i];
    }
    return NULL;
}

static char *text_of(const struct conf_model *model, const struct conf_virtual_server *server)
{
    struct conf_model alone = *model;
    struct conf_virtual_server *items[1] = {(struct conf_virtual_server *)(uintptr_t)server};

    alone.virtual_servers.items = items;
    alone.virtual_servers.count = 1;
    return conf_canonical_text(&alone, NULL);
}

static bool is_gone(const struct conf_advance *advance, uint64_t key)
{
    for (uint32_t i = 0; i < advance->gone_count; i++) {
        if (advance->gone[i] == key)
            return true;
    }
    return false;
}

/* The virtual servers that the director has after the advance are those of the whole. */
static void expect_the_same(const struct scene *scene, const struct conf_model *whole)
{
    const struct conf_model *old = conf_result_model(scene->old), *part = conf_result_model(scene->part);
    uint32_t count = part->virtual_servers.count;

    for (uint32_t i = 0; i < old->virtual_servers.count; i++) {
        uint64_t key = old->virtual_servers.items[i]->key;

        count += find(part, key) == NULL && !is_gone(&scene->advance, key);
    }
    assert_int_equal(count, whole->virtual_servers.count);
    for (uint32_t i = 0; i < whole->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = whole->virtual_servers.items[i];
        const struct conf_model *model = find(part, server->key) != NULL ? part : old;
        char *wanted = text_of(whole, server), *text;

        assert_non_null(find(model, server->key));
        assert_false(is_gone(&scene->advance, server->key));
        text = text_of(model, find(model, server->key));
        assert_string_equal(text, wanted);
        free(text);
        free(wanted);
    }
}

static void test_the_whole_follows_every_advance(void **state)
{
    static char old[TEXT_MAX] = REST ONE TWO THREE, now[TEXT_MAX];
    uint32_t advances = 0, refused = 0;

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct conf_result *whole;
        struct scene scene;
        uint64_t asked;

        strcpy(now, old);
        for (uint32_t edits = 1 + draw(3); edits > 0; edits--)
            edit(now);
        begin(&scene, old, now);
        whole = load(now, strlen(now), true, &asked);
        refused += conf_result_outcome(whole) != CONF_OUTCOME_GOOD;
        if (scene.settled && conf_result_outcome(whole) != CONF_OUTCOME_GOOD)
            fail_msg("round %" PRIu32 ": ahead of a whole that is not good:\n%s", round, now);
        if (scene.settled)
            expect_the_same(&scene, conf_result_model(whole));
        advances += scene.settled;
        if (conf_result_outcome(whole) == CONF_OUTCOME_GOOD && draw(2) == 0)
            strcpy(old, now);
        if (scene.bytes == NULL || strlen(old) > 6000)
            strcpy(old, REST ONE TWO THREE);
        conf_result_free(whole);
        end(&scene);
    }
    print_message("%" PRIu32 " of %d reloads went ahead, %" PRIu32 " were not good\n", advances, ROUNDS,
                  refused);
    assert_true(advances > ROUNDS / 10 && refused > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_ahead),
        cmocka_unit_test(test_what_does_not),
        cmocka_unit_test(test_a_text_with_a_nul_has_no_outline),
        cmocka_unit_test(test_a_damaged_record_is_none),
        cmocka_unit_test(test_the_whole_follows_every_advance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
