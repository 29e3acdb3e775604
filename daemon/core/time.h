/*
 * Time as types, so that a point in time and a duration cannot be mixed up.
 *
 * struct mono is a point on CLOCK_BOOTTIME: it never jumps back, and it goes on while the machine
 * is suspended, so that a pause of any kind is seen as lateness. struct span is a duration.
 */
#ifndef TANDEM_CORE_TIME_H
#define TANDEM_CORE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
    int64_t ns; /* since boot; 0 = "no time", a timer that is not running */
};

struct span {
    int64_t ns;
};

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_S  1000000000LL

struct mono mono_now(void); /* CLOCK_BOOTTIME */

static inline struct span span_ns(int64_t ns)
{
    return (struct span){ns};
}

static inline struct span span_us(int64_t us)
{
    return (struct span){us * NS_PER_US};
}

static inline struct span span_ms(int64_t ms)
{
    return (struct span){ms * NS_PER_MS};
}

static inline struct span span_s(int64_t s)
{
    return (struct span){s * NS_PER_S};
}

static inline struct mono mono_add(struct mono t, struct span d)
{
    return (struct mono){t.ns + d.ns};
}

static inline struct span mono_since(struct mono later, struct mono earlier)
{
    return (struct span){later.ns - earlier.ns};
}

static inline bool mono_before(struct mono a, struct mono b)
{
    return a.ns < b.ns;
}

static inline bool mono_is_set(struct mono t)
{
    return t.ns != 0;
}

/* The earlier of two times of which either may be unset. */
struct mono mono_earliest(struct mono a, struct mono b);

static inline double span_seconds(struct span d)
{
    return (double)d.ns / 1e9;
}

#endif
