/*
 * Rules for no_accept. See accept_rules.h.
 */
#include "daemon/kernel/accept_rules.h"

#include <dlfcn.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/kernel/nft_table.h"

/* The first name is the one the library's package installs. */
#define LIBRARY "libnftables.so.1"

/* ------------------------------------------------------------------ the rules as text */

enum element_kind {
    ELEMENT_IPV4,
    ELEMENT_IPV6,
    ELEMENT_LINK_LOCAL, /* the same address may be another instance's on another link */
};

/* What could end a name in nft's language does not get into it, wherever the name comes from. */
static bool is_plain(const char *name)
{
    return name[0] != '\0' && name[strcspn(name, "\"\\\n{};#$*")] == '\0';
}

/* The configuration has checked it; but a process without privileges has written what we read. */
static const char *table_of(const struct conf_global *global)
{
    const char *name = global->nftables_table;

    return name != NULL && is_plain(name) && strpbrk(name, " \t") == NULL ? name : "keepalived";
}

static enum element_kind kind_of(const struct conf_vip *vip)
{
    if (vip->address.family == AF_INET)
        return ELEMENT_IPV4;
    return ip_address_is_link_local(&vip->address) ? ELEMENT_LINK_LOCAL : ELEMENT_IPV6;
}

static void write_element(FILE *text, const struct conf_vip *vip)
{
    char address[IP_ADDRESS_TEXT];

    fprintf(text, "%s", ip_address_text(&vip->address, address));
    if (kind_of(vip) == ELEMENT_LINK_LOCAL)
        fprintf(text, " . \"%s\"", vip->interface);
}

/* Returns how many there are. */
static uint32_t write_elements(FILE *text, const struct conf_model *model, enum element_kind kind)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        for (uint32_t j = 0; !instance->accept && j < instance->vips.count; j++) {
            if (kind_of(instance->vips.items[j]) != kind || !is_plain(instance->vips.items[j]->interface))
                continue;
            fprintf(text, count++ == 0 ? "  elements = { " : ", ");
            write_element(text, instance->vips.items[j]);
        }
    }
    if (count > 0)
        fprintf(text, " }\n");
    return count;
}

static void write_set(FILE *text, const struct conf_model *model, const char *name, const char *type,
                      enum element_kind kind)
{
    fprintf(text, " set %s {\n  type %s\n", name, type);
    write_elements(text, model, kind);
    fprintf(text, " }\n");
}

static void write_chain(FILE *text, const struct conf_global *global, const char *hook, const char *side,
                        const char *interface)
{
    const char *counter = global->nftables_counters ? "counter " : "";

    fprintf(text, " chain %s {\n  type filter hook %s priority %d; policy accept;\n", hook, hook,
            global->nftables_priority);
    fprintf(text, "  ip %s @addresses4 %sdrop\n", side, counter);
    fprintf(text, "  icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n");
    fprintf(text, "  ip6 %s @addresses6 %sdrop\n", side, counter);
    fprintf(text, "  ip6 %s . %s @links6 %sdrop\n }\n", side, interface, counter);
}

static bool is_needed(const struct conf_model *model)
{
    for (uint32_t i = 0; i < model->instances.count; i++) {
        if (!model->instances.items[i]->accept && model->instances.items[i]->vips.count > 0)
            return true;
    }
    return false;
}

char *accept_rules_text(const struct conf_model *model)
{
    const char *table = table_of(&model->global);
    char *bytes = NULL;
    size_t length = 0;
    FILE *text;

    if (!is_needed(model))
        return NULL;
    text = open_memstream(&bytes, &length);
    if (text == NULL)
        abort();
    fprintf(text, "add table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table, table);
    write_set(text, model, "addresses4", "ipv4_addr", ELEMENT_IPV4);
    write_set(text, model, "addresses6", "ipv6_addr", ELEMENT_IPV6);
    write_set(text, model, "links6", "ipv6_addr . ifname", ELEMENT_LINK_LOCAL);
    write_chain(text, &model->global, "input", "daddr", "iifname");
    write_chain(text, &model->global, "output", "saddr", "oifname");
    fprintf(text, "}\n");
    if (fclose(text) != 0)
        abort();
    return bytes;
}

/* ------------------------------------------------------------------ the library */

struct library {
    void *handle;
    struct nft_ctx *(*context_new)(uint32_t flags);
    void (*context_free)(struct nft_ctx *context);
    int (*buffer_errors)(struct nft_ctx *context);
    const char *(*errors)(struct nft_ctx *context);
    int (*run)(struct nft_ctx *context, const char *commands);
};

static bool find_function(const struct library *library, const char *name, void *function)
{
    void *symbol = dlsym(library->handle, name);

    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static bool load(struct library *library)
{
    library->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library->handle != NULL && find_function(library, "nft_ctx_new", &library->context_new) &&
        find_function(library, "nft_ctx_free", &library->context_free) &&
        find_function(library, "nft_ctx_buffer_error", &library->buffer_errors) &&
        find_function(library, "nft_ctx_get_error_buffer", &library->errors) &&
        find_function(library, "nft_run_cmd_from_buffer", &library->run))
        return true;
    log_error("no_accept: nftables cannot be spoken to: %s (package libnftables1)", dlerror());
    if (library->handle != NULL)
        dlclose(library->handle);
    return false;
}

/* The library's report names the command and shows it on further lines; the first says what is wrong. */
static void log_refusal(const char *what, const char *report)
{
    log_error("no_accept: %s: %.*s", what, (int)strcspn(report, "\n"), report);
}

static bool run(const char *commands, const char *failure)
{
    struct library library;
    struct nft_ctx *context;
    bool done = false;

    if (!load(&library))
        return false;
    context = library.context_new(NFT_CTX_DEFAULT);
    if (context != NULL) {
        library.buffer_errors(context);
        done = library.run(context, commands) == 0;
        if (!done)
            log_refusal(failure, library.errors(context));
        library.context_free(context);
    }
    dlclose(library.handle);
    return done;
}

/* ------------------------------------------------------------------ in force */

static char *table_in_force; /* its name; NULL = none of ours */

static void remove_table(const char *name)
{
    char commands[128];

    snprintf(commands, sizeof(commands), "delete table inet %s\n", name);
    run(commands, "the rules cannot be removed");
}

void accept_rules_remove(void)
{
    if (table_in_force == NULL)
        return;
    remove_table(table_in_force);
    free(table_in_force);
    table_in_force = NULL;
}

void accept_rules_apply(const struct conf_model *model)
{
    const char *name = table_of(&model->global);
    char *commands = accept_rules_text(model);

    if (table_in_force != NULL && (commands == NULL || strcmp(name, table_in_force) != 0))
        accept_rules_remove();
    if (commands == NULL) {
        if (nft_table_exists(name)) { /* a predecessor's, which did not live to remove it */
            log_notice("no_accept: removes the rules left from before");
            remove_table(name);
        }
        return;
    }
    if (run(commands, "packets to the addresses are not dropped") && table_in_force == NULL)
        table_in_force = strdup(name);
    free(commands);
}
