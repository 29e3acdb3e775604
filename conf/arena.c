/*
 * Arena: see arena.h.
 */
#include "conf/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384

struct block {
    struct block *next;
    size_t used;
    size_t room;
    max_align_t bytes[];
};

struct conf_arena {
    struct block *blocks;
};

static void out_of_memory(void)
{
    fputs("tandem: out of memory\n", stderr);
    abort();
}

struct conf_arena *conf_arena_new(void)
{
    return calloc(1, sizeof(struct conf_arena));
}

void conf_arena_free(struct conf_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL) {
        struct block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
    free(arena);
}

void *conf_arena_alloc(struct conf_arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    size_t rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    void *memory;

    if (block == NULL || block->room - block->used < rounded) {
        size_t room = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;

        block = calloc(1, sizeof(*block) + room);
        if (block == NULL)
            out_of_memory();
        block->room = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    memory = (char *)block->bytes + block->used;
    block->used += rounded;
    return memory;
}

char *conf_arena_text(struct conf_arena *arena, const char *text, size_t length)
{
    char *copy = conf_arena_alloc(arena, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

void *conf_arena_room(struct conf_arena *arena, void *items, size_t item_size, size_t count, size_t *room)
{
    void *larger;

    if (count < *room)
        return items;
    *room = *room == 0 ? 4 : *room * 2;
    larger = conf_arena_alloc(arena, *room * item_size);
    if (count > 0)
        memcpy(larger, items, count * item_size);
    return larger;
}
