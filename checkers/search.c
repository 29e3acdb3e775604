/*
 * Searching a body piece by piece. See search.h.
 *
 * The window holds what a later match may still need: from where it may begin, and before that as much as the
 * expression looks behind, one byte at least, so that ^ and \A are true only at the body's begin.
 */
#include "checkers/search.h"

#include <stdlib.h>
#include <string.h>

void search_begin(struct search *search, const struct search_settings *settings)
{
    *search = (struct search){.settings = *settings, .next = settings->least};
}

void search_end(struct search *search)
{
    free(search->window);
    search->window = NULL;
}

static bool may_begin_at(const struct search *search, uint64_t place)
{
    return search->settings.end == 0 || place < search->settings.end;
}

/* Bytes at the end that are the begin of a character of UTF-8 whose rest is to come. */
static size_t cut_character(const struct search *search)
{
    size_t back = search->length < 3 ? search->length : 3;

    if (!pattern_is_utf(search->settings.pattern))
        return 0;
    for (size_t i = 1; i <= back; i++) {
        uint8_t byte = search->window[search->length - i];

        if ((byte & 0xc0) == 0x80)
            continue;
        if ((byte >= 0xf0 && i < 4) || (byte >= 0xe0 && byte < 0xf0 && i < 3) ||
            (byte >= 0xc0 && byte < 0xe0 && i < 2))
            return i;
        return 0;
    }
    return 0;
}

/* Forgets what no later match needs. */
static void trim(struct search *search)
{
    size_t behind = pattern_lookbehind(search->settings.pattern);
    uint64_t first;
    size_t gone;

    if (behind == 0)
        behind = 1;
    first = search->next > behind ? search->next - behind : 0;
    if (first <= search->offset)
        return;
    gone = first - search->offset < search->length ? (size_t)(first - search->offset) : search->length;
    while (gone > 0 && gone < search->length && pattern_is_utf(search->settings.pattern) &&
           (search->window[gone] & 0xc0) == 0x80)
        gone--;
    memmove(search->window, search->window + gone, search->length - gone);
    search->length -= gone;
    search->offset += gone;
}

static void look(struct search *search, bool final)
{
    size_t length = search->length - (final ? 0 : cut_character(search));
    size_t start = (size_t)(search->next - search->offset), begin = 0;

    if (search->next < search->offset || start > length)
        return;
    switch (pattern_match(search->settings.pattern, search->window, length, start, final, &begin)) {
    case PATTERN_MATCHES:
        search->found = may_begin_at(search, search->offset + begin);
        search->over = true;
        return;
    case PATTERN_GAVE_UP:
        search->gave_up = true;
        search->over = true;
        return;
    case PATTERN_MATCHES_NOT:
        search->next = search->offset + length;
        break;
    case PATTERN_IS_OPEN:
        search->next = search->offset + begin;
        break;
    }
    search->over = !may_begin_at(search, search->next);
    trim(search);
    if (search->length < SEARCH_WINDOW)
        return;
    search->next = search->offset + search->length; /* a match that long is not looked for */
    trim(search);
}

/* Bytes that come before any match may begin, and that none looks behind to. */
static size_t skip(struct search *search, size_t length)
{
    size_t behind = pattern_lookbehind(search->settings.pattern) + 8; /* a character, and one byte at least */
    uint64_t first = search->settings.least > behind ? search->settings.least - behind : 0;
    uint64_t end = search->offset + search->length;

    if (search->length > 0 || end >= first)
        return 0;
    if (first - end < length)
        length = (size_t)(first - end);
    search->offset += length;
    return length;
}

void search_piece(struct search *search, const uint8_t *bytes, size_t length)
{
    size_t skipped;

    if (search->over)
        return;
    skipped = skip(search, length);
    bytes += skipped;
    length -= skipped;
    if (search->window == NULL && length > 0) {
        search->window = malloc(SEARCH_WINDOW);
        if (search->window == NULL)
            abort();
    }
    while (length > 0 && !search->over) {
        size_t room = SEARCH_WINDOW - search->length;
        size_t taken = length < room ? length : room;

        memcpy(search->window + search->length, bytes, taken);
        search->length += taken;
        bytes += taken;
        length -= taken;
        look(search, false);
    }
}

void search_last(struct search *search)
{
    static uint8_t nothing[1];

    if (search->over)
        return;
    if (search->window != NULL) {
        look(search, true);
        return;
    }
    search->window = nothing; /* an empty body may match, too */
    look(search, true);
    search->window = NULL;
}
