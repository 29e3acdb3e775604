/*
 * Members of the JSON objects that tell of a running daemon.
 */
#ifndef TANDEM_CTL_MEMBERS_H
#define TANDEM_CTL_MEMBERS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* NULL if there is none. */
static inline struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *found = NULL;

    json_object_object_get_ex(object, name, &found);
    return found;
}

/* "" if there is none. */
static inline const char *member_text(struct json_object *object, const char *name)
{
    struct json_object *found = member(object, name);

    return found == NULL ? "" : json_object_get_string(found);
}

/* 0 of what is no array. */
static inline size_t length_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* Takes over value. */
static inline void add(struct json_object *object, const char *name, struct json_object *value)
{
    json_object_object_add(object, name, value);
}

/* NULL is left out. */
static inline void add_text(struct json_object *object, const char *name, const char *text)
{
    if (text != NULL)
        add(object, name, json_object_new_string(text));
}

static inline void add_number(struct json_object *object, const char *name, uint64_t number)
{
    add(object, name, json_object_new_uint64(number));
}

static inline void add_signed(struct json_object *object, const char *name, int64_t number)
{
    add(object, name, json_object_new_int64(number));
}

static inline void add_flag(struct json_object *object, const char *name, bool flag)
{
    add(object, name, json_object_new_boolean(flag));
}

/* Milliseconds are enough, and keep the text short. */
static inline void add_seconds(struct json_object *object, const char *name, int64_t ns)
{
    char text[32];

    snprintf(text, sizeof(text), "%.3f", (double)ns / 1e9);
    add(object, name, json_object_new_double_s((double)ns / 1e9, text));
}

#endif
