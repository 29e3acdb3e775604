/* Marks for secrets, and the key they are made with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/secret.h"

/* RFC 4231, test case 2, has a key of four bytes, which HMAC fills up with zeros as ours is: its digest
 * begins 5b dc c1 46 bf 60. */
static void test_a_mark_is_an_hmac(void **state)
{
    static const struct conf_secret_key key = {"Jefe"};
    static const char data[] = "what do ya want for nothing?";
    char mark[CONF_SECRET_MARK + 1];

    (void)state;
    conf_secret_mark(&key, data, strlen(data), mark);
    assert_string_equal(mark, "W9zBRr9g");
}

static void test_without_a_key_it_is_a_blank(void **state)
{
    char mark[CONF_SECRET_MARK + 1];

    (void)state;
    conf_secret_mark(NULL, "s3cret", 6, mark);
    assert_string_equal(mark, "(secret)");
}

static void test_keys_differ(void **state)
{
    struct conf_secret_key one, other;

    (void)state;
    assert_true(conf_secret_key_make(&one));
    assert_true(conf_secret_key_make(&other));
    assert_memory_not_equal(one.bytes, other.bytes, sizeof(one.bytes));
}

static void test_a_file_keeps_a_key_for_its_owner(void **state)
{
    char directory[] = "/tmp/test_secret.XXXXXX", path[64], link_path[64];
    struct conf_secret_key key, again;
    struct stat status;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/key", directory);
    snprintf(link_path, sizeof(link_path), "%s/link", directory);
    assert_true(conf_secret_key_make(&key));
    assert_false(conf_secret_key_read(&again, path));
    assert_int_equal(errno, ENOENT);
    for (int i = 0; i < 2; i++) {
        assert_true(conf_secret_key_save(&key, path));
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(status.st_size, sizeof(key.bytes));
        assert_int_equal(chmod(path, 0644), 0);
    }
    assert_true(conf_secret_key_read(&again, path));
    assert_memory_equal(again.bytes, key.bytes, sizeof(key.bytes));
    assert_int_equal(truncate(path, 31), 0);
    assert_false(conf_secret_key_read(&again, path));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(symlink(path, link_path), 0);
    assert_true(conf_secret_key_save(&key, link_path));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 31);
    unlink(link_path);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mark_is_an_hmac),
        cmocka_unit_test(test_without_a_key_it_is_a_blank),
        cmocka_unit_test(test_keys_differ),
        cmocka_unit_test(test_a_file_keeps_a_key_for_its_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
