/*
 * The model's memory: an arena of large blocks, freed as a whole. See model.h.
 */
#include "conf/model.h"

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

struct conf_model *conf_model_new(void)
{
    struct conf_model *model = calloc(1, sizeof(*model));

    if (model == NULL)
        return NULL;
    model->arena = calloc(1, sizeof(*model->arena));
    if (model->arena == NULL) {
        free(model);
        return NULL;
    }
    return model;
}

void conf_model_free(struct conf_model *model)
{
    if (model == NULL)
        return;
    while (model->arena->blocks != NULL) {
        struct block *block = model->arena->blocks;

        model->arena->blocks = block->next;
        free(block);
    }
    free(model->arena);
    free(model);
}

void *conf_model_alloc(struct conf_model *model, size_t size)
{
    struct block *block = model->arena->blocks;
    size_t rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    void *memory;

    if (block == NULL || block->room - block->used < rounded) {
        size_t room = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;

        block = calloc(1, sizeof(*block) + room);
        if (block == NULL)
            out_of_memory();
        block->room = room;
        block->next = model->arena->blocks;
        model->arena->blocks = block;
    }
    memory = (char *)block->bytes + block->used;
    block->used += rounded;
    return memory;
}

char *conf_model_strdup(struct conf_model *model, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(conf_model_alloc(model, size), text, size);
}

void *conf_list_room(struct conf_model *model, void *items, size_t item_size, uint32_t count, uint32_t *room)
{
    void *larger;

    if (count < *room)
        return items;
    *room = *room == 0 ? 4 : *room * 2;
    larger = conf_model_alloc(model, *room * item_size);
    if (count > 0)
        memcpy(larger, items, count * item_size);
    return larger;
}
