/* The board: records survive a reopening, a half-written one reads as absent, sizes are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/core/board.h"
#include "daemon/core/board_records.h"

static void test_a_successor_finds_the_records(void **state)
{
    struct board *board = board_new(ROLE_VRRP, 4);
    struct vrrp_record record = {.state = 2, .effective_priority = 200};
    struct vrrp_record found = {0};
    struct board *successor;

    (void)state;
    assert_non_null(board);
    assert_true(board_write(board, 77, &record));
    successor = board_open(dup(board_fd(board)), ROLE_VRRP, true);
    assert_non_null(successor);
    assert_true(board_read(successor, 77, &found));
    assert_memory_equal(&found, &record, sizeof(record));
    assert_false(board_read(successor, 78, &found));
    board_free(successor);
    board_free(board);
}

/* The supervisor copies, the owner goes on writing to the old one, then hears of the new one. */
static void test_what_was_written_before_the_move_to_a_larger_board_goes_along(void **state)
{
    struct board *held = board_new(ROLE_CHECKER, 4), *larger, *owner;
    struct checker_record record = {.runs = 1}, found = {0};

    (void)state;
    owner = board_open(dup(board_fd(held)), ROLE_CHECKER, true);
    assert_true(board_write(owner, 5, &record));
    larger = board_copy_larger(held, 400);
    assert_true(board_slots(larger) >= 400);
    board_free(held);
    record.runs = 2;
    assert_true(board_write(owner, 5, &record));
    assert_true(board_write(owner, 6, &record));
    board_beat(owner, (struct mono){77});
    assert_true(board_move(owner, dup(board_fd(larger)), true));
    assert_int_equal(board_slots(owner), board_slots(larger));
    for (uint64_t key = 5; key <= 6; key++) {
        assert_true(board_read(larger, key, &found));
        assert_int_equal(found.runs, 2);
    }
    assert_int_equal(board_last_beat(larger).ns, 77);
    for (uint64_t key = 100; key < 500; key++)
        assert_true(board_write(owner, key, &record));
    board_free(owner);
    board_free(larger);
}

static void test_a_reader_cannot_write(void **state)
{
    struct board *board = board_new(ROLE_LINKS, 4);
    int fd = board_fd_read_only(board);

    (void)state;
    assert_true(fd >= 0);
    assert_ptr_equal(mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    close(fd);
    board_free(board);
}

static void test_a_write_cut_short_reads_as_absent_and_can_be_mended(void **state)
{
    struct board *board = board_new(ROLE_CHECKER, 4);
    struct checker_record record = {.up = 1}, found;
    unsigned char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, board_fd(board), 0);
    uint32_t sequence;

    (void)state;
    assert_true(board_write(board, 5, &record));
    /* A death in the middle of a write leaves the slot's sequence odd: find the slot by its key. */
    for (size_t offset = 64; offset + 16 < 4096; offset += 8) {
        uint64_t key;

        memcpy(&key, memory + offset + 8, sizeof(key));
        memcpy(&sequence, memory + offset, sizeof(sequence));
        if (key == 5 && sequence == 2) {
            sequence |= 1;
            memcpy(memory + offset, &sequence, sizeof(sequence));
        }
    }
    assert_false(board_read(board, 5, &found));
    assert_true(board_write(board, 5, &record));
    assert_true(board_read(board, 5, &found));
    munmap(memory, 4096);
    board_free(board);
}

static void test_full_removed_and_larger(void **state)
{
    struct board *board = board_new(ROLE_LINKS, 1), *larger;
    struct links_record record = {.addresses_wanted = 3};
    uint64_t key = 1, seen = 0;
    uint32_t cursor = 0;

    (void)state;
    while (board_write(board, key, &record))
        key++;
    assert_int_equal(key - 1, board_slots(board));
    board_remove(board, 1);
    assert_false(board_read(board, 1, &record));
    assert_true(board_write(board, 1000, &record));
    larger = board_copy_larger(board, 100);
    while (board_next(larger, &cursor, &key, &record))
        seen++;
    assert_int_equal(seen, board_slots(board));
    assert_true(board_read(larger, 1000, &record));
    board_free(larger);
    board_free(board);
}

static void test_a_foreign_memfd_is_refused(void **state)
{
    struct board *board = board_new(ROLE_LINKS, 4);
    int fd = memfd_create("test", 0);

    (void)state;
    assert_null(board_open(fd, ROLE_LINKS, true));
    assert_int_equal(errno, EPROTO);
    close(fd);
    fd = dup(board_fd(board));
    assert_null(board_open(fd, ROLE_VRRP, true));
    close(fd);
    board_free(board);
}

