/*
 * Names that iproute2 has for numbers. See iproute_names.h.
 */
#include "conf/iproute_names.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 63

struct name {
    const char *word; /* NULL ends the list */
    uint32_t number;
};

static const struct name tables[] = {
    {"main", RT_TABLE_MAIN},
    {"default", RT_TABLE_DEFAULT},
    {"local", RT_TABLE_LOCAL},
    {0},
};

static const struct name protocols[] = {
    {"kernel", RTPROT_KERNEL}, {"boot", RTPROT_BOOT}, {"static", RTPROT_STATIC},
    {"ra", RTPROT_RA},         {"bird", RTPROT_BIRD}, {"zebra", RTPROT_ZEBRA},
    {"dhcp", RTPROT_DHCP},     {"keepalived", 18},    {0},
};

static const struct name scopes[] = {
    {"global", RT_SCOPE_UNIVERSE}, {"site", RT_SCOPE_SITE},       {"link", RT_SCOPE_LINK},
    {"host", RT_SCOPE_HOST},       {"nowhere", RT_SCOPE_NOWHERE}, {0},
};

static const struct name only_default[] = {{"default", 0}, {0}};
static const struct name cosmos[] = {{"cosmos", 0}, {0}};

static const struct {
    const char *file;
    const char *text;
    uint32_t most;
    const struct name *known;
} kinds[] = {
    [IPROUTE_TABLE] = {"rt_tables", "a routing table", UINT32_MAX, tables},
    [IPROUTE_PROTOCOL] = {"rt_protos", "a routing protocol", UINT8_MAX, protocols},
    [IPROUTE_SCOPE] = {"rt_scopes", "a scope", UINT8_MAX, scopes},
    [IPROUTE_DSFIELD] = {"rt_dsfield", "a type of service", UINT8_MAX, only_default},
    [IPROUTE_REALM] = {"rt_realms", "a realm", UINT16_MAX, cosmos},
    [IPROUTE_GROUP] = {"group", "a group of interfaces", INT32_MAX, only_default},
};

const char *iproute_kind_text(enum iproute_names kind)
{
    return kinds[kind].text;
}

static bool read_number(const char *word, uint32_t most, uint32_t *number)
{
    unsigned long long value;
    char *end;

    if (*word < '0' || *word > '9')
        return false;
    errno = 0;
    value = strtoull(word, &end, 0);
    if (*end != '\0' || errno != 0 || value > most)
        return false;
    *number = (uint32_t)value;
    return true;
}

/* "255	local", "0x12 name"; what follows # is a comment. */
static bool line_names(const char *line, const char *word, uint32_t most, uint32_t *number)
{
    char value[NAME_MAX_LENGTH + 1], name[NAME_MAX_LENGTH + 1];

    return sscanf(line, " %63[^ \t\n#] %63[^ \t\n#]", value, name) == 2 && strcmp(name, word) == 0 &&
           read_number(value, most, number);
}

static bool text_names(const char *text, const char *word, uint32_t most, uint32_t *number)
{
    while (*text != '\0') {
        const char *end = strchrnul(text, '\n');

        if (text[strspn(text, " \t")] != '#' && line_names(text, word, most, number))
            return true;
        text = *end == '\0' ? end : end + 1;
    }
    return false;
}

static bool file_names(const struct conf_host *host, const char *path, const char *word, uint32_t most,
                       uint32_t *number)
{
    size_t length;
    char *text = host->read_file(host->context, path, &length);
    bool found = text != NULL && text_names(text, word, most, number);

    free(text);
    return found;
}

/* FILE, and every configuration file of FILE.d. */
static bool directory_names(const struct conf_host *host, const char *directory, enum iproute_names kind,
                            const char *word, uint32_t *number)
{
    struct conf_paths paths = {0};
    char path[512];
    bool found;

    if (directory == NULL)
        return false;
    snprintf(path, sizeof(path), "%s/%s", directory, kinds[kind].file);
    if (file_names(host, path, word, kinds[kind].most, number))
        return true;
    snprintf(path, sizeof(path), "%s/%s.d/*.conf", directory, kinds[kind].file);
    if (host->match(host->context, path, &paths) != 0)
        return false;
    found = false;
    for (size_t i = 0; i < paths.count && !found; i++)
        found = file_names(host, paths.items[i], word, kinds[kind].most, number);
    host->match_free(host->context, &paths);
    return found;
}

bool iproute_number(const struct conf_host *host, const struct iproute_directories *directories,
                    enum iproute_names kind, const char *word, uint32_t *number)
{
    if (read_number(word, kinds[kind].most, number))
        return true;
    for (const struct name *name = kinds[kind].known; name->word != NULL; name++) {
        if (strcmp(name->word, word) == 0) {
            *number = name->number;
            return true;
        }
    }
    return directory_names(host, directories->first, kind, word, number) ||
           directory_names(host, directories->second, kind, word, number);
}
