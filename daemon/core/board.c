/*
 * The board: shared memory with sequence-locked slots, hashed by key. See board.h.
 */
#include "daemon/core/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/board_records.h"

/* Changes with any change of the layout but that records grow at their end: board_inherit knows that. */
#define BOARD_MAGIC 0x74624431u

#define RECORD_MOST 1024 /* bytes */

struct head {
    uint32_t magic;
    uint32_t role;
    uint32_t record_size;
    uint32_t slots; /* a power of two */
    _Atomic int64_t beat_ns;
    uint64_t reserved[5];
};

/* used: a slot once claimed keeps its place, so that probing needs no repair; removing only unsets it. */
struct slot {
    _Atomic uint32_t sequence; /* odd = being written */
    _Atomic uint32_t used;
    _Atomic uint64_t key;
    unsigned char record[];
};

/* What the head said when the board was mapped is kept here: a process that went wrong may overwrite its
 * board, and must not lead those who read it out of bounds. */
struct board {
    int fd;
    size_t bytes;
    struct head *head;
    enum role role;
    uint32_t record_size;
    uint32_t slots;
};

uint32_t board_format(void)
{
    return BOARD_MAGIC;
}

static size_t slot_bytes(uint32_t record_size)
{
    return sizeof(struct slot) + (record_size + 7) / 8 * 8;
}

static struct slot *slot_at(const struct board *board, uint32_t index)
{
    return (struct slot *)((char *)board->head + sizeof(struct head) +
                           index * slot_bytes(board->record_size));
}

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t slots = 8;

    while (slots < at_least)
        slots *= 2;
    return slots;
}

static struct board *map_board(int fd, size_t bytes, bool writable)
{
    struct board *board = calloc(1, sizeof(*board));
    void *memory;

    if (board == NULL)
        return NULL;
    memory = mmap(NULL, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        free(board);
        return NULL;
    }
    board->fd = fd;
    board->bytes = bytes;
    board->head = memory;
    return board;
}

struct board *board_new(enum role role, uint32_t slots)
{
    uint32_t record_size = (uint32_t)board_record_size(role);
    struct board *board;
    char name[32];
    size_t bytes;
    int fd;

    slots = power_of_two(slots + slots / 2); /* at most two thirds full */
    bytes = sizeof(struct head) + slots * slot_bytes(record_size);
    snprintf(name, sizeof(name), "tandem-board-%s", role_name(role));
    fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return NULL;
    if (ftruncate(fd, (off_t)bytes) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto failed;
    board = map_board(fd, bytes, true);
    if (board == NULL)
        goto failed;
    *board->head = (struct head){
        .magic = BOARD_MAGIC, .role = (uint32_t)role, .record_size = record_size, .slots = slots};
    board->role = role;
    board->record_size = record_size;
    board->slots = slots;
    return board;

failed:
    close(fd);
    return NULL;
}

static void copy_records(const struct board *from, struct board *to)
{
    unsigned char record[RECORD_MOST] = {0};
    uint32_t cursor = 0;
    uint64_t key;

    while (board_next(from, &cursor, &key, record))
        board_write(to, key, record);
    to->head->beat_ns = from->head->beat_ns;
}

struct board *board_copy_larger(const struct board *board, uint32_t slots)
{
    struct board *larger = board_new(board->role, slots);

    if (larger != NULL)
        copy_records(board, larger);
    return larger;
}

/* Takes the head's figures over, once; false if they are not those of a board of that role and size. */
static bool take_head(struct board *board, enum role role)
{
    const struct head *head = board->head;

    board->role = role;
    board->record_size = head->record_size;
    board->slots = head->slots;
    return head->magic == BOARD_MAGIC && head->role == (uint32_t)role && board->record_size <= RECORD_MOST &&
           board->slots != 0 && (board->slots & (board->slots - 1)) == 0 &&
           board->bytes == sizeof(struct head) + board->slots * slot_bytes(board->record_size);
}

/* For one that is not as expected; the descriptor stays open. */
static struct board *unmap_foreign(struct board *board)
{
    munmap(board->head, board->bytes);
    free(board);
    errno = EPROTO;
    return NULL;
}

/* A board of that role, whatever the size of its records. Takes over fd unless it fails. */
static struct board *open_any(int fd, enum role role, bool writable)
{
    struct board *board;
    struct stat status;

