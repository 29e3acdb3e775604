/*
 * Lets User Mode Linux run on processors with AMX: tests/lab/uml preloads this library into it.
 *
 * User Mode Linux keeps the registers of its processes in a buffer of fixed size and writes them back with
 * PTRACE_SETREGSET, NT_X86_XSTATE. The buffer ends behind AVX-512 and PKRU; with the 8 KiB of AMX tiles the
 * state is longer, and of a state that is cut short the host reads all (it gives what there is room for) but
 * writes nothing (EFAULT; arch/x86/kernel/fpu/regset.c, xstateregs_set). The guest's first process dies.
 *
 * So what has been refused is written again, together with the rest as the process has it now.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define STATE_BYTES_MAX 65536

typedef long ptrace_call(enum __ptrace_request request, ...);

static long set_whole_state(ptrace_call *call, pid_t process, const struct iovec *given)
{
    static unsigned char state[STATE_BYTES_MAX]; /* its stacks are small, and one thread traces */
    struct iovec whole = {.iov_base = state, .iov_len = sizeof(state)};

    if (call(PTRACE_GETREGSET, process, (void *)NT_X86_XSTATE, &whole) < 0)
        return -1;
    if (given->iov_len >= whole.iov_len) {
        errno = EFAULT;
        return -1;
    }
    memcpy(state, given->iov_base, given->iov_len);
    return call(PTRACE_SETREGSET, process, (void *)NT_X86_XSTATE, &whole);
}

long ptrace(enum __ptrace_request request, ...)
{
    static ptrace_call *call;
    va_list arguments;
    pid_t process;
    void *address, *data;
    long result;

    if (call == NULL)
        call = (ptrace_call *)dlsym(RTLD_NEXT, "ptrace");
    va_start(arguments, request);
    process = va_arg(arguments, pid_t);
    address = va_arg(arguments, void *);
    data = va_arg(arguments, void *);
    va_end(arguments);
    result = call(request, process, address, data);
    if (result < 0 && errno == EFAULT && request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE)
        return set_whole_state(call, process, data);
    return result;
}
