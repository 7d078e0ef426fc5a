/// Labels of streams: ISO 8601 times with milliseconds and without a zone, whose order is that of
/// the times: `2015-05-11T21:21:33.291`.
enum StreamLabel {
    static func text(milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        let (year, month, day) = date(days: seconds / 86_400)
        let time = seconds % 86_400
        return digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T"
            + digits(time / 3_600, 2) + ":" + digits(time / 60 % 60, 2) + ":"
            + digits(time % 60, 2) + "." + digits(milliseconds % 1_000, 3)
    }

    private static func digits(_ value: UInt64, _ count: Int) -> String {
        padded(String(value), to: count)
    }

    /// The date of a day since 1970 in the Gregorian calendar.
    ///
    /// Counts in eras of 400 years from March 1 of the year 0, so that leap days come last.
    /// See https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    static func date(days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
