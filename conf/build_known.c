/*
 * What the builder remembers by a hash, so that lists cost the same for each item however long they are: what
 * it knows of an interface, and which items an object has already.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/arena.h"
#include "conf/values.h"

/* ------------------------------------------------------------------ interfaces */

struct known_interface *conf_know_interface(struct conf_builder *builder, const char *name)
{
    size_t length = strlen(name);
    struct known_interface *known;

    HASH_FIND(by_name, builder->interfaces_by_name, name, length, known);
    if (known != NULL)
        return known;
    known = conf_arena_alloc(builder->kept, sizeof(*known) + length + 1);
    memcpy(known->name, name, length);
    HASH_ADD_KEYPTR(by_name, builder->interfaces_by_name, known->name, length, known);
    return known;
}

/* True if this interface was asked for already; from now on it was. */
static bool was_asked(struct conf_builder *builder, const char *name)
{
    struct known_interface *known = conf_know_interface(builder, name);
    bool asked = known->asked;

    known->asked = true;
    return asked;
}

bool conf_check_interface(struct conf_builder *builder, const struct conf_node *node, size_t word)
{
    const char *name = node->words[word].text;
    struct conf_diagnostic *diagnostic;

    if (!conf_is_interface_name(name)) {
        diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                                   "'%s' cannot be the name of an interface", name);
        conf_diagnostic_expect(builder->diagnostics, diagnostic,
                               "at most 15 characters, no '/', ':' or blank");
        return false;
    }
    if (builder->host->has_interface == NULL ||
        builder->global.daemon.network_namespace != NULL || /* it is looked for there */
        was_asked(builder, name) || builder->host->has_interface(builder->host->context, name))
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, word,
                  "there is no interface '%s' on this machine now; tandem waits for it", name);
    return true;
}

/* ------------------------------------------------------------------ items of an object */

/* The bytes of a key; their number. */
static size_t member_key(const void *owner, const void *item, size_t length,
                         unsigned char key[static sizeof(owner) + CONF_MEMBER_BYTES])
{
    memcpy(key, &owner, sizeof(owner));
    memcpy(key + sizeof(owner), item, length);
    return sizeof(owner) + length;
}

bool conf_is_member(const struct conf_builder *builder, const void *owner, const void *item, size_t length)
{
    unsigned char key[sizeof(owner) + CONF_MEMBER_BYTES];
    size_t bytes = member_key(owner, item, length, key);
    struct known_member *known;

    HASH_FIND(hh, builder->members, key, bytes, known);
    return known != NULL;
}

bool conf_note_member(struct conf_builder *builder, const void *owner, const void *item, size_t length)
{
    struct known_member *known;
    size_t bytes;

    if (conf_is_member(builder, owner, item, length))
        return false;
    known = conf_arena_alloc(builder->kept, sizeof(*known) + sizeof(owner) + CONF_MEMBER_BYTES);
    bytes = member_key(owner, item, length, known->key);
    HASH_ADD_KEYPTR(hh, builder->members, known->key, bytes, known);
    return true;
}
