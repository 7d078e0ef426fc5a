import CEpoll
import Glibc

/// The sockets on which answers are awaited, each known by a number of its owner's.
///
/// By `epoll`, where a wait costs by what has come: `pselect` looks at every socket each time, which
/// took a seventh of the load's processor time with 32 of them.
final class AwaitedAnswers {
    /// So many are told of by one wait; the others by the next.
    private static let readyMax = 64

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: readyMax)

    init() throws {
        descriptor = epoll_create1(0)
        guard descriptor >= 0 else { throw Failure.system("epoll_create1") }
    }

    deinit {
        close(descriptor)
    }

    /// Adds a socket, until it is closed.
    func add(_ socket: Int32, as number: Int) throws {
        var event = epoll_event(
            events: EPOLLIN.rawValue,
            data: epoll_data_t(u64: UInt64(number)),
        )
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else {
            throw Failure.system("epoll_ctl")
        }
    }

    /// The numbers of sockets with something to read, once there is one, or none when the time is over.
    func wait(nanoseconds: UInt64) throws -> some Sequence<Int> {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000),
        )
        let count = epoll_pwait2(descriptor, &events, Int32(events.count), &time, nil)
        // Interrupted is like nothing ready: nothing to read.
        guard count >= 0 || errno == EINTR else { throw Failure.system("epoll_pwait2") }
        return events.prefix(max(0, Int(count))).map { Int($0.data.u64) }
    }
}
