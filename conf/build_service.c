/*
 * Builder: virtual_server_group, and which virtual services of the kernel a virtual_server stands for.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/arena.h"
#include "conf/range.h"
#include "conf/values.h"

/* ------------------------------------------------------------------ virtual_server_group */

void *conf_begin_service_group(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct service_group_draft *draft;
    struct service_group_draft *first;

    (void)parent;
    if (!conf_need_word(builder, node, 1, "the name of the group"))
        return NULL;
    HASH_FIND(by_name, builder->service_groups_by_name, node->words[1].text, node->words[1].length, first);
    if (first != NULL) {
        conf_complain_twice(builder, "virtual_server_group", node, first->node);
        return NULL;
    }
    draft = conf_arena_alloc(builder->arena, sizeof(*draft));
    draft->node = node;
    draft->lines_end = &draft->lines;
    HASH_ADD_KEYPTR(by_name, builder->service_groups_by_name, node->words[1].text, node->words[1].length,
                    draft);
    return draft;
}

/* fwmark NUMBER [inet|inet6] */
static bool read_mark(struct conf_builder *builder, const struct conf_node *node,
                      struct conf_service *service)
{
    int64_t mark;

    if (!conf_read_integer(builder, node, 1, 1, UINT32_MAX, &mark))
        return false;
    service->fwmark = (uint32_t)mark;
    if (node->word_count < 3)
        return true;
    if (strcmp(node->words[2].text, "inet") == 0)
        service->first.address.family = AF_INET;
    else if (strcmp(node->words[2].text, "inet6") == 0)
        service->first.address.family = AF_INET6;
    else {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 2,
                                             "'%s' is not an address family; this line is ignored",
                                             node->words[2].text),
                               "inet or inet6");
        return false;
    }
    return true;
}

/* RANGE [PORT] */
static bool read_addresses(struct conf_builder *builder, const struct conf_node *node,
                           struct conf_service *service)
{
    enum conf_range_fault fault =
        conf_parse_range(node->words[0].text, &service->first.address, &service->count);
    int64_t port = 0;

    if (fault != CONF_RANGE_GOOD) {
        conf_diagnostic_expect(
            builder->diagnostics,
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 0,
                          "'%s' is not a range of addresses: %s; this line is ignored", node->words[0].text,
                          conf_range_fault_text(fault)),
            "ADDRESS, ADDRESS/LENGTH, ADDRESS-LAST or ADDRESS-ADDRESS, then a port; or fwmark NUMBER");
        return false;
    }
    if (node->word_count > 1 && !conf_read_integer(builder, node, 1, 0, 65535, &port))
        return false;
    service->first.port = (uint16_t)port;
    return true;
}

void conf_entry_service(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct service_group_draft *group = data;
    bool mark = strcmp(node->words[0].text, "fwmark") == 0;
    size_t most = mark ? 3 : 2;
    struct service_line *line;
    struct conf_service service = {.count = 1};

    if (mark ? !read_mark(builder, node, &service) : !read_addresses(builder, node, &service))
        return;
    if (node->word_count > most)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_ARGUMENT, node, most,
                      "'%s' and what follows it are ignored", node->words[most].text);
    line = conf_arena_alloc(builder->arena, sizeof(*line));
    line->node = node;
    line->service = service;
    *group->lines_end = line;
    group->lines_end = &line->next;
}

/* ------------------------------------------------------------------ the services of a virtual_server */

static void add_service(struct conf_builder *builder, struct conf_virtual_server *server,
                        const struct conf_service *service)
{
    struct conf_service *own = conf_model_alloc(builder->model, sizeof(*own));

    *own = *service;
    conf_list_add(builder->model, &server->services, own);
}

/* Of a real server that is not built yet; AF_UNSPEC if it will not be. */
static uint8_t family_of(const struct conf_node *real)
{
    struct ip_address address;
    uint8_t length;
    bool length_given;
    int64_t port;

    if (real->word_count < 2 ||
        conf_parse_prefix(real->words[1].text, &address, &length, &length_given) != CONF_VALUE_GOOD ||
        (real->word_count > 2 &&
         conf_parse_integer(real->words[2].text, 0, UINT16_MAX, &port) != CONF_VALUE_GOOD))
        return AF_UNSPEC;
    return address.family;
}

