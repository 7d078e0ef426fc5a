/// A moment as the service's messages say it.
struct UTCTime {
    /// Since 1970; not before.
    let milliseconds: Int64

    private static let days = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// `Wednesday, July 25, 2018 8:48:14 AM UTC`.
    var spokenText: String {
        let seconds = UInt64(max(0, milliseconds)) / 1_000
        let (year, month, day) = StreamLabel.date(days: seconds / 86_400)
        let weekday = Self.days[Int(seconds / 86_400 % 7)]
        let hour = seconds / 3_600 % 24
        let minutes = padded(String(seconds / 60 % 60), to: 2)
        let time =
            "\(hour % 12 == 0 ? 12 : hour % 12):\(minutes):\(padded(String(seconds % 60), to: 2))"
        let date = "\(weekday), \(Self.months[Int(month) - 1]) \(day), \(year)"
        return "\(date) \(time) \(hour < 12 ? "AM" : "PM") UTC"
    }
}