/* A board as another version makes it: other records, otherwise the same form; one record, of bytes 1,
 * 2, 3... */
static struct board *board_with_record_size(uint32_t size, uint32_t slots)
{
    size_t bytes = 64 + slots * (16 + (size_t)size);
    uint32_t head[4] = {board_format(), ROLE_LINKS, size, slots};
    int fd = memfd_create("test", 0);
    struct board *mapped;

    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    assert_int_equal(pwrite(fd, head, sizeof(head), 0), sizeof(head));
    mapped = board_inherit(fd, ROLE_LINKS, 1);
    assert_non_null(mapped);
    board_free(mapped);
    assert_int_equal(pwrite(fd, &(uint32_t){2}, 4, 64), 4);     /* sequence of the first slot */
    assert_int_equal(pwrite(fd, &(uint32_t){1}, 4, 64 + 4), 4); /* used */
    assert_int_equal(pwrite(fd, &(uint64_t){7}, 8, 64 + 8), 8); /* key */
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(pwrite(fd, &(unsigned char){(unsigned char)(i + 1)}, 1, 64 + 16 + (off_t)i), 1);
    mapped = board_inherit(fd, ROLE_LINKS, 20);
    close(fd);
    return mapped;
}

static void test_an_upgraded_daemon_inherits_shorter_and_longer_records(void **state)
{
    struct links_record record;
    const unsigned char *bytes = (const unsigned char *)&record;
    struct board *board = board_with_record_size(16, 8);

    (void)state;
    assert_true(board_slots(board) >= 20);
    assert_true(board_read(board, 7, &record));
    for (size_t i = 0; i < sizeof(record); i++)
        assert_int_equal(bytes[i], i < 16 ? i + 1 : 0);
    board_free(board);
    board = board_with_record_size(sizeof(record) + 16, 8);
    assert_true(board_read(board, 7, &record));
    for (size_t i = 0; i < sizeof(record); i++)
        assert_int_equal(bytes[i], (unsigned char)(i + 1));
    board_free(board);
}

static void test_nothing_is_inherited_from_what_is_no_such_board(void **state)
{
    struct board *board = board_new(ROLE_LINKS, 4);
    int fd = memfd_create("test", 0);

    (void)state;
    assert_null(board_inherit(fd, ROLE_LINKS, 4));
    assert_null(board_inherit(board_fd(board), ROLE_VRRP, 4));
    assert_null(board_inherit(-1, ROLE_LINKS, 4));
    close(fd);
    board_free(board);
}

/* The supervisor reads the boards of processes that may have been taken over from outside. */
static void test_an_overwritten_head_misleads_no_reader(void **state)
{
    struct board *board = board_new(ROLE_CHECKER, 4), *viewer, *larger;
    struct checker_record record = {.up = 1, .runs = 7}, found;
    unsigned char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, board_fd(board), 0);
    uint32_t slots = board_slots(board), cursor = 0;
    uint64_t key;

    (void)state;
    assert_true(board_write(board, 5, &record));
    viewer = board_open(dup(board_fd(board)), ROLE_CHECKER, false);
    memset(memory, 0xff, 16); /* magic, role, record size, slots */
    assert_int_equal(board_slots(viewer), slots);
    assert_true(board_next(viewer, &cursor, &key, &found));
    assert_memory_equal(&found, &record, sizeof(record));
    assert_false(board_next(viewer, &cursor, &key, &found));
    larger = board_copy_larger(board, 100);
    assert_true(board_read(larger, 5, &found));
    munmap(memory, 4096);
    board_free(larger);
    board_free(viewer);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_successor_finds_the_records),
        cmocka_unit_test(test_what_was_written_before_the_move_to_a_larger_board_goes_along),
        cmocka_unit_test(test_a_reader_cannot_write),
        cmocka_unit_test(test_a_write_cut_short_reads_as_absent_and_can_be_mended),
        cmocka_unit_test(test_full_removed_and_larger),
        cmocka_unit_test(test_a_foreign_memfd_is_refused),
        cmocka_unit_test(test_an_upgraded_daemon_inherits_shorter_and_longer_records),
        cmocka_unit_test(test_nothing_is_inherited_from_what_is_no_such_board),
        cmocka_unit_test(test_an_overwritten_head_misleads_no_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
