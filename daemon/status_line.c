/*
 * The status line. See status_line.h.
 */
#include "daemon/status_line.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/vrrp_state.h"

static int append(char *buffer, size_t size, int used, const char *separator, unsigned int count,
                  const char *words)
{
    if (count == 0 || used < 0 || (size_t)used >= size)
        return used;
    return used +
           snprintf(buffer + used, size - (size_t)used, "%s%s %u", used == 0 ? "" : separator, words, count);
}

static int routers(const struct board *vrrp, char *buffer, size_t size)
{
    unsigned int states[VRRP_STATE_COUNT] = {0};
    struct vrrp_record record;
    uint32_t cursor = 0;
    uint64_t key;
    int used = 0;

    while (vrrp != NULL && board_next(vrrp, &cursor, &key, &record)) {
        if (record.kind == VRRP_RECORD_INSTANCE && record.state < VRRP_STATE_COUNT)
            states[record.state]++;
    }
    used = append(buffer, size, used, ", ", states[VRRP_MASTER], "master of");
    used = append(buffer, size, used, ", ", states[VRRP_BACKUP], "backup of");
    used = append(buffer, size, used, ", ", states[VRRP_FAULT], "fault in");
    return append(buffer, size, used, ", ", states[VRRP_INIT], "waiting to start");
}

static void servers(const struct board *director, char *buffer, size_t size, int used)
{
    unsigned int up = 0, all = 0;
    struct director_record record;
    uint32_t cursor = 0;
    uint64_t key;

    while (director != NULL && board_next(director, &cursor, &key, &record)) {
        if (record.kind != DIRECTOR_RECORD_REAL_SERVER)
            continue;
        all++;
        up += record.up != 0;
    }
    if (all > 0 && used >= 0 && (size_t)used < size)
        snprintf(buffer + used, size - (size_t)used, "%s%u of %u real servers up", used == 0 ? "" : "; ", up,
                 all);
}

static void refusal(const struct reload_record *reload, char *buffer, size_t size)
{
    size_t used = strlen(buffer);
    char more[32] = "";

    if (reload->refused_wall_ns == 0)
        return;
    if (reload->problems > 1)
        snprintf(more, sizeof(more), " (and %u more)", reload->problems - 1);
    snprintf(buffer + used, size - used, "; the last reload was refused: %s%s", reload->problem, more);
}

const char *status_line(const struct board *vrrp, const struct board *director,
                        const struct reload_record *reload, char *buffer, size_t size)
{
    int used;

    snprintf(buffer, size, "nothing configured");
    used = routers(vrrp, buffer, size);
    servers(director, buffer, size, used);
    refusal(reload, buffer, size);
    return buffer;
}
