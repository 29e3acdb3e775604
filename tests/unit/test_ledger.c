/* The ledger: what one process leaves, the next one finds, oldest first; what is struck out is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "notify/ledger.h"

struct found {
    uint64_t keys[64];
    uint32_t left[64];
    size_t count;
    struct ledger *ledger;
};

static void quiet(enum log_level level, const char *text, void *data)
{
    unsigned int *lines = data;

    (void)level;
    (void)text;
    ++*lines;
}

static void find(uint32_t place, const struct notify_record *record, void *data)
{
    struct found *found = data;
    struct notify_quorum event;

    assert_true(place != LEDGER_NOWHERE);
    assert_int_equal(record->type, NOTIFY_QUORUM);
    memcpy(&event, record->payload, sizeof(event));
    found->keys[found->count] = event.virtual_server;
    found->left[found->count++] = record->left;
    ledger_strike(found->ledger, place, UINT32_MAX);
}

static uint32_t add(struct ledger *ledger, uint64_t key)
{
    struct notify_quorum event = {.virtual_server = key, .up = 1};

    return ledger_add(ledger, NOTIFY_QUORUM, &event, 7);
}

/* As a process does that follows one that died. */
static struct found succeed(struct board *board)
{
    struct found found = {.ledger = ledger_new(board)};

    ledger_replay(found.ledger, find, &found);
    ledger_free(found.ledger);
    return found;
}

static void test_a_successor_finds_what_is_left(void **state)
{
    struct board *board = board_new(ROLE_SCRIPTS, 20);
    struct ledger *ledger = ledger_new(board);
    uint32_t first = add(ledger, 1), second = add(ledger, 2), third = add(ledger, 3);
    struct found found;

    (void)state;
    ledger_strike(ledger, second, 7);
    ledger_strike(ledger, first, 5);
    ledger_strike(ledger, first, 4); /* twice is once */
    assert_int_equal(add(ledger, 4), second);
    assert_int_not_equal(third, second);
    ledger_free(ledger); /* it dies */
    found = succeed(board);
    assert_int_equal(found.count, 3);
    assert_memory_equal(found.keys, ((uint64_t[]){1, 3, 4}), 3 * sizeof(uint64_t));
    assert_memory_equal(found.left, ((uint32_t[]){2, 7, 7}), 3 * sizeof(uint32_t));
    assert_int_equal(succeed(board).count, 0);
    board_free(board);
}

static void test_a_full_ledger_says_so_once(void **state)
{
    struct board *board = board_new(ROLE_SCRIPTS, 4);
    struct ledger *ledger = ledger_new(board);
    uint32_t room = 0, last = LEDGER_NOWHERE, place;
    unsigned int lines = 0;

    (void)state;
    log_to_sink(quiet, &lines);
    while ((place = add(ledger, room + 1)) != LEDGER_NOWHERE) {
        last = place;
        room++;
    }
    assert_true(room >= 4);
    assert_int_equal(add(ledger, 99), LEDGER_NOWHERE);
    assert_int_equal(lines, 1);
    ledger_strike(ledger, LEDGER_NOWHERE, 7); /* harmless */
    ledger_strike(ledger, last, 7);
    assert_int_equal(add(ledger, 100), last);
    ledger_free(ledger);
    assert_int_equal(succeed(board).count, room);
    board_free(board);
}

/* A reload with more objects brings a larger board under the same pointer. */
static void test_a_grown_board_gives_more_room(void **state)
{
    struct board *board = board_new(ROLE_SCRIPTS, 4), *larger;
    struct ledger *ledger = ledger_new(board);
    struct found found;
    uint64_t count = 0;
    unsigned int lines = 0;

    (void)state;
    log_to_sink(quiet, &lines);
    while (add(ledger, count + 1) != LEDGER_NOWHERE)
        count++;
    larger = board_copy_larger(board, 100);
    assert_true(board_move(board, dup(board_fd(larger)), true));
    board_free(larger);
    assert_int_not_equal(add(ledger, ++count), LEDGER_NOWHERE);
    ledger_free(ledger);
    found = succeed(board);
    assert_int_equal(found.count, count);
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(found.keys[i], i + 1);
    board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_successor_finds_what_is_left),
        cmocka_unit_test(test_a_full_ledger_says_so_once),
        cmocka_unit_test(test_a_grown_board_gives_more_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
