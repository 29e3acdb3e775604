/*
 * Arena: see arena.h.
 */
#include "conf/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384
#define ALIGNMENT   sizeof(uint64_t) /* nothing in an arena asks for more */

struct block {
    struct block *next;
    size_t used;
    size_t room;
    uint64_t bytes[];
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

static void add_block(struct conf_arena *arena, size_t least)
{
    size_t room = least > BLOCK_BYTES ? least : BLOCK_BYTES;
    struct block *block = calloc(1, sizeof(*block) + room);

    if (block == NULL)
        out_of_memory();
    block->room = room;
    block->next = arena->blocks;
    arena->blocks = block;
}

/* size bytes that begin at a multiple of alignment, a power of two. */
static void *take(struct conf_arena *arena, size_t size, size_t alignment)
{
    struct block *block = arena->blocks;
    size_t start = block == NULL ? 0 : (block->used + alignment - 1) & ~(alignment - 1);

    if (block == NULL || start > block->room || block->room - start < size) {
        add_block(arena, size);
        block = arena->blocks;
        start = 0;
    }
    block->used = start + size;
    return (char *)block->bytes + start;
}

void *conf_arena_alloc(struct conf_arena *arena, size_t size)
{
    return take(arena, size, ALIGNMENT);
}

char *conf_arena_text(struct conf_arena *arena, const char *text, size_t length)
{
    char *copy = take(arena, length + 1, 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

void conf_arena_clear(struct conf_arena *arena)
{
    struct block *block = arena->blocks;

    if (block == NULL)
        return;
    while (block->next != NULL) {
        struct block *older = block->next;

        block->next = older->next;
        free(older);
    }
    memset(block->bytes, 0, block->used);
    block->used = 0;
}

void *conf_arena_room(struct conf_arena *arena, void *items, size_t item_size, size_t count, size_t *room)
{
    void *larger;

    if (count < *room)
        return items;
    *room = *room == 0 ? 1 : *room < 4 ? 4 : *room * 2;
    larger = conf_arena_alloc(arena, *room * item_size);
    if (count > 0)
        memcpy(larger, items, count * item_size);
    return larger;
}
