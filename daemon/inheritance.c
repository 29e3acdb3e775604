/*
 * The memfd between two supervisors. See inheritance.h.
 */
#include "daemon/inheritance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/board.h"
#include "daemon/core/log.h"

#define VARIABLE "TANDEM_INHERITANCE"
#define FORM     1u /* changes with any of the structures */
#define MOST     65536u

struct head {
    uint32_t contract;
    uint32_t process_count;
    uint32_t held_count;
    uint32_t reserved;
    struct inheritance_files files;
};

uint32_t inheritance_contract(void)
{
    return board_format() ^ FORM;
}

static void *grown(void *items, size_t count, size_t size)
{
    void *more = realloc(items, (count + 1) * size);

    if (more == NULL)
        abort();
    return more;
}

void inheritance_add_process(struct inheritance *inheritance, const struct inherited_process *process)
{
    inheritance->processes = grown(inheritance->processes, inheritance->process_count, sizeof(*process));
    inheritance->processes[inheritance->process_count++] = *process;
}

void inheritance_add_held(struct inheritance *inheritance, const struct inherited_held *held)
{
    inheritance->held = grown(inheritance->held, inheritance->held_count, sizeof(*held));
    inheritance->held[inheritance->held_count++] = *held;
}

void inheritance_free(struct inheritance *inheritance)
{
    free(inheritance->processes);
    free(inheritance->held);
    *inheritance = (struct inheritance){0};
}

/* ------------------------------------------------------------------ descriptors */

static void set_descriptor(int fd, int flags)
{
    if (fd >= 0)
        fcntl(fd, F_SETFD, flags);
}

static void set_all(const struct inheritance *inheritance, int flags)
{
    set_descriptor(inheritance->files.pid_file, flags);
    set_descriptor(inheritance->files.control_socket, flags);
    set_descriptor(inheritance->files.journal, flags);
    set_descriptor(inheritance->files.ipvs_namespace, flags);
    for (size_t i = 0; i < inheritance->process_count; i++) {
        set_descriptor(inheritance->processes[i].control, flags);
        set_descriptor(inheritance->processes[i].log, flags);
        set_descriptor(inheritance->processes[i].board, flags);
    }
    for (size_t i = 0; i < inheritance->held_count; i++)
        set_descriptor(inheritance->held[i].fd, flags);
}

/* ------------------------------------------------------------------ giving */

static bool write_part(int fd, const void *bytes, size_t size)
{
    return size == 0 || write(fd, bytes, size) == (ssize_t)size;
}

bool inheritance_offer(const struct inheritance *inheritance, int *memfd)
{
    struct head head = {
        .contract = inheritance_contract(),
        .process_count = (uint32_t)inheritance->process_count,
        .held_count = (uint32_t)inheritance->held_count,
        .files = inheritance->files,
    };
    char number[16];

    *memfd = memfd_create("tandem-inheritance", 0);
    if (*memfd < 0)
        return false;
    if (!write_part(*memfd, &head, sizeof(head)) ||
        !write_part(*memfd, inheritance->processes,
                    inheritance->process_count * sizeof(inheritance->processes[0])) ||
        !write_part(*memfd, inheritance->held, inheritance->held_count * sizeof(inheritance->held[0])))
        return false;
    snprintf(number, sizeof(number), "%d", *memfd);
    set_all(inheritance, 0);
    return setenv(VARIABLE, number, 1) == 0;
}

void inheritance_withdraw(const struct inheritance *inheritance, int memfd)
{
    unsetenv(VARIABLE);
    set_all(inheritance, FD_CLOEXEC);
    if (memfd >= 0)
        close(memfd);
}

/* ------------------------------------------------------------------ taking */

static bool read_part(int fd, void *bytes, size_t size, off_t *offset)
{
    ssize_t length = size == 0 ? 0 : pread(fd, bytes, size, *offset);

    *offset += length;
    return length == (ssize_t)size;
}

static void *room_for(size_t count, size_t size)
{
    void *items = calloc(count + 1, size);

    if (items == NULL)
        abort();
    return items;
}

static bool read_all(int memfd, struct inheritance *inheritance)
{
    struct head head;
    off_t offset = 0;

    if (!read_part(memfd, &head, sizeof(head), &offset) || head.contract != inheritance_contract() ||
        head.process_count > MOST || head.held_count > MOST)
        return false;
    inheritance->files = head.files;
    inheritance->process_count = head.process_count;
    inheritance->processes = room_for(head.process_count, sizeof(inheritance->processes[0]));
    inheritance->held_count = head.held_count;
    inheritance->held = room_for(head.held_count, sizeof(inheritance->held[0]));
    return read_part(memfd, inheritance->processes, head.process_count * sizeof(inheritance->processes[0]),
                     &offset) &&
           read_part(memfd, inheritance->held, head.held_count * sizeof(inheritance->held[0]), &offset);
}

bool inheritance_take(struct inheritance *inheritance)
{
    const char *number = getenv(VARIABLE);
    int memfd;

    *inheritance = (struct inheritance){0};
    if (number == NULL)
        return false;
    memfd = atoi(number);
    unsetenv(VARIABLE);
    if (!read_all(memfd, inheritance))
        log_fatal("what the version before this one left cannot be read");
    close(memfd);
    set_all(inheritance, FD_CLOEXEC);
    return true;
}
