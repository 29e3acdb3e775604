/*
 * Judging bodies. See content.h.
 */
#include "checkers/content.h"

#include <stdio.h>
#include <string.h>

void content_begin(struct content *content, const struct conf_url *url, const struct pattern *pattern)
{
    content->searches = pattern != NULL;
    if (url->digest != NULL)
        md5_init(&content->md5);
    if (pattern != NULL) {
        const struct search_settings settings = {pattern, url->regex_min_offset, url->regex_end_offset};

        search_begin(&content->search, &settings);
    }
}

void content_piece(struct content *content, const struct conf_url *url, const uint8_t *bytes, size_t length)
{
    if (url->digest != NULL)
        md5_update(&content->md5, length, bytes);
    if (content->searches)
        search_piece(&content->search, bytes, length);
}

static struct content_judgement judge_digest(struct content *content, const struct conf_url *url)
{
    uint8_t digest[MD5_DIGEST_SIZE];
    char text[2 * MD5_DIGEST_SIZE + 1];
    uint32_t begin;

    md5_digest(&content->md5, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    if (strcmp(text, url->digest) == 0)
        return (struct content_judgement){.reason = VERDICT_OK};
    begin = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
    return (struct content_judgement){VERDICT_DIGEST, (int32_t)begin};
}

static struct content_judgement judge_search(struct content *content, const struct conf_url *url)
{
    struct search *search = &content->search;

    search_last(search);
    if (search->gave_up)
        return (struct content_judgement){.reason = VERDICT_REGEX_COST};
    if (search->found == url->regex_no_match)
        return (struct content_judgement){.reason = search->found ? VERDICT_REGEX_MATCH : VERDICT_REGEX};
    return (struct content_judgement){.reason = VERDICT_OK};
}

struct content_judgement content_judge(struct content *content, const struct conf_url *url)
{
    struct content_judgement judgement = {.reason = VERDICT_OK};

    if (url->digest != NULL)
        judgement = judge_digest(content, url);
    if (judgement.reason == VERDICT_OK && content->searches)
        judgement = judge_search(content, url);
    return judgement;
}

void content_end(struct content *content)
{
    if (content->searches)
        search_end(&content->search);
}