/* Its own method, or the virtual server's. */
static enum conf_forwarding forwarding_of(const struct server_draft *draft, const struct conf_node *real)
{
    enum conf_forwarding forwarding = draft->method.forwarding;

    for (const struct conf_node *line = real->children; line != NULL; line = line->next) {
        if (line->keyword != NULL && line->keyword->handler == conf_handle_real_method &&
            line->word_count > 1)
            forwarding = strcmp(line->words[1].text, "TUN") == 0 ? CONF_FORWARD_TUN : CONF_FORWARD_NAT;
    }
    return forwarding;
}

/* The address family of a firewall mark that has none of its own: what ip_family says; else that of the
 * servers it must agree with; else that of all servers, which are tunnelled to; else IPv4. */
static uint8_t mark_family(struct conf_builder *builder, const struct server_draft *draft)
{
    uint8_t common = draft->sorry_given ? draft->sorry.address.family : AF_UNSPEC;
    const struct conf_node *real = NULL;
    bool differ = false;

    if (draft->ip_family != CONF_UNSET)
        return (uint8_t)draft->ip_family;
    while ((real = conf_look_apart(builder, draft->node, CONF_BLOCK_REAL_SERVER, real)) != NULL) {
        uint8_t family = family_of(real);

        if (family != AF_UNSPEC && forwarding_of(draft, real) != CONF_FORWARD_TUN)
            return family;
        if (family != AF_UNSPEC && common != AF_UNSPEC && common != family)
            differ = true;
        if (family != AF_UNSPEC)
            common = family;
    }
    if (draft->sorry_given && conf_sorry_method(draft).forwarding != CONF_FORWARD_TUN)
        return draft->sorry.address.family;
    return differ || common == AF_UNSPEC ? AF_INET : common;
}

static void check_ip_family(struct conf_builder *builder, const struct server_draft *draft)
{
    const struct conf_virtual_server *server = draft->server;

    if (draft->ip_family == CONF_UNSET || server->kind != CONF_SERVER_ADDRESS ||
        draft->ip_family == server->endpoint.address.family)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "ip_family"), 1,
                  "ip_family contradicts the address of this virtual_server; it is ignored");
}

static bool add_group(struct conf_builder *builder, const struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    uint8_t family = AF_UNSPEC;
    struct service_group_draft *group, *other, *next;
    struct conf_suggestion suggestion = conf_suggestion_begin(builder->diagnostics, server->group);

    HASH_FIND(by_name, builder->service_groups_by_name, server->group, strlen(server->group), group);
    if (group == NULL) {
        HASH_ITER(by_name, builder->service_groups_by_name, other, next)
        conf_suggestion_offer(&suggestion, other->node->words[1].text);
        conf_diagnostic_suggest(
            builder->diagnostics,
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, draft->node, 2,
                          "there is no virtual_server_group '%s'; this virtual_server is left out",
                          server->group),
            &suggestion);
        return false;
    }
    for (const struct service_line *line = group->lines; line != NULL; line = line->next) {
        struct conf_service service = line->service;

        if (!ip_address_is_set(&service.first.address)) {
            family = family == AF_UNSPEC ? mark_family(builder, draft) : family;
            service.first.address.family = family;
        }
        add_service(builder, server, &service);
    }
    if (server->services.count > 0)
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 2,
                  "virtual_server_group %s has no entry; this virtual_server is left out", server->group);
    return false;
}

bool conf_finish_services(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    struct conf_service mark = {.count = 1, .fwmark = server->fwmark};

    check_ip_family(builder, draft);
    switch (server->kind) {
    case CONF_SERVER_ADDRESS:
        add_service(builder, server, &(struct conf_service){.first = server->endpoint, .count = 1});
        return true;
    case CONF_SERVER_FWMARK:
        mark.first.address.family = mark_family(builder, draft);
        add_service(builder, server, &mark);
        return true;
    case CONF_SERVER_GROUP:
        return add_group(builder, draft);
    }
    return false;
}

