import CSQLite
import Engine
import Glibc

/// An open file, by its descriptor; closed with its owner.
struct Descriptor: ~Copyable {
    let number: Int32
    /// As errors name it.
    let path: String

    /// `name` is the path that the file is to have later, if that is another.
    init(_ path: String, _ flags: Int32, as name: String? = nil) throws(StoreError) {
        let opened = open(path, flags | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw .system("open \(path)") }
        number = opened
        self.path = name ?? path
    }

    deinit {
        close(number)
    }

    /// Writes all of it, or throws.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(number, base + done, bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system("write \(path)", code: count == 0 ? ENOSPC : errno)
            }
            done += count
        }
    }

    /// Reads bytes that are there.
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = pread(number, base + done, bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system("read \(path)", code: count == 0 ? EIO : errno)
            }
            done += count
        }
    }

    /// How many bytes it has.
    var length: Int {
        get throws(StoreError) {
            var status = stat()
            guard fstat(number, &status) == 0 else { throw .system("stat \(path)") }
            return Int(status.st_size)
        }
    }

    /// Makes it shorter, or longer by zeros.
    func cut(to bytes: Int) throws(StoreError) {
        guard ftruncate(number, off_t(bytes)) == 0 else { throw .system("cut \(path)") }
    }

    /// Makes its bytes durable.
    func sync() throws(StoreError) {
        guard fdatasync(number) == 0 else { throw .system("sync \(path)") }
    }

    /// Has the kernel begin to write bytes to the disk, without waiting for it.
    ///
    /// Nothing depends on it: what goes wrong is told by the sync.
    func beginSync(of count: Int, at offset: Int) {
        meridian_begin_sync(number, Int64(offset), Int64(count))
    }
}
