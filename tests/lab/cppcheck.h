/*
 * For cppcheck only, which reads no system headers: uthash's macros in short. With the real ones it takes
 * half a minute.
 */
#define HASH_ITER(hh, head, element, next)  for ((element) = (next) = (head); (element); (element) = (next))
#define HASH_FIND(hh, head, key, size, out) (out) = (head)
#define HASH_FIND_STR(head, key, out)       (out) = (head)
#define HASH_FIND_INT(head, key, out)       (out) = (head)
#define HASH_FIND_PTR(head, key, out)       (out) = (head)
