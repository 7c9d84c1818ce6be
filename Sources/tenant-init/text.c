#include "kernel.h"

size_t text_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

size_t text_append(char *buffer, size_t size, size_t offset, const char *text)
{
    if (size == 0)
        return 0;
    while (offset + 1 < size && *text != '\0')
        buffer[offset++] = *text++;
    buffer[offset] = '\0';
    return offset;
}

size_t text_append_number(char *buffer, size_t size, size_t offset, uint64_t number)
{
    char digits[21];
    size_t first = sizeof digits - 1;
    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return text_append(buffer, size, offset, digits + first);
}
