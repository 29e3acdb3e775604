/* The journal: what was written is read again, and no damage is ever taken for a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/director/journal.h"

#define PLACE 42

struct file {
    FILE *stream;
    int fd;
};

static struct file new_file(void)
{
    struct file file = {.stream = tmpfile()};

    assert_non_null(file.stream);
    file.fd = fileno(file.stream);
    return file;
}

static struct journal *open_journal(struct file file, uint64_t place)
{
    return journal_new(dup(file.fd), place);
}

static struct ipvs_service_id id_number(uint32_t number)
{
    return (struct ipvs_service_id){.family = AF_INET, .fwmark = number + 1};
}

static void write_list(struct journal *journal, uint32_t first, uint32_t count)
{
    struct ipvs_service_id *ids = calloc(count + 1, sizeof(*ids));

    for (uint32_t i = 0; i < count; i++)
        ids[i] = id_number(first + i);
    assert_int_equal(journal_write(journal, ids, count), 0);
    free(ids);
}

static enum journal_state read_list(struct file file, uint64_t place, struct ipvs_service_id **ids,
                                    uint32_t *count)
{
    struct journal *journal = open_journal(file, place);
    enum journal_state state = journal_read(journal, ids, count);

    journal_free(journal);
    return state;
}

static bool is_list(const struct ipvs_service_id *ids, uint32_t count, uint32_t first, uint32_t want_count)
{
    if (count != want_count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct ipvs_service_id id = id_number(first + i);

        if (memcmp(&ids[i], &id, sizeof(id)) != 0)
            return false;
    }
    return true;
}

static void expect_list(struct file file, uint32_t first, uint32_t want_count)
{
    struct ipvs_service_id *ids;
    uint32_t count;

    assert_int_equal(read_list(file, PLACE, &ids, &count), JOURNAL_SOUND);
    assert_true(is_list(ids, count, first, want_count));
    free(ids);
}

static void test_the_last_list_is_in_force(void **state)
{
    static const uint32_t counts[] = {3, 5, 4, 100, 1, 2, 99, 300, 7};
    struct file file = new_file();
    struct journal *journal = open_journal(file, PLACE);
    struct stat status;

    (void)state;
    for (uint32_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        write_list(journal, i * 1000, counts[i]);
        expect_list(file, i * 1000, counts[i]);
    }
    for (int i = 0; i < 50; i++)
        write_list(journal, 0, 300);
    assert_int_equal(fstat(file.fd, &status), 0);
    assert_true(status.st_size < 3 * 300 * 24); /* it does not grow for ever */
    journal_free(journal);
    fclose(file.stream);
}

static void test_nothing_ours_is_an_empty_file(void **state)
{
    struct file file = new_file();
    struct journal *journal = open_journal(file, PLACE);
    struct ipvs_service_id *ids;
    struct stat status;
    uint32_t count;

    (void)state;
    assert_int_equal(read_list(file, PLACE, &ids, &count), JOURNAL_EMPTY);
    write_list(journal, 0, 3);
    write_list(journal, 0, 0);
    assert_int_equal(fstat(file.fd, &status), 0);
    assert_int_equal(status.st_size, 0);
    assert_int_equal(read_list(file, PLACE, &ids, &count), JOURNAL_EMPTY);
    assert_int_equal(count, 0);
    journal_free(journal);
    fclose(file.stream);
}

static void test_another_boot_or_namespace_says_nothing(void **state)
{
    struct file file = new_file();
    struct journal *journal = open_journal(file, PLACE);
    struct ipvs_service_id *ids;
    uint32_t count;

    (void)state;
    write_list(journal, 0, 3);
    journal_free(journal);
    assert_int_equal(read_list(file, PLACE + 1, &ids, &count), JOURNAL_FOREIGN);
    assert_null(ids);
    journal = open_journal(file, PLACE + 1);
    journal_read(journal, &ids, &count);
    write_list(journal, 10, 2);
    journal_free(journal);
    assert_int_equal(read_list(file, PLACE + 1, &ids, &count), JOURNAL_SOUND);
    assert_true(is_list(ids, count, 10, 2));
    free(ids);
    fclose(file.stream);
}

static void put_content(struct file file, const unsigned char *bytes, size_t length)
{
    assert_int_equal(ftruncate(file.fd, 0), 0);
    assert_int_equal(pwrite(file.fd, bytes, length, 0), length);
}

/* A death at any point of a write leaves the old list or the new one, and nothing else. */
static void test_a_torn_write_leaves_old_or_new(void **state)
{
    unsigned char before[4096] = {0}, after[4096] = {0}, mixed[4096];
    struct file file = new_file();
    struct journal *journal = open_journal(file, PLACE);
    size_t old_length, length;
    int olds = 0, news = 0;

    (void)state;
    write_list(journal, 0, 20);
    old_length = (size_t)pread(file.fd, before, sizeof(before), 0);
    write_list(journal, 500, 30);
    length = (size_t)pread(file.fd, after, sizeof(after), 0);
    journal_free(journal);
    for (size_t cut = 0; cut <= length; cut++) {
        struct ipvs_service_id *ids;
        uint32_t count;

        /* The list is written from old_length on, then the second head: here the list got cut bytes far. */
        memcpy(mixed, before, sizeof(mixed));
        if (cut > old_length)
            memcpy(mixed + old_length, after + old_length, cut - old_length);
        put_content(file, mixed, cut > old_length ? cut : old_length);
        expect_list(file, 0, 20);
        /* Here the list is whole and the head got cut bytes far. */
        memcpy(mixed + old_length, after + old_length, length - old_length);
        memcpy(mixed + 64, after + 64, cut < 64 ? cut : 64);
        put_content(file, mixed, length);
        assert_int_equal(read_list(file, PLACE, &ids, &count), JOURNAL_SOUND);
        olds += is_list(ids, count, 0, 20);
        news += is_list(ids, count, 500, 30);
        assert_true(is_list(ids, count, 0, 20) || is_list(ids, count, 500, 30));
        free(ids);
    }
    assert_true(olds > 0 && news > 0);
    fclose(file.stream);
}

static void test_any_flipped_bit_or_cut_is_noticed(void **state)
{
    unsigned char sound[4096] = {0}, damaged[4096];
    struct file file = new_file();
    struct journal *journal = open_journal(file, PLACE);
    struct ipvs_service_id *ids;
    uint32_t count;
    size_t length;

    (void)state;
    write_list(journal, 0, 5);
    length = (size_t)pread(file.fd, sound, sizeof(sound), 0);
    journal_free(journal);
    for (size_t at = 0; at < length; at++) {
        memcpy(damaged, sound, length);
        damaged[at] ^= 0x10;
        put_content(file, damaged, length);
        if (read_list(file, PLACE, &ids, &count) == JOURNAL_SOUND)
            assert_true(is_list(ids, count, 0, 5)); /* the unused second head */
        free(ids);
        if (at == 0)
            continue;
        put_content(file, sound, at);
        assert_int_equal(read_list(file, PLACE, &ids, &count), JOURNAL_DAMAGED);
    }
    fclose(file.stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_list_is_in_force),
        cmocka_unit_test(test_nothing_ours_is_an_empty_file),
        cmocka_unit_test(test_another_boot_or_namespace_says_nothing),
        cmocka_unit_test(test_a_torn_write_leaves_old_or_new),
        cmocka_unit_test(test_any_flipped_bit_or_cut_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
