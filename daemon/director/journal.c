/*
 * The journal file. See journal.h.
 */
#include "daemon/director/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       0x544a4e31u /* changes with any layout change */
#define COUNT_MAX   (1U << 20)
#define HEADS       2
#define LISTS_START 128 /* two heads of up to 64 bytes */

struct head {
    uint32_t magic;
    uint32_t count;
    uint64_t generation; /* the higher one is in force */
    uint64_t offset;     /* of the list */
    uint64_t place;
    uint64_t list_sum;
    uint64_t head_sum; /* of all before it */
};
_Static_assert(sizeof(struct head) <= LISTS_START / HEADS, "heads do not overlap");

struct journal {
    int fd;
    uint64_t place;
    struct head in_force; /* generation 0 = none */
    unsigned int in_force_index;
};

/* FNV-1a: against torn writes, not against an attacker, who could write the file as well. */
static uint64_t sum_of(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < length; i++)
        sum = (sum ^ at[i]) * 0x100000001b3u;
    return sum;
}

static uint64_t sum_of_head(const struct head *head)
{
    return sum_of(head, offsetof(struct head, head_sum));
}

struct journal *journal_new(int fd, uint64_t place)
{
    struct journal *journal = calloc(1, sizeof(*journal));

    if (journal == NULL)
        abort();
    journal->fd = fd;
    journal->place = place;
    return journal;
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    close(journal->fd);
    free(journal);
}

uint64_t journal_place(void)
{
    struct {
        char boot[40];
        uint64_t device;
        uint64_t inode;
    } place = {0};
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    struct stat status;
    ssize_t length = -1;

    if (fd >= 0) {
        length = read(fd, place.boot, sizeof(place.boot) - 1);
        close(fd);
    }
    if (length <= 0 || stat("/proc/self/ns/net", &status) != 0)
        return 0;
    place.device = status.st_dev;
    place.inode = status.st_ino;
    return sum_of(&place, sizeof(place));
}

/* ------------------------------------------------------------------ whole reads and writes */

static bool read_all(int fd, void *bytes, size_t length, uint64_t offset)
{
    for (size_t done = 0; done < length;) {
        ssize_t got = pread(fd, (char *)bytes + done, length - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* 0, or an errno. */
static int write_all(int fd, const void *bytes, size_t length, uint64_t offset)
{
    for (size_t done = 0; done < length;) {
        ssize_t put = pwrite(fd, (const char *)bytes + done, length - done, (off_t)(offset + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        done += (size_t)put;
    }
    return 0;
}

/* ------------------------------------------------------------------ reading */

static bool head_is_sound(const struct head *head)
{
    return head->magic == MAGIC && head->generation != 0 && head->count <= COUNT_MAX &&
           head->offset >= LISTS_START && head->offset <= UINT32_MAX && head->head_sum == sum_of_head(head);
}

static struct ipvs_service_id *read_list(const struct journal *journal, const struct head *head)
{
    size_t length = head->count * sizeof(struct ipvs_service_id);
    struct ipvs_service_id *ids = malloc(length == 0 ? 1 : length);

    if (ids == NULL)
        abort();
    if (read_all(journal->fd, ids, length, head->offset) && sum_of(ids, length) == head->list_sum)
        return ids;
    free(ids);
    return NULL;
}

/* Looks at one head; keeps it if it is sound, its list too, and it is newer than what is kept. */
static void consider(struct journal *journal, unsigned int index, struct ipvs_service_id **ids)
{
    struct ipvs_service_id *list;
    struct head head;

    if (!read_all(journal->fd, &head, sizeof(head), index * (LISTS_START / HEADS)) || !head_is_sound(&head))
        return;
    if (head.generation <= journal->in_force.generation)
        return;
    list = read_list(journal, &head);
    if (list == NULL)
        return;
    free(*ids);
    *ids = list;
    journal->in_force = head;
    journal->in_force_index = index;
}

enum journal_state journal_read(struct journal *journal, struct ipvs_service_id **ids, uint32_t *count)
{
    struct stat status;

    *ids = NULL;
    *count = 0;
    if (fstat(journal->fd, &status) == 0 && status.st_size == 0)
        return JOURNAL_EMPTY;
    for (unsigned int i = 0; i < HEADS; i++)
        consider(journal, i, ids);
    if (*ids == NULL)
        return JOURNAL_DAMAGED;
    if (journal->in_force.place != journal->place) {
        free(*ids);
        *ids = NULL;
        return JOURNAL_FOREIGN;
    }
    *count = journal->in_force.count;
    return JOURNAL_SOUND;
}

/* ------------------------------------------------------------------ writing */

static uint64_t end_of_list(const struct head *head)
{
    return head->offset + (uint64_t)head->count * sizeof(struct ipvs_service_id);
}

/* An empty file says that nothing is ours, and may be removed. */
static int write_nothing(struct journal *journal)
{
    if (ftruncate(journal->fd, 0) != 0)
        return errno;
    journal->in_force = (struct head){0};
    return 0;
}

int journal_write(struct journal *journal, const struct ipvs_service_id *ids, uint32_t count)
{
    size_t length = count * sizeof(ids[0]);
    struct head head = {.magic = MAGIC, .count = count, .offset = LISTS_START, .place = journal->place};
    unsigned int index = 0;
    int error;

    if (count > COUNT_MAX)
        return EFBIG;
    if (count == 0)
        return write_nothing(journal);
    if (journal->in_force.generation != 0) {
        index = 1 - journal->in_force_index;
        if (journal->in_force.offset < LISTS_START + length)
            head.offset = end_of_list(&journal->in_force);
    }
    head.generation = journal->in_force.generation + 1;
    head.list_sum = sum_of(ids, length);
    head.head_sum = sum_of_head(&head);
    error = write_all(journal->fd, ids, length, head.offset);
    if (error == 0)
        error = write_all(journal->fd, &head, sizeof(head), index * (LISTS_START / HEADS));
    if (error != 0)
        return error;
    journal->in_force = head;
    journal->in_force_index = index;
    if (ftruncate(journal->fd, (off_t)end_of_list(&head)) != 0)
        return 0; /* the file stays longer than need be */
    return 0;
}
