"""Days and moments of any year in the proleptic Gregorian calendar, as PostgreSQL prints them; Python's end at 9999."""

DAY_MICROS = 86_400_000_000


def day_text(days: int) -> str:
    """The day so many days after 1970-01-01: `2025-07-01`, `10000-01-01`, `0044-03-15 BC`."""
    date, era = _dated(days)
    return date + era


def moment_text(micros: int) -> str:
    """So many microseconds after 1970-01-01: `2025-07-01 10:00:00.5`, `0044-03-15 12:00:00 BC`."""
    days, rest = divmod(micros, DAY_MICROS)
    date, era = _dated(days)
    return f"{date} {clock_text(rest)}{era}"


def clock_text(micros: int) -> str:
    """So many microseconds as a time, without zeros that say nothing: `10:00:00.5`; beyond a day and below 0 too."""
    sign, (seconds, fraction) = "-" if micros < 0 else "", divmod(abs(micros), 1_000_000)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def days_of(year: int, month: int, day: int) -> int:
    """Days after 1970-01-01 of a date; the year before 1 is 0."""
    year_from_march = year - (month <= 2)
    cycle, year_of_cycle = divmod(year_from_march, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return cycle * 146_097 + year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year - 719_468


def _dated(days: int) -> tuple[str, str]:
    """The inverse of `days_of`, as text: date and era."""
    cycle, day_of_cycle = divmod(days + 719_468, 146_097)
    year = (day_of_cycle - day_of_cycle // 1460 + day_of_cycle // 36_524 - day_of_cycle // 146_096) // 365
    day_of_year = day_of_cycle - (365 * year + year // 4 - year // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year += cycle * 400 + (month <= 2)
    rest = f"-{month:02d}-{day_of_year - (153 * month_from_march + 2) // 5 + 1:02d}"
    return (f"{year:04d}{rest}", "") if year > 0 else (f"{1 - year:04d}{rest}", " BC")
