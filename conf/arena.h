/*
 * Memory that is freed as a whole: what a configuration is made of while it is read and afterwards.
 *
 * Large blocks, no single free. The model (model.h), the texts, the tree and the messages of a parse each
 * live in one.
 */
#ifndef TANDEM_CONF_ARENA_H
#define TANDEM_CONF_ARENA_H

#include <stddef.h>

struct conf_arena;

/* NULL without memory. conf_arena_free(NULL) is allowed. */
struct conf_arena *conf_arena_new(void);
void conf_arena_free(struct conf_arena *arena);

/* Everything in it is gone, the arena can be used again: memory for what is done one after the other. */
void conf_arena_clear(struct conf_arena *arena);

/* Zeroed memory, aligned for anything but long double. Never NULL: the process ends when memory does. */
void *conf_arena_alloc(struct conf_arena *arena, size_t size);

/* A copy of length bytes of text, with a terminator. */
char *conf_arena_text(struct conf_arena *arena, const char *text, size_t length);

/* Room for one more item in an array that lives in the arena: items itself, or a larger copy; *room follows.
 */
void *conf_arena_room(struct conf_arena *arena, void *items, size_t item_size, size_t count, size_t *room);

#endif
