"""Small scanners that both line formats share; each proves what it accepts and leaves the rest to the slow path."""

from __future__ import annotations

import numpy as np

from udfs.jit import loop
from udfs.types import U8

_POWERS = np.array([10.0**i for i in range(23)])
_EXACT = 1 << 53


@loop
def utf8_length(data: U8, i: int, stop: int) -> int:
    """Return the length of the well-formed UTF-8 sequence (RFC 3629) at ``i``, or 0."""
    a = data[i]
    if a < 0x80:
        return 1
    if a < 0xC2 or a > 0xF4:
        return 0
    need = 2 if a < 0xE0 else (3 if a < 0xF0 else 4)
    if i + need > stop:
        return 0
    b = data[i + 1]
    low, high = 0x80, 0xBF
    if a == 0xE0:
        low = 0xA0
    elif a == 0xED:
        high = 0x9F
    elif a == 0xF0:
        low = 0x90
    elif a == 0xF4:
        high = 0x8F
    if b < low or b > high:
        return 0
    for j in range(i + 2, i + need):
        if data[j] & 0xC0 != 0x80:
            return 0
    return need


@loop
def number_end(data: U8, i: int, stop: int) -> tuple[int, bool]:
    """Return the end of the JSON number at ``i`` and whether it is an integer; the end is -1 when it is none."""
    if i < stop and data[i] == 45:
        i += 1
    first = i
    while i < stop and 48 <= data[i] <= 57:
        i += 1
    if i == first or (data[first] == 48 and i > first + 1):
        return -1, False
    integer = True
    if i < stop and data[i] == 46:
        integer = False
        i += 1
        first = i
        while i < stop and 48 <= data[i] <= 57:
            i += 1
        if i == first:
            return -1, False
    if i < stop and (data[i] == 101 or data[i] == 69):
        integer = False
        i += 1
        if i < stop and (data[i] == 43 or data[i] == 45):
            i += 1
        first = i
        while i < stop and 48 <= data[i] <= 57:
            i += 1
        if i == first:
            return -1, False
    return i, integer


@loop
def read_number(data: U8, i: int, stop: int) -> tuple[bool, float]:
    """Read a valid JSON number exactly: mantissa below 2**53 and a power of ten below 23 round once (Clinger 1990)."""
    negative = data[i] == 45
    if negative:
        i += 1
    mantissa = 0
    exponent = 0
    while i < stop and 48 <= data[i] <= 57:
        mantissa = mantissa * 10 + (data[i] - 48)
        if mantissa >= _EXACT:
            return False, 0.0
        i += 1
    if i < stop and data[i] == 46:
        i += 1
        while i < stop and 48 <= data[i] <= 57:
            mantissa = mantissa * 10 + (data[i] - 48)
            exponent -= 1
            if mantissa >= _EXACT:
                return False, 0.0
            i += 1
    if i < stop:
        i += 1
        down = data[i] == 45
        if down or data[i] == 43:
            i += 1
        power = 0
        while i < stop:
            power = power * 10 + (data[i] - 48)
            if power > 1000:
                return False, 0.0
            i += 1
        exponent += -power if down else power
    if exponent < -22 or exponent > 22:
        return False, 0.0
    value = float(mantissa)
    value = value / _POWERS[-exponent] if exponent < 0 else value * _POWERS[exponent]
    return True, -value if negative else value


@loop
def read_integer(data: U8, i: int, stop: int) -> tuple[bool, int | np.int64]:
    """Read a valid JSON integer of at most 18 digits."""
    negative = data[i] == 45
    if negative:
        i += 1
    if stop - i > 18:
        return False, 0
    value = np.int64(0)
    while i < stop:
        value = value * 10 + (data[i] - 48)
        i += 1
    return True, -value if negative else value


@loop
def _digits(data: U8, i: int, count: int) -> int:
    value = 0
    for j in range(i, i + count):
        if data[j] < 48 or data[j] > 57:
            return -1
        value = value * 10 + (data[j] - 48)
    return value


@loop
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, ``days_from_civil``)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@loop
def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@loop
def read_iso8601(data: U8, i: int, stop: int) -> tuple[bool, int]:
    """Read ``YYYY-MM-DD[T ]HH:MM:SS[.fraction](Z|+HH:MM|+HHMM)`` as microseconds since 1970."""
    if stop - i < 20 or data[i + 4] != 45 or data[i + 7] != 45 or data[i + 13] != 58 or data[i + 16] != 58:
        return False, 0
    if data[i + 10] != 84 and data[i + 10] != 32:
        return False, 0
    year, month, day = _digits(data, i, 4), _digits(data, i + 5, 2), _digits(data, i + 8, 2)
    hour, minute, second = _digits(data, i + 11, 2), _digits(data, i + 14, 2), _digits(data, i + 17, 2)
    if year < 1 or month < 1 or month > 12 or day < 1 or day > _month_length(year, month):
        return False, 0
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return False, 0
    time = (((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
    i += 19
    if data[i] == 46:
        i += 1
        first = i
        scale = 100_000
        while i < stop and 48 <= data[i] <= 57:
            time += (data[i] - 48) * scale
            scale //= 10
            i += 1
        if i == first or i > first + 9:
            return False, 0
    if stop - i == 1 and data[i] == 90:
        return True, time
    size = stop - i
    if (size != 5 and size != 6) or (data[i] != 43 and data[i] != 45) or (size == 6 and data[i + 3] != 58):
        return False, 0
    hours, minutes = _digits(data, i + 1, 2), _digits(data, stop - 2, 2)
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return False, 0
    offset = (hours * 60 + minutes) * 60_000_000
    return True, time - offset if data[i] == 43 else time + offset


CLEAN, FOLD, SLOW = 0, 1, 2


@loop
def cleanliness(data: U8, start: int, stop: int, nfc: bool, trim: bool, case: int) -> int:
    """Tell whether well-formed text is clean as it stands (0), only needs ASCII case folding (1), or a closer look (2).

    Below U+0300 and within the CJK and Hangul syllable blocks every string is in NFC (Unicode's NFC_Quick_Check).
    """
    if start == stop:
        return CLEAN
    fold = False
    space = True
    i = start
    while i < stop:
        a = data[i]
        if a < 0x80:
            if trim and a <= 0x20:
                if a != 0x20 or space:
                    return SLOW
                space = True
            else:
                space = False
            fold |= (case == 1 and 65 <= a <= 90) or (case == 2 and 97 <= a <= 122)
            i += 1
            continue
        space = False
        if case != 0:
            return SLOW
        if a < 0xE0:
            point = ((a & 0x1F) << 6) | (data[i + 1] & 0x3F)
            if (nfc and point >= 0x300) or (trim and point <= 0xA0):
                return SLOW
            i += 2
        elif a < 0xF0:
            point = ((a & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)
            if not (0x4E00 <= point <= 0x9FFF or 0xAC00 <= point <= 0xD7A3):
                return SLOW
            i += 3
        else:
            return SLOW
    if trim and space:
        return SLOW
    return FOLD if fold else CLEAN
