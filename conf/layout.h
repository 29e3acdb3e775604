/*
 * What a model consists of, as tables: one row a field, with its place in the struct, its kind and the slices
 * that carry it.
 *
 * Everything that walks a whole model works from these rows: the slices (slice.c) and the canonical text
 * (digest.c). A new field of model.h is one row here; test_slice.c fails when it is forgotten.
 */
#ifndef TANDEM_CONF_LAYOUT_H
#define TANDEM_CONF_LAYOUT_H

#include "conf/model.h"
#include "conf/slice.h"

enum field_kind {
    FIELD_UNSIGNED, /* of any width; enumerations too */
    FIELD_SIGNED,
    FIELD_BOOL,
    FIELD_KEY,         /* 64 bits, hashed from other fields */
    FIELD_TEXT,        /* char *, NULL allowed */
    FIELD_CHARACTERS,  /* char array holding a terminated text */
    FIELD_DIGEST,      /* byte array that follows from the other fields */
    FIELD_SECRET,      /* byte array never shown */
    FIELD_SECRET_TEXT, /* char *, NULL allowed; never shown */
    FIELD_ADDRESS,     /* struct ip_address */
    FIELD_ENDPOINT,    /* struct ip_endpoint */
    FIELD_STRUCT,      /* embedded, or a pointer to it if .optional; its rows are in .layout */
    FIELD_LIST,        /* CONF_LIST of structs; rows in .layout */
    FIELD_WORDS,       /* CONF_LIST of char, none NULL */
    FIELD_REFERENCES,  /* CONF_LIST of pointers to instances of the same model */
};

struct layout;

struct field {
    const char *name;
    enum field_kind kind;
    uint16_t offset;
    uint16_t size;
    uint16_t slices; /* bit set of 1 << enum conf_slice */
    uint64_t lowest; /* FIELD_UNSIGNED: the values a reader may trust to lie between */
    uint64_t highest;
    const struct layout *layout;
    bool optional; /* FIELD_STRUCT: NULL where all in it would be zero, off or empty */
    bool follows;  /* from other fields, for readers who have not those */
    bool identity; /* with the others so marked it tells an item without a key from its siblings */
};

struct layout {
    const char *name; /* of one such object, in the canonical text */
    size_t size;
    const struct field *fields;
    size_t count;
    /* Which of a list's items go into a slice that holds not all; NULL = all. */
    bool (*belongs)(const void *item, enum conf_slice slice, uint16_t index, uint16_t count);
};

extern const struct layout layout_of_model;

/* All CONF_LISTs look like this one. */
struct any_list {
    void **items;
    uint32_t count;
    uint32_t room;
};

/* What stands for a secret where it may not be seen; one can read it back as if it were the secret. */
#define SECRET_BLANK "(secret)"

/* A number that two programs share if they mean the same by a slice. */
uint32_t layout_contract(void);

static inline bool field_is_in(const struct field *field, enum conf_slice slice)
{
    return slice == CONF_SLICE_WHOLE || (field->slices & (1U << slice)) != 0;
}

/* The struct of a FIELD_STRUCT, wherever it is; never NULL: zeros stand for one that is not there. */
const void *field_struct(const void *object, const struct field *field);

/* Copies, so that no struct is looked at through a pointer of another type. */
struct any_list field_list(const void *object, const struct field *field);
void field_set_list(void *object, const struct field *field, const struct any_list *list);
uint64_t field_unsigned(const void *object, const struct field *field);
void field_set_unsigned(void *object, const struct field *field, uint64_t value);
int64_t field_signed(const void *object, const struct field *field);
void field_set_signed(void *object, const struct field *field, int64_t value);

#endif
