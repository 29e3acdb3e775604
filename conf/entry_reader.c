/*
 * Reading the words of a route or rule line. See entry_reader.h.
 */
#include "conf/entry_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/values.h"

const char *entry_word(const struct entry_reader *reader)
{
    return reader->node->words[reader->word].text;
}

bool entry_is(const struct entry_reader *reader, const char *word)
{
    return strcmp(entry_word(reader), word) == 0;
}

bool entry_has_next(const struct entry_reader *reader)
{
    return reader->word + 1 < reader->node->word_count;
}

bool entry_next(struct entry_reader *reader, const char *what)
{
    if (!entry_has_next(reader))
        return conf_need_word(reader->builder, reader->node, reader->node->word_count, what);
    reader->word++;
    return true;
}

bool entry_wrong(const struct entry_reader *reader, enum conf_problem problem, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    conf_complain(reader->builder, CONF_COMPLAINT, problem, reader->node, reader->word,
                  "%s; this line is ignored", text);
    free(text);
    return false;
}

bool entry_settle_family(struct entry_reader *reader, uint8_t family)
{
    if (family == AF_UNSPEC || reader->family == family)
        return true;
    if (reader->family != AF_UNSPEC)
        return entry_wrong(reader, CONF_PROBLEM_CONFLICT, "IPv4 and IPv6 do not go together here");
    reader->family = family;
    return true;
}

/* ------------------------------------------------------------------ arguments */

/* Decimal, 0x hexadecimal or 0 octal. */
static bool parse_any_base(const char *text, uint64_t *value)
{
    unsigned long long number;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    number = strtoull(text, &end, 0);
    *value = number;
    return *end == '\0' && errno == 0;
}

bool entry_integer(struct entry_reader *reader, uint64_t least, uint64_t most, uint64_t *value)
{
    if (!entry_next(reader, "a whole number"))
        return false;
    if (parse_any_base(entry_word(reader), value) && *value >= least && *value <= most)
        return true;
    return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is not a whole number from %llu to %llu",
                       entry_word(reader), (unsigned long long)least, (unsigned long long)most);
}

bool entry_u32(struct entry_reader *reader, uint32_t most, uint32_t *value)
{
    uint64_t wide;

    if (!entry_integer(reader, 0, most, &wide))
        return false;
    *value = (uint32_t)wide;
    return true;
}

bool conf_iproute_number(const struct conf_builder *builder, enum iproute_names kind, const char *word,
                         uint32_t *number)
{
    struct iproute_directories directories = {builder->global.iproute_etc_dir,
                                              builder->global.iproute_usr_dir};

    if (directories.first == NULL)
        directories.first = "/etc/iproute2";
    if (directories.second == NULL)
        directories.second = "/usr/share/iproute2";
    return iproute_number(builder->host, &directories, kind, word, number);
}

bool entry_name(struct entry_reader *reader, enum iproute_names kind, uint32_t *number)
{
    if (!entry_next(reader, iproute_kind_text(kind)))
        return false;
    if (conf_iproute_number(reader->builder, kind, entry_word(reader), number))
        return true;
    return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is neither the number nor the name of %s",
                       entry_word(reader), iproute_kind_text(kind));
}

bool entry_byte(struct entry_reader *reader, enum iproute_names kind, uint8_t *number)
{
    uint32_t wide;

    if (!entry_name(reader, kind, &wide))
        return false;
    *number = (uint8_t)wide;
    return true;
}

bool entry_realms(struct entry_reader *reader, uint32_t *realms)
{
    char source[64];
    const char *slash;
    uint32_t first = 0, second = 0;

    if (!entry_next(reader, "realms: [SOURCE/]DESTINATION"))
        return false;
    slash = strchr(entry_word(reader), '/');
    snprintf(source, sizeof(source), "%.*s", slash == NULL ? 0 : (int)(slash - entry_word(reader)),
             entry_word(reader));
    if ((slash != NULL && !conf_iproute_number(reader->builder, IPROUTE_REALM, source, &first)) ||
        !conf_iproute_number(reader->builder, IPROUTE_REALM, slash == NULL ? entry_word(reader) : slash + 1,
                             &second))
        return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is not [SOURCE/]DESTINATION of known realms",
                           entry_word(reader));
    *realms = first << 16 | second;
    return true;
}

bool entry_interface(struct entry_reader *reader, char **interface)
{
    if (!entry_next(reader, "an interface") ||
        !conf_check_interface(reader->builder, reader->node, reader->word))
        return false;
    *interface = conf_model_strdup(reader->builder->model, entry_word(reader));
    return true;
}

bool entry_address(struct entry_reader *reader, struct ip_address *address)
{
    if (!entry_next(reader, "an IP address"))
        return false;
    if (ip_address_parse(entry_word(reader), address))
        return true;
    return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is not an IP address", entry_word(reader));
}

static bool is_everywhere(const char *word)
{
    return strcmp(word, "default") == 0 || strcmp(word, "any") == 0 || strcmp(word, "all") == 0;
}

bool entry_prefix(struct entry_reader *reader, struct ip_address *address, uint8_t *length)
{
    bool given;

    memset(address, 0, sizeof(*address));
    *length = 0;
    if (is_everywhere(entry_word(reader)))
        return true;
    if (!conf_read_prefix(reader->builder, reader->node, reader->word, address, length, &given))
        return false;
    return entry_settle_family(reader, address->family);
}

bool entry_track_group(struct entry_reader *reader, char **interface)
{
    struct static_track *track;

    if (!entry_next(reader, "the name of a track_group"))
        return false;
    track = conf_arena_alloc(reader->builder->arena, sizeof(*track));
    track->node = reader->node;
    track->word = reader->word;
    track->interface = interface;
    track->next = reader->builder->static_tracks;
    reader->builder->static_tracks = track;
    return true;
}

bool entry_unknown(const struct entry_reader *reader, const char *of_what)
{
    const struct conf_keyword *row =
        conf_keyword_find(reader->builder->index, reader->row, entry_word(reader));
    struct conf_suggestion suggestion =
        conf_suggestion_begin(reader->builder->diagnostics, entry_word(reader));

    if (row != NULL && row->state == CONF_NOT_BUILT) {
        conf_refuse_unbuilt(reader->builder, reader->node, reader->word, row);
        return false;
    }
    for (row = conf_block_info(reader->row)->rows; row->name != NULL; row++)
        conf_suggestion_offer(&suggestion, row->name);
    conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_UNKNOWN_KEYWORD, reader->node, reader->word,
                  "'%s' is no option of %s; this line is ignored", entry_word(reader), of_what)
        ->suggestion = suggestion.best;
    return false;
}
