/* The canonical text and its digest: what counts, what does not, and no secret in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "sample_model.h"

static void test_the_text_says_what_is_configured(void **state)
{
    struct conf_model *model = sample_model();
    char *text = conf_canonical_text(model, NULL);

    (void)state;
    assert_non_null(strstr(text, "global.router_id \"lb1 \\x22left\\x22\"\n"));
    assert_non_null(strstr(text, "    garp.master_delay_s 1\n"));
    assert_non_null(strstr(text, "    notify.master.words \"/usr/local/bin/on-master\" \"an argument\"\n"));
    assert_non_null(strstr(text, "    vip {\n        address 192.0.2.100\n        prefix_length 24\n"));
    assert_non_null(strstr(text, "    lease_us -1\n"));
    assert_non_null(strstr(text, "    members \"VI_6\"\n    members \"VI_1\"\n"));
    assert_non_null(strstr(text, "            connect 10.0.0.1:8080\n"));
    assert_null(strstr(text, " key "));
    assert_null(strstr(text, "router_id 0"));
    free(text);
    conf_model_free(model);
}

static void test_secrets_are_blanked(void **state)
{
    struct conf_model *model = sample_model();
    char *text = conf_canonical_text(model, NULL);
    uint8_t digest[16];

    (void)state;
    assert_null(strstr(text, SAMPLE_PASSWORD));
    assert_null(strstr(text, SAMPLE_HMAC_KEY));
    assert_null(strstr(text, SAMPLE_MAIL_PASSWORD));
    assert_non_null(strstr(text, "auth_data (secret)\n"));
    assert_null(strstr(text, SAMPLE_TLS));
    assert_non_null(strstr(text, "global.tls.private_key (secret)\n"));
    memcpy(model->instances.items[0]->auth_data, "another", 8);
    conf_digest(model, digest);
    assert_memory_equal(digest, model->digest, 16);
    free(text);
    conf_model_free(model);
}

static void test_a_setting_changes_the_digest(void **state)
{
    struct conf_model *model = sample_model(), *same = sample_model();
    uint8_t digest[16];

    (void)state;
    assert_memory_equal(model->digest, same->digest, 16);
    same->virtual_servers.items[1]->real_servers.items[0]->weight++;
    conf_digest(same, digest);
    assert_memory_not_equal(digest, model->digest, 16);
    conf_model_free(same);
    conf_model_free(model);
}

/* SHA-256 of nothing, cut to 128 bits (FIPS 180-4). */
static void test_the_digest_of_nothing(void **state)
{
    struct conf_model *model = conf_model_new();
    char text[CONF_DIGEST_TEXT];
    uint8_t digest[16];

    (void)state;
    conf_digest(model, digest);
    assert_string_equal(conf_digest_text(digest, text), "e3b0c44298fc1c149afbf4c8996fb924");
    conf_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_text_says_what_is_configured),
        cmocka_unit_test(test_secrets_are_blanked),
        cmocka_unit_test(test_a_setting_changes_the_digest),
        cmocka_unit_test(test_the_digest_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
