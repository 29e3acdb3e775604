/*
 * Words and lines of the configuration language: see printer.h.
 */
#include "conf/printer.h"

#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <string.h>

#define INDENT 4

static void indent(const struct conf_printer *printer)
{
    fprintf(printer->out, "%*s", printer->depth * INDENT, "");
}

void printer_begin(const struct conf_printer *printer, const char *keyword)
{
    if (*keyword == '\0') { /* the first word brings a blank */
        fprintf(printer->out, "%*s", printer->depth * INDENT - 1, "");
        return;
    }
    indent(printer);
    fprintf(printer->out, "%s%s", printer->prefix == NULL ? "" : printer->prefix, keyword);
}

void printer_end(const struct conf_printer *printer)
{
    putc('\n', printer->out);
}

void printer_line(const struct conf_printer *printer, const char *format, ...)
{
    va_list arguments;

    indent(printer);
    va_start(arguments, format);
    vfprintf(printer->out, format, arguments);
    va_end(arguments);
    putc('\n', printer->out);
}

void printer_open(struct conf_printer *printer, const char *format, ...)
{
    va_list arguments;

    indent(printer);
    va_start(arguments, format);
    vfprintf(printer->out, format, arguments);
    va_end(arguments);
    fputs(" {\n", printer->out);
    printer->depth++;
}

void printer_close(struct conf_printer *printer)
{
    printer->depth--;
    printer_line(printer, "}");
}

/* ------------------------------------------------------------------ words */

/* Bytes that mean nothing to the language wherever they stand. */
static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("_-./:,=+%@", byte) != NULL);
}

static bool is_plain_text(const char *text)
{
    if (*text == '\0' || *text == '@' || *text == '+' || *text == '-')
        return false;
    if (strncmp(text, "include", 7) == 0) /* at the begin of a line it would be done */
        return false;
    while (is_plain(*text))
        text++;
    return *text == '\0';
}

void printer_word(const struct conf_printer *printer, const char *text)
{
    if (text == NULL) /* only of a model that was not read from a file */
        text = "";
    fprintf(printer->out, is_plain_text(text) ? " %s" : " \"%s\"", text);
}

void printer_address(const struct conf_printer *printer, const struct ip_address *address)
{
    char text[IP_ADDRESS_TEXT];

    fprintf(printer->out, " %s", ip_address_text(address, text));
}

void printer_endpoint(const struct conf_printer *printer, const struct ip_address *address, uint16_t port)
{
    printer_address(printer, address);
    if (port != 0)
        fprintf(printer->out, " %u", port);
}

void printer_seconds(const struct conf_printer *printer, int64_t microseconds)
{
    char fraction[16];
    size_t length = 6;

    fprintf(printer->out, " %" PRId64, microseconds / 1000000);
    if (microseconds % 1000000 == 0)
        return;
    snprintf(fraction, sizeof(fraction), "%06u", (unsigned int)(microseconds % 1000000));
    while (fraction[length - 1] == '0')
        fraction[--length] = '\0';
    fprintf(printer->out, ".%s", fraction);
}

void printer_user(const struct conf_printer *printer, uint32_t uid, uint32_t gid, bool all_groups)
{
    const struct passwd *user = getpwuid(uid);
    const struct group *group = getgrgid(gid);

    if (user == NULL)
        fprintf(printer->out, " %u", uid);
    else
        printer_word(printer, user->pw_name);
    if (group == NULL)
        fprintf(printer->out, all_groups ? " :%u" : " %u", gid);
    else if (all_groups)
        fprintf(printer->out, " :%s", group->gr_name);
    else
        printer_word(printer, group->gr_name);
}

/* Within the language's quotes a command has the shell's; what either would see is written as an escape. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_plain(*text))
            putc(*text, out);
        else
            fprintf(out, "\\x%02x", (unsigned char)*text);
    }
}

static bool is_quotable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (!is_plain(*text) && strchr(" <>()|&;*?[]^", *text) == NULL)
            return false;
    }
    return true;
}

static void put_argument(FILE *out, const char *text)
{
    if (is_plain_text(text) || (*text != '\0' && !is_quotable(text)))
        put_escaped(out, text);
    else
        fprintf(out, "'%s'", text);
}

void printer_command(const struct conf_printer *printer, const struct conf_script *script)
{
    bool quoted = script->words.count > 1 || !is_plain_text(script->words.items[0]);

    fputs(quoted ? " \"" : " ", printer->out);
    for (uint32_t i = 0; i < script->words.count; i++) {
        if (i > 0)
            putc(' ', printer->out);
        put_argument(printer->out, script->words.items[i]);
    }
    if (quoted)
        putc('"', printer->out);
}

void printer_escaped(const struct conf_printer *printer, const char *text)
{
    fputs(" \"", printer->out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '\\')
            fputs("\\\\", printer->out);
        else if (byte < ' ' || byte > '~' || strchr("\"'$~{}", *text) != NULL)
            fprintf(printer->out, "\\x%02x", byte);
        else
            putc(byte, printer->out);
    }
    putc('"', printer->out);
}
