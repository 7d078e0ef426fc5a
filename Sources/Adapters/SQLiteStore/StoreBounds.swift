/// How much may be newer than SQLite's file, and what lies beside it.
package struct StoreBounds: Sendable {
    /// Memory of the overlay from which it goes into the file.
    ///
    /// While that takes place, as much again and half of it may come: then the writer waits. So two and a half times
    /// as much is the most there may be. The more of it there is, the more of what lies in one page goes
    /// there at once. With half of it, a catch-up of 100,000 items of 500 bytes cost flushes and
    /// writing back 8 µs a change of the kernel's time in place of 4.5.
    package var overlayBytesMax: Int
    /// The same beside a file that is too large to be mapped, the way to whose blocks is in memory besides
    /// (`InnerPages`).
    ///
    /// With millions of items hardly two of an overlay's are in one page, so more of them would save little. Of
    /// items whose values are left in the log (`LoggedValue`) it has as many as a file of the log.
    package var overlayBytesMaxBesideLarge: Int { overlayBytesMax / 8 * 5 }
    /// How large a file of the log may be when the overlay goes into SQLite's.
    ///
    /// With large values left in the log's file (`LoggedValue`), that comes first where tables are global, a
    /// change of 500 bytes being 600 in memory and 2,200 in the log; and beside a large file.
    package var logBytesMax: Int { 3 * overlayBytesMax }
    /// How long a commit stays in the log alone, if others follow.
    package var overlayMilliseconds: Int
    /// With how many pages in the page log they are written back to SQLite's file.
    ///
    /// With fewer where the file is small (`FileWriter.writeBackPages`). The last part may bring some more, and so
    /// may whatever is flushed while a snapshot is held.
    ///
    /// They take 20 MB where one pair of each is new, and 196 where all is; a start after a crash puts them into the file in
    /// a tenth of a second. A quarter as many would take half as much again of the disk's time where
    /// the file has some gigabytes (`WriteBack`).
    package var writeBackPages: Int
    /// From this size on values of some keyspaces lie in files beside SQLite's (`ValueFiles`).
    package var valueBytesMin: Int
    /// How much such a file takes.
    ///
    /// It goes as a whole, so one row may keep as much on the disk.
    package var valueFileBytesMax: Int

    /// The largest file whose pages are taken from a map (`FileMap`): as much may be resident of it.
    ///
    /// With overlays beside it, 140 MB while a store is filled, and the program, 30, a region has 300 MB and some more where the
    /// file comes near to this, and 110 beside a larger one. With half of it there would be 250 at most; but beside a file of 110 MB gets were
    /// 120,000 /s from a map and 89,000 read, puts 50,800 and 46,600, queries of 100 items 30,300 and 25,500.
    package var mappedBytesMax: Int
    /// What the pages take that lead to others, which all connections share (`InnerPages`).
    ///
    /// Five million items of 600 bytes have 21 MB of them: 2,100 of the directory and 560 above the blocks.
    package var innerPagesBytesMax: Int

    package init(
        overlayBytesMax: Int = 64 << 20,
        overlayMilliseconds: Int = 30_000,
        writeBackPages: Int = 24_000,
        valueBytesMin: Int = 1 << 10,
        valueFileBytesMax: Int = 64 << 20,
        mappedBytesMax: Int = 160 << 20,
        innerPagesBytesMax: Int = 24 << 20,
    ) {
        self.overlayBytesMax = overlayBytesMax
        self.overlayMilliseconds = overlayMilliseconds
        self.writeBackPages = max(1, writeBackPages)
        self.valueBytesMin = max(1, valueBytesMin)
        self.valueFileBytesMax = max(1, valueFileBytesMax)
        self.mappedBytesMax = max(1, mappedBytesMax)
        self.innerPagesBytesMax = innerPagesBytesMax
    }
}
