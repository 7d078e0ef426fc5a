import CSQLite

/// The table of methods that a connection's file has: the file's own, but that pages go by what all
/// connections share.
///
/// Pages are taken from the map where there is one that has them (`FileMap`), and from what is kept of
/// those that lead to others (`InnerPages`): handed out where SQLite asks for pages to be handed out, copied
/// where it reads. What is written is dropped there. All others are read as the map's file has them.
///
/// The file's own methods see everything else: locks, shared memory, the file's size. Journals and the WAL
/// are files of their own, which have their own tables.
///
/// See https://www.sqlite.org/c3ref/io_methods.html and https://www.sqlite.org/mmap.html.
final class PageMethods {
    /// What stands behind the methods in memory.
    private struct Context {
        let own: UnsafePointer<sqlite3_io_methods>
        let pages: Unmanaged<SharedPages>
        let handsOut: Bool
        let writeBack: Unmanaged<WriteBack>?
    }

    private typealias File = UnsafeMutablePointer<sqlite3_file>

    private let table: MethodTable<Context>
    /// As long as the table.
    private let pages: SharedPages
    /// As long as the table; hears of each page that is written.
    private let writeBack: WriteBack?

    /// Nil where the file's methods are of a kind that hands out no pages (before SQLite 3.7.17); it is to
    /// outlive the connection.
    init?(
        _ pages: SharedPages,
        handsOut: Bool,
        writeBack: WriteBack?,
        for handle: OpaquePointer,
    ) {
        guard let file = MethodTable<Context>.file(SQLITE_FCNTL_FILE_POINTER, of: handle),
            let own = file.pointee.pMethods, own.pointee.iVersion >= 3
        else { return nil }
        self.pages = pages
        self.writeBack = writeBack
        let context = Context(
            own: own,
            pages: Unmanaged.passUnretained(pages),
            handsOut: handsOut,
            writeBack: writeBack.map { Unmanaged.passUnretained($0) },
        )
        table = MethodTable(Self.methods(over: own.pointee), context)
        table.install(in: file)
    }

    private static func methods(over own: sqlite3_io_methods) -> sqlite3_io_methods {
        var methods = own
        methods.xFetch = { file, offset, count, page in
            page?.pointee = file.flatMap { PageMethods.fetch($0, Int(offset), Int(count)) }
            return SQLITE_OK
        }
        methods.xUnfetch = { file, _, page in
            guard let file, let page else { return SQLITE_OK }
            PageMethods.context(of: file).pages._withUnsafeGuaranteedRef {
                _ = $0.inner.letGo(page)
            }
            return SQLITE_OK
        }
        methods.xRead = { file, target, count, offset in
            guard let file, let target else { return SQLITE_IOERR }
            return PageMethods.read(file, target, Int(count), Int(offset))
        }
        methods.xWrite = { file, source, count, offset in
            guard let file, let source else { return SQLITE_IOERR }
            return PageMethods.write(file, source, Int(count), Int(offset))
        }
        methods.xTruncate = { file, size in
            guard let file else { return SQLITE_IOERR }
            return PageMethods.truncate(file, size)
        }
        return methods
    }

    private static func context(of file: File) -> Context {
        MethodTable<Context>.context(of: file)
    }

    /// The number of a page that is read or written as a whole; nil for parts, and for the first one,
    /// which begins with the file's head and tells SQLite whether the file was changed.
    private static func page(_ offset: Int, _ count: Int) -> UInt32? {
        guard count == InnerPages.pageBytes, offset > 0, offset % count == 0 else { return nil }
        return UInt32(exactly: offset / count + 1)
    }

    private static func fetch(_ file: File, _ offset: Int, _ count: Int) -> UnsafeMutableRawPointer?
    {
        context(of: file).pages._withUnsafeGuaranteedRef { pages in
            if let mapped = pages.map.bytes(at: offset, count) { return mapped }
            return page(offset, count).flatMap { pages.inner.hold($0) }
        }
    }