    if (fstat(fd, &status) != 0)
        return NULL;
    if ((size_t)status.st_size < sizeof(struct head)) {
        errno = EPROTO;
        return NULL;
    }
    board = map_board(fd, (size_t)status.st_size, writable);
    if (board == NULL)
        return NULL;
    if (take_head(board, role))
        return board;
    return unmap_foreign(board);
}

struct board *board_open(int fd, enum role role, bool owner)
{
    struct board *board = open_any(fd, role, owner);

    if (board == NULL || board->record_size == board_record_size(role))
        return board;
    return unmap_foreign(board);
}

struct board *board_inherit(int fd, enum role role, uint32_t slots)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    struct board *old = own < 0 ? NULL : open_any(own, role, false), *board;

    if (old == NULL) {
        if (own >= 0)
            close(own);
        return NULL;
    }
    board = board_new(role, slots > old->slots ? slots : old->slots / 3 * 2);
    if (board != NULL)
        copy_records(old, board);
    board_free(old);
    return board;
}

bool board_move(struct board *board, int fd, bool owner)
{
    struct board *larger = board_open(fd, board->role, owner);
    struct board old = *board;

    if (larger == NULL)
        return false;
    if (owner)
        copy_records(board, larger);
    *board = *larger;
    *larger = old;
    board_free(larger);
    return true;
}

void board_free(struct board *board)
{
    if (board == NULL)
        return;
    munmap(board->head, board->bytes);
    close(board->fd);
    free(board);
}

int board_fd(const struct board *board)
{
    return board->fd;
}

int board_fd_read_only(const struct board *board)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", board->fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

uint32_t board_slots(const struct board *board)
{
    return board->slots;
}

/* ------------------------------------------------------------------ records */

static uint32_t first_place(const struct board *board, uint64_t key)
{
    return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (board->slots - 1);
}

/* The slot that has, or had, the key; failing that, with claim, the one a new key should get. */
static struct slot *find(const struct board *board, uint64_t key, bool claim)
{
    uint32_t place = first_place(board, key);
    struct slot *vacant = NULL;

    for (uint32_t i = 0; i < board->slots; i++) {
        struct slot *slot = slot_at(board, (place + i) & (board->slots - 1));
        bool never_claimed = slot->sequence == 0;

        if (!never_claimed && slot->key == key && (slot->used || claim))
            return slot;
        if (!slot->used && vacant == NULL)
            vacant = slot;
        if (never_claimed)
            break;
    }
    return claim ? vacant : NULL;
}

bool board_write(struct board *board, uint64_t key, const void *record)
{
    struct slot *slot = find(board, key, true);
    uint32_t sequence;

    if (slot == NULL)
        return false;
    sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed) | 1;
    atomic_store_explicit(&slot->sequence, sequence, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    slot->key = key;
    memcpy(slot->record, record, board->record_size);
    slot->used = 1;
    atomic_store_explicit(&slot->sequence, sequence + 1 == 0 ? 2 : sequence + 1, memory_order_release);
    return true;
}

void board_remove(struct board *board, uint64_t key)
{
    struct slot *slot = find(board, key, false);

    if (slot != NULL)
        slot->used = 0;
}

#define READ_ATTEMPTS 1000 /* a writer that died in the middle never finishes */

static bool read_slot(const struct board *board, struct slot *slot, uint64_t *key, void *record)
{
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        uint32_t before = atomic_load_explicit(&slot->sequence, memory_order_acquire);
        bool used;

        if (before & 1)
            continue;
        used = slot->used;
        *key = slot->key;
        memcpy(record, slot->record, board->record_size);
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&slot->sequence, memory_order_relaxed) == before)
            return used && before != 0;
    }
    return false;
}

bool board_read(const struct board *board, uint64_t key, void *record)
{
    struct slot *slot = find(board, key, false);
    uint64_t found;

    return slot != NULL && read_slot(board, slot, &found, record) && found == key;
}

bool board_next(const struct board *board, uint32_t *cursor, uint64_t *key, void *record)
{
    while (*cursor < board->slots) {
        struct slot *slot = slot_at(board, (*cursor)++);

        if (slot->used && read_slot(board, slot, key, record))
            return true;
    }
    return false;
}

void board_keep(struct board *board, bool (*keep)(uint64_t key, void *data), void *data)
{
    for (uint32_t i = 0; i < board->slots; i++) {
        struct slot *slot = slot_at(board, i);

        if (slot->used && !keep(slot->key, data))
            slot->used = 0;
    }
}

void board_beat(struct board *board, struct mono now)
{
    board->head->beat_ns = now.ns;
}

struct mono board_last_beat(const struct board *board)
{
    return (struct mono){board->head->beat_ns};
}
