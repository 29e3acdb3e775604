/*
 * Keys of objects: FNV-1a over the fields of the identity, one after the other, with a finaliser that spreads
 * every input bit over the whole word (the checkers are dealt out by key modulo their number). See key.h.
 */
#include "conf/key.h"

#include <string.h>

#include "conf/fnv.h"

/* Goes in first, so that objects of two kinds with equal fields differ. */
enum kind {
    KIND_INSTANCE = 1,
    KIND_SYNC_GROUP,
    KIND_VIRTUAL_SERVER,
    KIND_REAL_SERVER,
    KIND_CHECKER,
    KIND_FIFO,
    KIND_FIFO_READER,
    KIND_FWMARK_SERVER,
    KIND_GROUP_SERVER,
    KIND_TRACKED,
};

/* Least significant byte first, whatever the machine's order. */
static uint64_t add_number(uint64_t hash, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(number >> (8 * i));

        hash = fnv_add(hash, &byte, 1);
    }
    return hash;
}

/* With its length, so that no two sequences of texts run together to the same bytes. */
static uint64_t add_text(uint64_t hash, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    hash = add_number(hash, length, 4);
    return fnv_add(hash, text == NULL ? "" : text, length);
}

static uint64_t add_address(uint64_t hash, const struct ip_address *address)
{
    hash = add_number(hash, address->family, 1);
    return fnv_add(hash, address->bytes, ip_address_length(address));
}

static uint64_t add_endpoint(uint64_t hash, const struct ip_endpoint *endpoint)
{
    hash = add_address(hash, &endpoint->address);
    return add_number(hash, endpoint->port, 2);
}

static uint64_t begin(enum kind kind)
{
    return add_number(FNV_BEGIN, kind, 1);
}

/* Two rounds of multiply and shift let every bit reach every other (the constants are MurmurHash3's). */
static uint64_t finish(uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    hash ^= hash >> 33;
    return hash == 0 ? 1 : hash;
}

uint64_t conf_key_instance(const struct conf_instance *instance)
{
    bool unicast = instance->unicast_peers.count > 0;
    uint64_t hash = begin(KIND_INSTANCE);

    hash = add_number(hash, instance->vrid, 1);
    hash = add_number(hash, instance->family, 1);
    hash = add_text(hash, instance->interface);
    hash = add_number(hash, unicast, 1);
    if (instance->device.kind != CONF_DEVICE_NONE)
        hash = add_number(hash, instance->device.kind, 1);
    return finish(add_address(hash, unicast ? &instance->source : &instance->multicast_group));
}

uint64_t conf_key_sync_group(const char *name)
{
    return finish(add_text(begin(KIND_SYNC_GROUP), name));
}

uint64_t conf_key_tracked(enum conf_tracked_kind kind, const char *name)
{
    return finish(add_text(add_number(begin(KIND_TRACKED), kind, 1), name));
}

uint64_t conf_key_virtual_server(const struct conf_virtual_server *virtual_server)
{
    uint64_t hash = begin(KIND_VIRTUAL_SERVER);

    switch (virtual_server->kind) {
    case CONF_SERVER_ADDRESS:
        hash = add_number(hash, virtual_server->protocol, 1);
        return finish(add_endpoint(hash, &virtual_server->endpoint));
    case CONF_SERVER_FWMARK:
        hash = add_number(begin(KIND_FWMARK_SERVER), virtual_server->fwmark, 4);
        return finish(add_number(hash, virtual_server->services.items[0]->first.address.family, 1));
    case CONF_SERVER_GROUP:
        hash = add_text(begin(KIND_GROUP_SERVER), virtual_server->group);
        return finish(add_number(hash, virtual_server->protocol, 1));
    }
    return finish(hash);
}

uint64_t conf_key_real_server(uint64_t virtual_server, const struct ip_endpoint *endpoint)
{
    uint64_t hash = add_number(begin(KIND_REAL_SERVER), virtual_server, 8);

    return finish(add_endpoint(hash, endpoint));
}

uint64_t conf_key_checker(uint64_t real_server, enum conf_checker_type type, unsigned int ordinal)
{
    uint64_t hash = add_number(begin(KIND_CHECKER), real_server, 8);

    hash = add_number(hash, type, 2);
    return finish(add_number(hash, ordinal, 4));
}

uint64_t conf_key_fifo(const struct conf_fifo *fifo)
{
    return finish(add_text(begin(KIND_FIFO), fifo->path));
}

uint64_t conf_key_fifo_reader(const struct conf_fifo *fifo)
{
    uint64_t hash = add_text(begin(KIND_FIFO_READER), fifo->path);

    hash = add_number(hash, fifo->reader.uid, 4);
    hash = add_number(hash, fifo->reader.gid, 4);
    for (uint32_t i = 0; i < fifo->reader.words.count; i++)
        hash = add_text(hash, fifo->reader.words.items[i]);
    return finish(hash);
}
