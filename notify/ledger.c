/*
 * Places on the board, used again and again: the keys of the records are the numbers of the places. See
 * ledger.h.
 */
#include "notify/ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core/log.h"

struct ledger {
    struct board *board;
    struct notify_record *records; /* by place; left 0 = vacant */
    uint32_t *vacant;              /* a stack of places */
    uint32_t vacant_count;
    uint32_t room; /* places are 1 .. room */
    uint64_t sequence;
    bool full_said;
};

/* The board may have grown in a reload. Two thirds of it, so that looking for a place stays short. */
static void use_the_room(struct ledger *ledger)
{
    uint32_t room = board_slots(ledger->board) / 3 * 2;

    if (room <= ledger->room)
        return;
    ledger->records = realloc(ledger->records, (room + 1) * sizeof(*ledger->records));
    ledger->vacant = realloc(ledger->vacant, room * sizeof(*ledger->vacant));
    if (ledger->records == NULL || ledger->vacant == NULL)
        abort();
    memset(&ledger->records[ledger->room + 1], 0, (room - ledger->room) * sizeof(*ledger->records));
    for (uint32_t place = room; place > ledger->room; place--)
        ledger->vacant[ledger->vacant_count++] = place;
    ledger->room = room;
}

/* The places that a predecessor left in use are not vacant. */
static void read_board(struct ledger *ledger)
{
    ledger->vacant_count = 0;
    for (uint32_t place = ledger->room; place > 0; place--) {
        struct notify_record *record = &ledger->records[place];

        if (!board_read(ledger->board, place, record) || record->left == 0)
            record->left = 0;
        else if (record->sequence > ledger->sequence)
            ledger->sequence = record->sequence;
        if (record->left == 0)
            ledger->vacant[ledger->vacant_count++] = place;
    }
}

struct ledger *ledger_new(struct board *board)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));

    if (ledger == NULL)
        abort();
    ledger->board = board;
    use_the_room(ledger);
    read_board(ledger);
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    free(ledger->records);
    free(ledger->vacant);
    free(ledger);
}

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint32_t ledger_add(struct ledger *ledger, enum message_type type, const void *payload, uint32_t left)
{
    size_t size = message_row(type)->size;
    struct notify_record *record;
    uint32_t place;

    if (ledger->vacant_count == 0)
        use_the_room(ledger);
    if (ledger->vacant_count == 0 || size > sizeof(record->payload)) {
        if (!ledger->full_said)
            log_warning("more than %u events wait: were this process killed now, those beyond would be lost",
                        ledger->room);
        ledger->full_said = true;
        return LEDGER_NOWHERE;
    }
    place = ledger->vacant[--ledger->vacant_count];
    record = &ledger->records[place];
    *record = (struct notify_record){
        .sequence = ++ledger->sequence, .heard_wall_ns = wall_now_ns(), .type = type, .left = left};
    memcpy(record->payload, payload, size);
    board_write(ledger->board, place, record);
    return place;
}

void ledger_strike(struct ledger *ledger, uint32_t place, uint32_t bits)
{
    struct notify_record *record;

    if (place == LEDGER_NOWHERE || place > ledger->room)
        return;
    record = &ledger->records[place];
    if ((record->left & bits) == 0)
        return;
    record->left &= ~bits;
    board_write(ledger->board, place, record);
    if (record->left != 0)
        return;
    ledger->vacant[ledger->vacant_count++] = place;
    ledger->full_said = false;
}

static int by_age(const void *a, const void *b, void *data)
{
    const struct ledger *ledger = data;
    uint64_t one = ledger->records[*(const uint32_t *)a].sequence;
    uint64_t other = ledger->records[*(const uint32_t *)b].sequence;

    return one < other ? -1 : one > other;
}

void ledger_replay(struct ledger *ledger,
                   void (*each)(uint32_t place, const struct notify_record *record, void *data), void *data)
{
    uint32_t *places = calloc(ledger->room + 1, sizeof(*places));
    uint32_t count = 0;

    if (places == NULL)
        abort();
    for (uint32_t place = 1; place <= ledger->room; place++) {
        if (ledger->records[place].left != 0)
            places[count++] = place;
    }
    qsort_r(places, count, sizeof(*places), by_age, ledger);
    for (uint32_t i = 0; i < count; i++) {
        struct notify_record record = ledger->records[places[i]];

        each(places[i], &record, data);
    }
    free(places);
}
