/*
 * An intrusive binary heap ordered by time. See agenda.h.
 */
#include "checkers/agenda.h"

#include <stdlib.h>

void agenda_free(struct agenda *agenda)
{
    free(agenda->entries);
    *agenda = (struct agenda){0};
}

static void put(struct agenda *agenda, size_t place, struct agenda_entry *entry)
{
    agenda->entries[place] = entry;
    entry->place = place + 1;
}

static void move_up(struct agenda *agenda, size_t place, struct agenda_entry *entry)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;

        if (!mono_before(entry->when, agenda->entries[parent]->when))
            break;
        put(agenda, place, agenda->entries[parent]);
        place = parent;
    }
    put(agenda, place, entry);
}

static void move_down(struct agenda *agenda, size_t place, struct agenda_entry *entry)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child >= agenda->count)
            break;
        if (child + 1 < agenda->count &&
            mono_before(agenda->entries[child + 1]->when, agenda->entries[child]->when))
            child++;
        if (!mono_before(agenda->entries[child]->when, entry->when))
            break;
        put(agenda, place, agenda->entries[child]);
        place = child;
    }
    put(agenda, place, entry);
}

static void settle(struct agenda *agenda, size_t place, struct agenda_entry *entry)
{
    if (place > 0 && mono_before(entry->when, agenda->entries[(place - 1) / 2]->when))
        move_up(agenda, place, entry);
    else
        move_down(agenda, place, entry);
}

static void make_room(struct agenda *agenda)
{
    if (agenda->count < agenda->room)
        return;
    agenda->room = agenda->room == 0 ? 64 : agenda->room * 2;
    agenda->entries = reallocarray(agenda->entries, agenda->room, sizeof(struct agenda_entry *));
    if (agenda->entries == NULL)
        abort();
}

void agenda_set(struct agenda *agenda, struct agenda_entry *entry, struct mono when)
{
    entry->when = when;
    if (entry->place == 0) {
        make_room(agenda);
        put(agenda, agenda->count++, entry);
    }
    settle(agenda, entry->place - 1, entry);
}

void agenda_remove(struct agenda *agenda, struct agenda_entry *entry)
{
    size_t place = entry->place;
    struct agenda_entry *last;

    if (place == 0)
        return;
    entry->place = 0;
    last = agenda->entries[--agenda->count];
    if (last != entry)
        settle(agenda, place - 1, last);
}

struct agenda_entry *agenda_first(const struct agenda *agenda)
{
    return agenda->count > 0 ? agenda->entries[0] : NULL;
}

void agenda_shift(struct agenda *agenda, struct span by)
{
    for (size_t i = 0; i < agenda->count; i++)
        agenda->entries[i]->when = mono_add(agenda->entries[i]->when, by);
}