    private static func read(
        _ file: File,
        _ target: UnsafeMutableRawPointer,
        _ count: Int,
        _ offset: Int,
    ) -> Int32 {
        let context = context(of: file)
        let own = context.own.pointee.xRead.unsafelyUnwrapped
        guard let page = page(offset, count) else {
            return own(file, target, Int32(count), sqlite3_int64(offset))
        }
        return context.pages._withUnsafeGuaranteedRef { pages in
            let inner = pages.inner
            if inner.copy(page, to: target) { return SQLITE_OK }
            let generation = inner.generation(of: page)
            guard pages.map.read(target, at: offset, count) else {
                // The file's own way to say what is wrong.
                return own(file, target, Int32(count), sqlite3_int64(offset))
            }
            // Walks and flushes come by pages in order, and do not come again soon.
            if context.handsOut, InnerPages.leads(target) {
                inner.keep(page, target, since: generation)
            }
            return SQLITE_OK
        }
    }

    /// Who reads the file meanwhile keeps nothing of what it read (`InnerPages`).
    private static func write(
        _ file: File,
        _ source: UnsafeRawPointer,
        _ count: Int,
        _ offset: Int,
    ) -> Int32 {
        let context = context(of: file)
        let own = context.own.pointee.xWrite.unsafelyUnwrapped
        return context.pages._withUnsafeGuaranteedRef { pages in
            var difference = PageDifference.whole
            if context.writeBack != nil {
                // What was given for another page is none of this.
                guard let given = pages.log.takeGiven(page(offset, count) ?? 0) else {
                    return SQLITE_IOERR
                }
                difference = given
            }
            let worth = drop(pages.inner, offset, count)
            var code = SQLITE_OK
            for part in difference.isWhole ? [0..<count] : Array(difference.stretches)
            where code == SQLITE_OK {
                let (start, bytes) = (offset + part.lowerBound, source + part.lowerBound)
                code = own(file, bytes, Int32(part.count), sqlite3_int64(start))
                context.writeBack?._withUnsafeGuaranteedRef { $0.wrote(start..<start + part.count) }
            }
            drop(pages.inner, offset, count)
            if code == SQLITE_OK, let worth, let page = page(offset, count) {
                keep(page, difference.isWhole ? source : nil, worth, pages)
            }
            context.writeBack?._withUnsafeGuaranteedRef { $0.wrotePage() }
            return code
        }
    }

    /// Keeps a page that was kept before it was written: as it came, or as it is in the file.
    private static func keep(
        _ page: UInt32,
        _ source: UnsafeRawPointer?,
        _ worth: UInt64,
        _ pages: SharedPages,
    ) {
        let generation = pages.inner.generation(of: page)
        let count = InnerPages.pageBytes
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { read in
            guard let memory = read.baseAddress else { return }
            if source == nil {
                let offset = (Int(page) - 1) * count
                guard pages.map.read(memory, at: offset, count) else { return }
            }
            let bytes = source ?? UnsafeRawPointer(memory)
            guard InnerPages.leads(bytes) else { return }
            pages.inner.keep(page, bytes, since: generation, worth: worth)
        }
    }

    /// Drops the pages of which something lies in a stretch of the file.
    ///
    /// - Returns: what the last of them was worth that was kept.
    @discardableResult
    private static func drop(_ inner: InnerPages, _ offset: Int, _ count: Int) -> UInt64? {
        guard count > 0 else { return nil }
        var worth: UInt64?
        let last = (offset + count - 1) / InnerPages.pageBytes
        for index in offset / InnerPages.pageBytes...last {
            guard let page = UInt32(exactly: index + 1) else { break }
            worth = inner.drop(page) ?? worth
        }
        return worth
    }

    /// Files of stores never become shorter, but SQLite tells them how long they are to be with each checkpoint.
    private static func truncate(_ file: File, _ size: sqlite3_int64) -> Int32 {
        let context = context(of: file)
        let own = context.own.pointee.xTruncate.unsafelyUnwrapped
        return context.pages._withUnsafeGuaranteedRef { pages in
            let last = UInt32(clamping: Int(size) / InnerPages.pageBytes)
            pages.inner.drop(after: last)
            defer { pages.inner.drop(after: last) }
            return own(file, size)
        }
    }
}