/* ------------------------------------------------------------------ what they have in common */

bool conf_has_family(const struct conf_virtual_server *server, uint8_t family)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->first.address.family == family)
            return true;
    }
    return false;
}

bool conf_has_marks(const struct conf_virtual_server *server)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark != 0)
            return true;
    }
    return false;
}

bool conf_has_addresses(const struct conf_virtual_server *server)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark == 0)
            return true;
    }
    return false;
}

bool conf_has_open_port(const struct conf_virtual_server *server)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark == 0 && server->services.items[i]->first.port == 0)
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ two for one service */

static struct service_id claim_of(const struct conf_virtual_server *server,
                                  const struct conf_service *service, uint32_t step)
{
    struct ip_address address = ip_address_plus(&service->first.address, step);
    struct service_id id = {.family = address.family, .fwmark = service->fwmark};

    if (service->fwmark != 0)
        return id;
    id.protocol = (uint8_t)server->protocol;
    id.port = service->first.port;
    memcpy(id.address, address.bytes, sizeof(id.address));
    return id;
}

/* The claim of another virtual server to one of these; NULL after claiming all for this one. */
static const struct service_claim *claim(struct conf_builder *builder, const struct server_draft *draft,
                                         const struct conf_service *service)
{
    struct service_claim *found;
    struct service_id id;

    for (uint32_t step = 0; step < service->count; step++) {
        id = claim_of(draft->server, service, step);
        HASH_FIND(by_id, builder->claims, &id, sizeof(id), found);
        if (found != NULL)
            return found;
    }
    for (uint32_t step = 0; step < service->count; step++) {
        found = conf_arena_alloc(builder->kept, sizeof(*found));
        found->id = claim_of(draft->server, service, step);
        found->server = draft->node->words[0].position;
        HASH_ADD(by_id, builder->claims, id, sizeof(found->id), found);
    }
    return NULL;
}

static void complain_of_claim(struct conf_builder *builder, const struct server_draft *draft,
                              const struct conf_service *service, const struct service_claim *first)
{
    char text[IP_ENDPOINT_TEXT];
    struct conf_diagnostic *diagnostic;

    if (service->fwmark != 0)
        snprintf(text, sizeof(text), "firewall mark %u", service->fwmark);
    else
        ip_endpoint_text(&service->first, text);
    diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, draft->node, 2,
                               "%s%s belongs to a virtual_server already; it is left out of this one", text,
                               service->count > 1 ? ", or an address of the range that begins with it," : "");
    conf_diagnostic_relate(builder->diagnostics, diagnostic, first->server, "of this one");
}

void conf_release_services(struct conf_builder *builder, const struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    if (builder->claims == NULL)
        return;
    for (uint32_t i = 0; i < server->services.count; i++) {
        const struct conf_service *service = server->services.items[i];

        for (uint32_t step = 0; step < service->count; step++) {
            struct service_id id = claim_of(server, service, step);
            struct service_claim *own; /* there: what it could not claim is not among its services */

            HASH_FIND(by_id, builder->claims, &id, sizeof(id), own);
            HASH_DELETE(by_id, builder->claims, own);
        }
    }
}

bool conf_claim_services(struct conf_builder *builder, const struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    uint32_t kept = 0;

    if (builder->service_groups_by_name == NULL)
        return true; /* then a service is the virtual server, and compared already */
    for (uint32_t i = 0; i < server->services.count; i++) {
        struct conf_service *service = server->services.items[i];
        const struct service_claim *first = claim(builder, draft, service);

        if (first == NULL)
            server->services.items[kept++] = service;
        else
            complain_of_claim(builder, draft, service, first);
    }
    server->services.count = kept;
    if (kept == 0)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 0,
                      "nothing is left of this virtual_server; it is left out");
    return kept > 0;
}
