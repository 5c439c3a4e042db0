// Stands in for NVIDIA's driver (libcuda.so.1) in tests on machines without a GPU. Kernels run on the processor (emulation.h), and
// everything else is as asynchronous and as strict as CUDA allows the real driver to be, or stricter: work that is queued runs as late
// as something waits for it, or earlier by chance; device memory is NaN before it is written and after it is freed; the host's side of
// a copy has to be page-locked. Errors of work that runs later stay, as the real ones do, until the context is reset.
//
// The signatures are those of cuda.h (CUDA 12 and 13), with plain integers for its handles and enumerations.
#include "emulated_driver.h"
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <strings.h>
#include <utility>
#include "emulated_kernels.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

typedef uint64_t Address;

enum Status {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    CONTEXT_IS_DESTROYED = 709,
    HOST_MEMORY_ALREADY_REGISTERED = 712,
    HOST_MEMORY_NOT_REGISTERED = 713,
    MISALIGNED_ADDRESS = 716,
    LAUNCH_FAILED = 719,
    NOT_SUPPORTED = 801,
    UNKNOWN = 999
};
const std::map<int, std::pair<const char*, const char*>> STATUS_TEXTS = {
    {SUCCESS, {"CUDA_SUCCESS", "no error"}},
    {INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
    {NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
    {INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
    {INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
    {INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
    {NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
    {ILLEGAL_ADDRESS, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {CONTEXT_IS_DESTROYED, {"CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"}},
    {HOST_MEMORY_ALREADY_REGISTERED, {"CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"}},
    {HOST_MEMORY_NOT_REGISTERED, {"CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"}},
    {MISALIGNED_ADDRESS, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
    {LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
    {NOT_SUPPORTED, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
    {UNKNOWN, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
};

long long fromEnvironment(const char* name, long long otherwise) {
    const char* text = getenv(name);
    return text ? atoll(text) : otherwise;
}

// ---------------------------------------------------------------- device memory

// The allocations of all devices, each between guards. What is freed stays in quarantine for as long as there is room, so that whoever
// still uses it finds NaN or is found out.
class DeviceMemory {
public:
    struct Allocation {
        size_t bytes;
        int device;
        bool isPooled;
        bool isFreed;  // a free is queued
    };

    Address allocate(size_t bytes, int device, bool isPooled) {
        char* block = (char*)aligned_alloc(ALIGNMENT, (bytes + 2 * GUARD + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        if (!block) {
            return 0;
        }
        memset(block, GUARD_BYTE, GUARD);
        memset(block + GUARD, POISON, bytes);
        memset(block + GUARD + bytes, GUARD_BYTE, GUARD);
        live[(Address)block + GUARD] = {bytes, device, isPooled, false};
        return (Address)block + GUARD;
    }

    // The allocation that begins there, or null.
    Allocation* at(Address address) {
        const auto found = live.find(address);
        return found == live.end() ? nullptr : &found->second;
    }

    bool isInside(Address address, size_t bytes) const {
        auto next = live.upper_bound(address);
        if (next == live.begin()) {
            return false;
        }
        const auto& [start, allocation] = *--next;
        return address - start <= allocation.bytes && bytes <= allocation.bytes - (address - start);
    }

    // False where something was written outside of it.
    bool release(Address address) {
        const Allocation freed = live.at(address);
        live.erase(address);
        const bool isIntact = areGuardsIntact(address, freed.bytes);
        memset((void*)address, POISON, freed.bytes);
        quarantine.push_back({address, freed.bytes});
        quarantined += freed.bytes;
        while (quarantined > MOST_QUARANTINED) {
            evict();
        }
        return isIntact;
    }

    // How often memory was found changed that nobody may write.
    long long violations() {
        for (const auto& [address, allocation] : live) {
            areGuardsIntact(address, allocation.bytes);
        }
        for (const auto& [address, bytes] : quarantine) {
            areGuardsIntact(address, bytes);
            isPoisoned(address, bytes);
        }
        return count;
    }

    std::map<Address, Allocation> live;

private:
    static constexpr size_t ALIGNMENT = 256, GUARD = 256, MOST_QUARANTINED = 256 << 20;
    static constexpr unsigned char GUARD_BYTE = 0xA5, POISON = 0xFF;
    std::deque<std::pair<Address, size_t>> quarantine;
    size_t quarantined = 0;
    long long count = 0;

    // Repairs what it finds, which counts once.
    bool holds(Address address, size_t bytes, unsigned char byte, const char* what) {
        const auto* begin = (const unsigned char*)address;
        const auto* end = begin + bytes;
        const auto* wrong = std::find_if(begin, end, [byte](unsigned char b) { return b != byte; });
        if (wrong == end) {
            return true;
        }
        fprintf(stderr, "emulated CUDA: %s was written, at %#llx\n", what, (unsigned long long)wrong);
        memset((void*)address, byte, bytes);
        count++;
        return false;
    }
    bool areGuardsIntact(Address address, size_t bytes) {
        const bool before = holds(address - GUARD, GUARD, GUARD_BYTE, "memory before an allocation");
        return holds(address + bytes, GUARD, GUARD_BYTE, "memory behind an allocation") && before;
    }
    bool isPoisoned(Address address, size_t bytes) { return holds(address, bytes, POISON, "freed memory"); }
    void evict() {
        const auto [address, bytes] = quarantine.front();
        areGuardsIntact(address, bytes);
        isPoisoned(address, bytes);
        free((char*)address - GUARD);
        quarantine.pop_front();
        quarantined -= bytes;
    }
};

// The default memory pool of a device, in numbers.
struct Pool {
    enum Attribute { REUSE_FIRST = 1, REUSE_LAST = 3, RELEASE_THRESHOLD = 4, RESERVED = 5, RESERVED_HIGH = 6, USED = 7, USED_HIGH = 8 };
    int reuse[REUSE_LAST + 1] = {0, 1, 1, 1};
    uint64_t threshold = 0, used = 0, usedHigh = 0, reserved = 0, reservedHigh = 0;

    void add(uint64_t bytes) {
        used += bytes;
        usedHigh = std::max(usedHigh, used);
        reserved = std::max(reserved, used);
        reservedHigh = std::max(reservedHigh, reserved);
    }
    void keepAtMost(uint64_t bytes) { reserved = std::max(used, std::min(reserved, bytes)); }
};

// ---------------------------------------------------------------- contexts and what is in them

struct Device {
    int number;
    bool isActive = false;
    int references = 0;
    int error = SUCCESS;  // stays until a reset
    uint64_t plainBytes = 0;
    Pool pool;
};
struct Operation {
    std::function<void()> run, drop;
};
struct Stream {
    Device* device;
    std::deque<Operation> queue;
};
// One cuEventRecord.
struct Record {
    std::shared_ptr<Stream> stream;
    bool isDone = false;
    std::chrono::steady_clock::time_point time{};
};
struct Event {
    Device* device;
    bool isTimed;
    std::shared_ptr<Record> last;
};
struct Module {
    Device* device;
};
struct Function {
    Device* device;
    uintptr_t module;
    const EmulatedKernel* kernel;
    int mostDynamicBytes;
};
struct PinnedRange {
    size_t bytes;
    int device;
    bool isOwned;  // by cuMemHostAlloc
};

// Handles are never used twice, so that an old one is found out.
template <class T> class Handles {
public:
    void* add(std::shared_ptr<T> object) {
        static uintptr_t last = 0x10000;
        const uintptr_t handle = last += 0x10;
        live[handle] = std::move(object);
        return (void*)handle;
    }
    // Null where there is none.
    std::shared_ptr<T> find(void* handle) const {
        const auto found = live.find((uintptr_t)handle);
        return found == live.end() ? nullptr : found->second;
    }
    std::map<uintptr_t, std::shared_ptr<T>> live;
};
template <class Map, class Condition> void eraseWhere(Map& map, Condition&& condition) {
    for (auto i = map.begin(); i != map.end();) {
        i = condition(i->second) ? map.erase(i) : std::next(i);
    }
}

constexpr int MOST_DEVICES = 8, NO_CONTEXT = -1, BYTES_WITHOUT_OPT_IN = 48 << 10;
constexpr size_t LONGEST_QUEUE = 1024;
constexpr uintptr_t FIRST_CONTEXT = 0xC000, FIRST_POOL = 0xD000, HANDLE_STEP = 0x10;
constexpr unsigned DISABLE_TIMING = 2;
thread_local int currentContext = NO_CONTEXT;

struct Driver {
    std::recursive_mutex lock;
    bool isInitialized = false;
    int devices = (int)fromEnvironment("EMULATED_CUDA_DEVICES", 2);
    int capability = (int)fromEnvironment("EMULATED_CUDA_CAPABILITY", 80);
    int version = (int)fromEnvironment("EMULATED_CUDA_DRIVER", 13000);
    int initStatus = (int)fromEnvironment("EMULATED_CUDA_INIT", SUCCESS);
    uint64_t memoryBytes = (uint64_t)fromEnvironment("EMULATED_CUDA_MEMORY", 1ll << 30);
    bool isEager = false;
    bool runsEarly = true;
    uint32_t random = 1;
    int nextLaunchStatus = SUCCESS;
    std::map<std::string, int> nextKernelStatus;
    long long launches = 0, waits = 0;

    Device device[MOST_DEVICES];
    DeviceMemory memory;
    Handles<Stream> streams;
    Handles<Event> events;
    Handles<Module> modules;
    Handles<Function> functions;
    std::map<uintptr_t, PinnedRange> pinned;
    std::vector<std::shared_ptr<Stream>> destroyedStreams;  // whose work goes on
    Device* working = nullptr;                              // the device of the operation that runs

    Driver() {
        for (int i = 0; i < MOST_DEVICES; i++) {
            device[i].number = i;
        }
    }

    // EMULATED_CUDA_FAIL_ONCE=FILE:N lets the launch with number N fail in the first process that comes so far: it makes the file, and
    // others find it.
    void failOnce() {
        static const char* const wanted = getenv("EMULATED_CUDA_FAIL_ONCE");
        const char* const colon = wanted ? strrchr(wanted, ':') : nullptr;
        if (!colon || launches != atoll(colon + 1)) {
            return;
        }
        FILE* const file = fopen(std::string(wanted, colon).c_str(), "wx");
        if (file) {
            fclose(file);
            nextLaunchStatus = ILLEGAL_ADDRESS;
        }
    }

    // ------------------------------------------------------------ work

    template <class F> void eachStream(F&& visit) {
        const auto live = streams.live;
        for (const auto& [handle, stream] : live) {
            visit(stream);
        }
        const auto destroyed = destroyedStreams;
        for (const auto& stream : destroyed) {
            visit(stream);
        }
    }
    void runOne(Stream& stream) {
        const Operation operation = std::move(stream.queue.front());
        stream.queue.pop_front();
        Device* const outer = working;
        working = stream.device;
        operation.run();
        working = outer;
    }
    void runAll(Stream& stream) {
        while (!stream.queue.empty()) {
            runOne(stream);
        }
    }
    void runAll(const Device& of) {
        eachStream([&](const std::shared_ptr<Stream>& stream) {
            if (stream->device == &of) {
                runAll(*stream);
            }
        });
    }
    // Everything before the record in its stream, and it.
    void runUntil(const Record& record) {
        while (!record.isDone) {
            runOne(*record.stream);
        }
    }
    void dropAll(const Device& of) {
        eachStream([&](const std::shared_ptr<Stream>& stream) {
            while (stream->device == &of && !stream->queue.empty()) {
                const Operation operation = std::move(stream->queue.front());
                stream->queue.pop_front();
                operation.drop();
            }
        });
    }
    void enqueue(Stream& stream, Operation operation) {
        stream.queue.push_back(std::move(operation));
        while (stream.queue.size() > (isEager ? 0 : LONGEST_QUEUE)) {
            runOne(stream);
        }
    }
    void enqueue(Stream& stream, std::function<void()> run) {
        enqueue(stream, {std::move(run), [] {}});
    }
    unsigned randomBelow(unsigned n) {
        random = random * 1664525u + 1013904223u;
        return (random >> 8) % n;
    }
    // Now and then some of the work runs before anything waits for it.
    void advance() {
        if (!runsEarly || randomBelow(8)) {
            return;
        }
        std::vector<std::shared_ptr<Stream>> busy;
        eachStream([&](const std::shared_ptr<Stream>& stream) {
            if (!stream->queue.empty()) {
                busy.push_back(stream);
            }
        });
        if (!busy.empty()) {
            Stream& stream = *busy[randomBelow((unsigned)busy.size())];
            for (unsigned i = 1 + randomBelow(4); i > 0 && !stream.queue.empty(); i--) {
                runOne(stream);
            }
        }
    }
    void forgetIdleStreams() {
        destroyedStreams.erase(
            std::remove_if(destroyedStreams.begin(), destroyedStreams.end(), [](const std::shared_ptr<Stream>& s) { return s->queue.empty(); }),
            destroyedStreams.end());
    }
    long long queued() {
        long long sum = 0;
        eachStream([&](const std::shared_ptr<Stream>& stream) { sum += (long long)stream->queue.size(); });
        return sum;
    }
    void endWait(Device& of) {
        waits++;
        of.pool.keepAtMost(of.pool.threshold);
        forgetIdleStreams();
    }

    // The first error stays, and nothing behind it runs.
    void fault(Device& of, int status, const char* why) {
        fprintf(stderr, "emulated CUDA: %s (status %d)\n", why, status);
        if (of.error == SUCCESS) {
            of.error = status;
        }
        dropAll(of);
    }

    // ------------------------------------------------------------ memory

    int allocate(Device& of, Address* address, size_t bytes, bool isPooled) {
        if (!address || bytes == 0) {
            return INVALID_VALUE;
        }
        const auto fits = [&] { return bytes <= memoryBytes && of.plainBytes + of.pool.used <= memoryBytes - bytes; };
        if (!fits()) {
            runAll(of);  // frees may be queued
        }
        if (!fits()) {
            return OUT_OF_MEMORY;
        }
        *address = memory.allocate(bytes, of.number, isPooled);
        if (!*address) {
            return OUT_OF_MEMORY;
        }
        if (isPooled) {
            of.pool.add(bytes);
        } else {
            of.plainBytes += bytes;
        }
        of.pool.keepAtMost(memoryBytes - of.plainBytes);
        return SUCCESS;
    }
    void release(Address address) {
        const DeviceMemory::Allocation freed = *memory.at(address);
        Device& owner = device[freed.device];
        (freed.isPooled ? owner.pool.used : owner.plainBytes) -= freed.bytes;
        if (!memory.release(address)) {
            fault(owner, ILLEGAL_ADDRESS, "a kernel or copy wrote outside of an allocation that is freed now");
        }
    }
    bool isPinned(const void* p, size_t bytes) const {
        auto next = pinned.upper_bound((uintptr_t)p);
        if (next == pinned.begin()) {
            return false;
        }
        const auto& [start, range] = *--next;
        const size_t offset = (uintptr_t)p - start;
        return offset <= range.bytes && bytes <= range.bytes - offset;
    }
    void unpin(uintptr_t start) {
        if (pinned.at(start).isOwned) {
            free((void*)start);
        }
        pinned.erase(start);
    }
    template <class Map, class Condition> static std::vector<typename Map::key_type> keysWhere(const Map& map, Condition&& condition) {
        std::vector<typename Map::key_type> keys;
        for (const auto& [key, value] : map) {
            if (condition(value)) {
                keys.push_back(key);
            }
        }
        return keys;
    }

    // Everything that belongs to the primary context goes.
    void reset(Device& of) {
        dropAll(of);
        const auto isOurs = [&](const auto& object) { return object.device == of.number; };
        const auto isIn = [&](const auto& object) { return object->device == &of; };
        for (const Address address : keysWhere(memory.live, isOurs)) {
            release(address);
        }
        for (const uintptr_t start : keysWhere(pinned, isOurs)) {
            unpin(start);
        }
        eraseWhere(streams.live, isIn);
        eraseWhere(events.live, isIn);
        eraseWhere(modules.live, isIn);
        eraseWhere(functions.live, isIn);
        forgetIdleStreams();
        const int number = of.number;
        of = Device();
        of.number = number;
    }

    int bytesWithOptIn() const {
        switch (capability) {
            case 70: return 96 << 10;
            case 75: return 64 << 10;
            case 80: case 87: return 163 << 10;
            case 86: case 89: case 120: case 121: return 99 << 10;
            default: return 227 << 10;
        }
    }
};

// Never destroyed: threads of the program may still call when it ends.
Driver& driver() {
    static Driver& one = *new Driver;
    return one;
}

// Every call but a few: takes the lock and lets work go on.
template <class F> int initialized(F&& body) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    if (!d.isInitialized) {
        return NOT_INITIALIZED;
    }
    d.advance();
    return body(d);
}
template <class F> int withDevice(int number, F&& body) {
    return initialized([&](Driver& d) -> int { return number < 0 || number >= d.devices ? INVALID_DEVICE : body(d, d.device[number]); });
}
// A call in the thread's context. It reports errors of work that has run before.
template <class F> int inContext(F&& body) {
    return initialized([&](Driver& d) -> int {
        if (currentContext == NO_CONTEXT) {
            return INVALID_CONTEXT;
        }
        Device& device = d.device[currentContext];
        if (!device.isActive) {
            return CONTEXT_IS_DESTROYED;
        }
        if (device.error) {
            return device.error;
        }
        const int status = body(d, device);
        return device.error ? device.error : status;
    });
}
// A call that names a stream. The default stream waits for all others, and is emulated by doing its work at once.
template <class F> int onStream(void* handle, F&& body) {
    return inContext([&](Driver& d, Device& device) -> int {
        if (!handle) {
            d.runAll(device);
            const auto stream = std::make_shared<Stream>(Stream{&device, {}});
            const int status = body(d, stream);
            d.runAll(*stream);
            return status;
        }
        const auto stream = d.streams.find(handle);
        if (!stream) {
            return INVALID_HANDLE;
        }
        return stream->device->error ? stream->device->error : body(d, stream);
    });
}
template <class F> int onEvent(void* handle, F&& body) {
    return inContext([&](Driver& d, Device&) -> int {
        const auto event = d.events.find(handle);
        return event ? body(d, *event) : INVALID_HANDLE;
    });
}

int deviceOfHandle(const void* handle, uintptr_t first) {
    const uintptr_t offset = (uintptr_t)handle - first;
    return (uintptr_t)handle < first || offset % HANDLE_STEP || offset / HANDLE_STEP >= MOST_DEVICES ? -1 : (int)(offset / HANDLE_STEP);
}

int textOf(int status, const char** text, const char* std::pair<const char*, const char*>::*which) {
    if (!text) {
        return INVALID_VALUE;
    }
    const auto found = STATUS_TEXTS.find(status);
    *text = found == STATUS_TEXTS.end() ? nullptr : found->second.*which;
    return *text ? SUCCESS : INVALID_VALUE;
}

std::string busIdOf(int device) {
    char id[32];
    snprintf(id, sizeof id, "0000:%02X:00.0", device + 1);
    return id;
}

// ---------------------------------------------------------------- copies and launches

typedef std::vector<uint64_t> Words;  // aligned for every type of argument

// A range of device memory that an operation reads or writes, checked when it does.
bool isUsable(Driver& d, Device& device, Address address, size_t bytes) {
    if (d.memory.isInside(address, bytes)) {
        return true;
    }
    d.fault(device, ILLEGAL_ADDRESS, "a copy or memset is not inside an allocation");
    return false;
}
bool isHostUsable(Driver& d, Device& device, const void* host, size_t bytes) {
    if (d.isPinned(host, bytes)) {
        return true;
    }
    d.fault(device, ILLEGAL_ADDRESS, "memory of the host was given back before its copy");
    return false;
}

int gatherArguments(const EmulatedKernel& kernel, void** each, Words& arguments) {
    for (size_t i = 0; i < kernel.parameters.size(); i++) {
        if (!each[i]) {
            return INVALID_VALUE;
        }
        memcpy((char*)arguments.data() + kernel.parameters[i].offset, each[i], kernel.parameters[i].bytes);
    }
    return SUCCESS;
}
// The form with one buffer of all arguments, named by a list of keys and values.
int copyArguments(const EmulatedKernel& kernel, void** extra, Words& arguments) {
    enum Key : uintptr_t { END = 0, BUFFER_POINTER = 1, BUFFER_SIZE = 2 };
    const void* buffer = nullptr;
    const size_t* size = nullptr;
    for (; (uintptr_t)extra[0] != END; extra += 2) {
        if ((uintptr_t)extra[0] == BUFFER_POINTER) {
            buffer = extra[1];
        } else if ((uintptr_t)extra[0] == BUFFER_SIZE) {
            size = (const size_t*)extra[1];
        } else {
            return INVALID_VALUE;
        }
    }
    const size_t needed = kernel.argumentBytes(), rounded = (needed + 7) / 8 * 8;
    if (!buffer || !size || (*size != needed && *size != rounded)) {
        return INVALID_VALUE;
    }
    memcpy(arguments.data(), buffer, needed);
    return SUCCESS;
}

struct Launch {
    const EmulatedKernel* kernel;
    unsigned grid[3], block[3];
    unsigned sharedBytes;
    Words arguments;
};
bool isLaunchable(const Launch& launch, const Function& function) {
    const unsigned(&grid)[3] = launch.grid, (&block)[3] = launch.block;
    const bool isGrid = grid[0] && grid[1] && grid[2] && grid[0] <= 0x7fffffff && grid[1] <= 65535 && grid[2] <= 65535;
    const bool isBlock = block[0] && block[1] && block[2] && block[0] <= 1024 && block[1] <= 1024 && block[2] <= 64;
    return isGrid && isBlock && block[0] * block[1] * block[2] <= function.kernel->mostThreads && launch.sharedBytes <= (unsigned)function.mostDynamicBytes;
}
int takeFailure(Driver& d, const char* kernel) {
    int& ofKernel = d.nextKernelStatus[kernel];
    int& taken = ofKernel ? ofKernel : d.nextLaunchStatus;
    return std::exchange(taken, SUCCESS);
}
void runLaunch(Driver& d, Device& device, const Launch& launch) {
    const char* name = launch.kernel->name;
    if (const int status = takeFailure(d, name)) {
        d.fault(device, status, (std::string(name) + ": the failure that a test asked for").c_str());
        return;
    }
    if (const char* why = runEmulatedKernel(*launch.kernel, launch.grid, launch.block, launch.sharedBytes, (const char*)launch.arguments.data())) {
        d.fault(device, strstr(why, "aligned") ? MISALIGNED_ADDRESS : LAUNCH_FAILED, (std::string(name) + ": " + why).c_str());
    }
}

}  // namespace

// ---------------------------------------------------------------- initialization and devices

EXPORT int cuInit(unsigned flags) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    if (flags) {
        return INVALID_VALUE;
    }
    const int status = d.initStatus ? d.initStatus : d.devices > 0 ? SUCCESS : NO_DEVICE;
    d.isInitialized |= status == SUCCESS;
    return status;
}
EXPORT int cuDriverGetVersion(int* version) {
    if (!version) {
        return INVALID_VALUE;
    }
    *version = driver().version;
    return SUCCESS;
}
EXPORT int cuGetErrorName(int status, const char** text) { return textOf(status, text, &std::pair<const char*, const char*>::first); }
EXPORT int cuGetErrorString(int status, const char** text) { return textOf(status, text, &std::pair<const char*, const char*>::second); }

EXPORT int cuDeviceGetCount(int* count) {
    return initialized([=](Driver& d) -> int {
        if (!count) {
            return INVALID_VALUE;
        }
        *count = d.devices;
        return SUCCESS;
    });
}
EXPORT int cuDeviceGet(int* device, int number) {
    return withDevice(number, [=](Driver&, Device&) -> int {
        if (!device) {
            return INVALID_VALUE;
        }
        *device = number;
        return SUCCESS;
    });
}
EXPORT int cuDeviceGetName(char* name, int length, int number) {
    return withDevice(number, [=](Driver&, Device&) -> int {
        if (!name || length <= 0) {
            return INVALID_VALUE;
        }
        snprintf(name, length, "Emulated GPU %d", number);
        return SUCCESS;
    });
}
EXPORT int cuDeviceGetUuid_v2(char* uuid, int number) {
    return withDevice(number, [=](Driver&, Device&) -> int {
        if (!uuid) {
            return INVALID_VALUE;
        }
        memcpy(uuid, "emulated GPU   ", 15);
        uuid[15] = (char)number;
        return SUCCESS;
    });
}
EXPORT int cuDeviceGetAttribute(int* value, int attribute, int number) {
    enum { MULTIPROCESSORS = 16, CAPABILITY_MAJOR = 75, CAPABILITY_MINOR = 76, SHARED_BYTES_WITH_OPT_IN = 97, MEMORY_POOLS = 115 };
    return withDevice(number, [=](Driver& d, Device&) -> int {
        if (!value) {
            return INVALID_VALUE;
        }
        *value = attribute == MULTIPROCESSORS            ? 4
                 : attribute == CAPABILITY_MAJOR         ? d.capability / 10
                 : attribute == CAPABILITY_MINOR         ? d.capability % 10
                 : attribute == SHARED_BYTES_WITH_OPT_IN ? d.bytesWithOptIn()
                 : attribute == MEMORY_POOLS             ? 1
                                                         : 0;
        return SUCCESS;
    });
}
EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int number) {
    return withDevice(number, [=](Driver& d, Device&) -> int {
        if (!bytes) {
            return INVALID_VALUE;
        }
        *bytes = d.memoryBytes;
        return SUCCESS;
    });
}
EXPORT int cuDeviceGetPCIBusId(char* id, int length, int number) {
    return withDevice(number, [=](Driver&, Device&) -> int {
        if (!id || length <= (int)busIdOf(number).size()) {
            return INVALID_VALUE;
        }
        strcpy(id, busIdOf(number).c_str());
        return SUCCESS;
    });
}
EXPORT int cuDeviceGetByPCIBusId(int* device, const char* id) {
    return initialized([=](Driver& d) -> int {
        if (!device || !id) {
            return INVALID_VALUE;
        }
        for (int i = 0; i < d.devices; i++) {
            // The domain may be left out, and digits may be small letters.
            if (!strcasecmp(id, busIdOf(i).c_str()) || !strcasecmp(id, busIdOf(i).c_str() + 5)) {
                *device = i;
                return SUCCESS;
            }
        }
        return INVALID_DEVICE;
    });
}

// ---------------------------------------------------------------- contexts

EXPORT int cuDevicePrimaryCtxRetain(void** context, int number) {
    return withDevice(number, [=](Driver&, Device& device) -> int {
        if (!context) {
            return INVALID_VALUE;
        }
        if (device.error) {
            return device.error;
        }
        device.isActive = true;
        device.references++;
        *context = (void*)(FIRST_CONTEXT + number * HANDLE_STEP);
        return SUCCESS;
    });
}
EXPORT int cuDevicePrimaryCtxRelease_v2(int number) {
    return withDevice(number, [](Driver& d, Device& device) -> int {
        if (!device.isActive) {
            return INVALID_CONTEXT;
        }
        if (--device.references == 0) {
            d.reset(device);
        }
        return SUCCESS;
    });
}
EXPORT int cuDevicePrimaryCtxReset_v2(int number) {
    return withDevice(number, [](Driver& d, Device& device) -> int {
        d.reset(device);
        return SUCCESS;
    });
}
EXPORT int cuCtxSetCurrent(void* context) {
    return initialized([=](Driver& d) -> int {
        const int number = context ? deviceOfHandle(context, FIRST_CONTEXT) : NO_CONTEXT;
        if (context && number < 0) {
            return INVALID_CONTEXT;
        }
        if (context && !d.device[number].isActive) {
            return CONTEXT_IS_DESTROYED;
        }
        currentContext = number;
        return SUCCESS;
    });
}
EXPORT int cuCtxGetCurrent(void** context) {
    return initialized([=](Driver&) -> int {
        if (!context) {
            return INVALID_VALUE;
        }
        *context = currentContext == NO_CONTEXT ? nullptr : (void*)(FIRST_CONTEXT + currentContext * HANDLE_STEP);
        return SUCCESS;
    });
}

// ---------------------------------------------------------------- streams and events

EXPORT int cuStreamCreate(void** handle, unsigned flags) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!handle || flags > 1) {
            return INVALID_VALUE;
        }
        *handle = d.streams.add(std::make_shared<Stream>(Stream{&device, {}}));
        return SUCCESS;
    });
}
// Its work goes on.
EXPORT int cuStreamDestroy_v2(void* handle) {
    return inContext([=](Driver& d, Device&) -> int {
        const auto stream = d.streams.find(handle);
        if (!stream) {
            return INVALID_HANDLE;
        }
        d.streams.live.erase((uintptr_t)handle);
        d.destroyedStreams.push_back(stream);
        d.forgetIdleStreams();
        return SUCCESS;
    });
}
EXPORT int cuStreamSynchronize(void* handle) {
    return onStream(handle, [](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        d.runAll(*stream);
        d.endWait(*stream->device);
        return stream->device->error;
    });
}
EXPORT int cuStreamQuery(void* handle) {
    return onStream(handle, [](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        if (stream->queue.empty()) {
            return SUCCESS;
        }
        d.runOne(*stream);  // so that polling ends
        return NOT_READY;
    });
}
EXPORT int cuStreamWaitEvent(void* handle, void* eventHandle, unsigned flags) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        const auto event = d.events.find(eventHandle);
        if (!event) {
            return INVALID_HANDLE;
        }
        if (flags > 1) {
            return INVALID_VALUE;
        }
        if (event->last) {
            d.enqueue(*stream, [&d, record = event->last] { d.runUntil(*record); });
        }
        return SUCCESS;
    });
}
EXPORT int cuEventCreate(void** handle, unsigned flags) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!handle || flags > 7) {
            return INVALID_VALUE;
        }
        *handle = d.events.add(std::make_shared<Event>(Event{&device, !(flags & DISABLE_TIMING), nullptr}));
        return SUCCESS;
    });
}
EXPORT int cuEventDestroy_v2(void* handle) {
    return onEvent(handle, [=](Driver& d, Event&) -> int {
        d.events.live.erase((uintptr_t)handle);
        return SUCCESS;
    });
}
EXPORT int cuEventRecord(void* eventHandle, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        const auto event = d.events.find(eventHandle);
        if (!event || event->device != stream->device) {
            return INVALID_HANDLE;
        }
        const auto record = event->last = std::make_shared<Record>();
        record->stream = stream;
        const auto finish = [record] {
            record->isDone = true;
            record->time = std::chrono::steady_clock::now();
        };
        d.enqueue(*stream, {finish, finish});
        return SUCCESS;
    });
}
EXPORT int cuEventSynchronize(void* handle) {
    return onEvent(handle, [](Driver& d, Event& event) -> int {
        if (event.last) {
            d.runUntil(*event.last);
            d.endWait(*event.device);
        }
        return event.device->error;
    });
}
EXPORT int cuEventQuery(void* handle) {
    return onEvent(handle, [](Driver& d, Event& event) -> int {
        if (!event.last || event.last->isDone) {
            return event.device->error;
        }
        d.runOne(*event.last->stream);  // so that polling ends
        return NOT_READY;
    });
}
EXPORT int cuEventElapsedTime(float* milliseconds, void* startHandle, void* endHandle) {
    return onEvent(startHandle, [=](Driver& d, Event& start) -> int {
        const auto end = d.events.find(endHandle);
        if (!end || !start.isTimed || !end->isTimed || !start.last || !end->last) {
            return INVALID_HANDLE;
        }
        if (!milliseconds) {
            return INVALID_VALUE;
        }
        if (!start.last->isDone || !end->last->isDone) {
            return NOT_READY;
        }
        *milliseconds = std::chrono::duration<float, std::milli>(end->last->time - start.last->time).count();
        return SUCCESS;
    });
}
EXPORT int cuEventElapsedTime_v2(float* milliseconds, void* start, void* end) { return cuEventElapsedTime(milliseconds, start, end); }

// ---------------------------------------------------------------- modules and kernels

// Whatever the image is, the module has the kernels of exports.cu.
EXPORT int cuModuleLoadData(void** handle, const void* image) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!handle || !image) {
            return INVALID_VALUE;
        }
        *handle = d.modules.add(std::make_shared<Module>(Module{&device}));
        return SUCCESS;
    });
}
EXPORT int cuModuleLoadDataEx(void** handle, const void* image, unsigned, int*, void**) { return cuModuleLoadData(handle, image); }
EXPORT int cuModuleUnload(void* handle) {
    return inContext([=](Driver& d, Device&) -> int {
        if (!d.modules.find(handle)) {
            return INVALID_HANDLE;
        }
        d.modules.live.erase((uintptr_t)handle);
        eraseWhere(d.functions.live, [=](const std::shared_ptr<Function>& f) { return f->module == (uintptr_t)handle; });
        return SUCCESS;
    });
}
EXPORT int cuModuleGetFunction(void** handle, void* moduleHandle, const char* name) {
    return inContext([=](Driver& d, Device&) -> int {
        const auto module = d.modules.find(moduleHandle);
        if (!module) {
            return INVALID_HANDLE;
        }
        if (!handle || !name || !*name) {
            return INVALID_VALUE;
        }
        const EmulatedKernel* kernel = emulatedKernel(name);
        if (!kernel) {
            return NOT_FOUND;
        }
        *handle = d.functions.add(std::make_shared<Function>(Function{module->device, (uintptr_t)moduleHandle, kernel, BYTES_WITHOUT_OPT_IN}));
        return SUCCESS;
    });
}

enum FunctionAttribute { MAX_THREADS_PER_BLOCK = 0, NUM_REGS = 4, PTX_VERSION = 5, BINARY_VERSION = 6, MAX_DYNAMIC_SHARED_SIZE_BYTES = 8, FIRST_UNKNOWN = 16 };
EXPORT int cuFuncSetAttribute(void* handle, int attribute, int value) {
    return inContext([=](Driver& d, Device&) -> int {
        const auto function = d.functions.find(handle);
        if (!function) {
            return INVALID_HANDLE;
        }
        if (attribute < MAX_DYNAMIC_SHARED_SIZE_BYTES || attribute >= FIRST_UNKNOWN) {
            return INVALID_VALUE;
        }
        if (attribute == MAX_DYNAMIC_SHARED_SIZE_BYTES) {
            if (value < 0 || value > d.bytesWithOptIn()) {
                return INVALID_VALUE;
            }
            function->mostDynamicBytes = value;
        }
        return SUCCESS;
    });
}
EXPORT int cuFuncGetAttribute(int* value, int attribute, void* handle) {
    return inContext([=](Driver& d, Device&) -> int {
        const auto function = d.functions.find(handle);
        if (!function) {
            return INVALID_HANDLE;
        }
        if (!value || attribute < 0 || attribute >= FIRST_UNKNOWN) {
            return INVALID_VALUE;
        }
        *value = attribute == MAX_THREADS_PER_BLOCK                        ? (int)function->kernel->mostThreads
                 : attribute == NUM_REGS                                   ? 32
                 : attribute == PTX_VERSION || attribute == BINARY_VERSION ? d.capability
                 : attribute == MAX_DYNAMIC_SHARED_SIZE_BYTES              ? function->mostDynamicBytes
                                                                           : 0;
        return SUCCESS;
    });
}
EXPORT int cuLaunchKernel(void* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                          void* streamHandle, void** arguments, void** extra) {
    return onStream(streamHandle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        const auto function = d.functions.find(handle);
        Device* const device = stream->device;
        if (!function || function->device != device || device->number != currentContext) {
            return INVALID_HANDLE;
        }
        const EmulatedKernel& kernel = *function->kernel;
        Launch launch{&kernel, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, Words(kernel.argumentBytes() / 8 + 1)};
        if (!isLaunchable(launch, *function) || !arguments == !extra) {
            return INVALID_VALUE;
        }
        if (const int status = arguments ? gatherArguments(kernel, arguments, launch.arguments) : copyArguments(kernel, extra, launch.arguments)) {
            return status;
        }
        d.launches++;
        d.failOnce();
        d.enqueue(*stream, [&d, device, launch = std::move(launch)] { runLaunch(d, *device, launch); });
        return SUCCESS;
    });
}

// ---------------------------------------------------------------- memory

EXPORT int cuMemAlloc_v2(Address* address, size_t bytes) {
    return inContext([=](Driver& d, Device& device) -> int { return d.allocate(device, address, bytes, false); });
}
EXPORT int cuMemFree_v2(Address address) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!address) {
            return SUCCESS;
        }
        const DeviceMemory::Allocation* allocation = d.memory.at(address);
        if (!allocation || allocation->isFreed) {
            return INVALID_VALUE;
        }
        d.runAll(d.device[allocation->device]);
        d.endWait(device);
        if (d.memory.at(address)) {
            d.release(address);
        }
        return SUCCESS;
    });
}
EXPORT int cuMemAllocAsync(Address* address, size_t bytes, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int { return d.allocate(*stream->device, address, bytes, true); });
}
EXPORT int cuMemFreeAsync(Address address, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        DeviceMemory::Allocation* allocation = d.memory.at(address);
        if (!allocation || allocation->isFreed) {
            return INVALID_VALUE;
        }
        allocation->isFreed = true;
        const auto release = [&d, address] { d.release(address); };
        d.enqueue(*stream, {release, release});
        return SUCCESS;
    });
}
EXPORT int cuMemGetInfo_v2(size_t* available, size_t* total) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!available || !total) {
            return INVALID_VALUE;
        }
        const uint64_t held = device.plainBytes + device.pool.reserved;
        *available = d.memoryBytes - std::min(d.memoryBytes, held);
        *total = d.memoryBytes;
        return SUCCESS;
    });
}

EXPORT int cuMemHostAlloc(void** host, size_t bytes, unsigned) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!host || bytes == 0) {
            return INVALID_VALUE;
        }
        constexpr size_t PAGE = 4096;
        const size_t whole = (bytes + PAGE - 1) / PAGE * PAGE;
        *host = aligned_alloc(PAGE, whole);
        if (!*host) {
            return OUT_OF_MEMORY;
        }
        memset(*host, 0xFF, whole);
        d.pinned[(uintptr_t)*host] = {bytes, device.number, true};
        return SUCCESS;
    });
}
EXPORT int cuMemFreeHost(void* host) {
    return inContext([=](Driver& d, Device& device) -> int {
        const auto found = d.pinned.find((uintptr_t)host);
        if (found == d.pinned.end() || !found->second.isOwned) {
            return INVALID_VALUE;
        }
        for (Device& each : d.device) {
            d.runAll(each);  // the driver waits before it gives page-locked memory back
        }
        d.endWait(device);
        d.unpin((uintptr_t)host);
        return SUCCESS;
    });
}
EXPORT int cuMemHostRegister_v2(void* host, size_t bytes, unsigned) {
    return inContext([=](Driver& d, Device& device) -> int {
        if (!host || bytes == 0) {
            return INVALID_VALUE;
        }
        const uintptr_t start = (uintptr_t)host;
        for (const auto& [other, range] : d.pinned) {
            if (other < start + bytes && start < other + range.bytes) {
                return HOST_MEMORY_ALREADY_REGISTERED;
            }
        }
        d.pinned[start] = {bytes, device.number, false};
        return SUCCESS;
    });
}
EXPORT int cuMemHostUnregister(void* host) {
    return inContext([=](Driver& d, Device&) -> int {
        const auto found = d.pinned.find((uintptr_t)host);
        if (found == d.pinned.end() || found->second.isOwned) {
            return HOST_MEMORY_NOT_REGISTERED;
        }
        d.unpin((uintptr_t)host);
        return SUCCESS;
    });
}

EXPORT int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        if (!d.isPinned(from, bytes)) {
            return INVALID_VALUE;
        }
        d.enqueue(*stream, [=, &d, device = stream->device] {
            if (isUsable(d, *device, to, bytes) && isHostUsable(d, *device, from, bytes)) {
                memcpy((void*)to, from, bytes);
            }
        });
        return SUCCESS;
    });
}
EXPORT int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        if (!d.isPinned(to, bytes)) {
            return INVALID_VALUE;
        }
        d.enqueue(*stream, [=, &d, device = stream->device] {
            if (isUsable(d, *device, from, bytes) && isHostUsable(d, *device, to, bytes)) {
                memcpy(to, (const void*)from, bytes);
            }
        });
        return SUCCESS;
    });
}
EXPORT int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        d.enqueue(*stream, [=, &d, device = stream->device] {
            if (isUsable(d, *device, from, bytes) && isUsable(d, *device, to, bytes)) {
                memmove((void*)to, (const void*)from, bytes);
            }
        });
        return SUCCESS;
    });
}
EXPORT int cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        d.enqueue(*stream, [=, &d, device = stream->device] {
            if (isUsable(d, *device, to, bytes)) {
                memset((void*)to, value, bytes);
            }
        });
        return SUCCESS;
    });
}
EXPORT int cuMemsetD32Async(Address to, unsigned value, size_t count, void* handle) {
    return onStream(handle, [=](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        if (to % sizeof value) {
            return INVALID_VALUE;
        }
        d.enqueue(*stream, [=, &d, device = stream->device] {
            if (isUsable(d, *device, to, count * sizeof value)) {
                std::fill_n((unsigned*)to, count, value);
            }
        });
        return SUCCESS;
    });
}

// ---------------------------------------------------------------- memory pools

namespace {
template <class F> int withPool(void* pool, F&& body) {
    const int number = deviceOfHandle(pool, FIRST_POOL);
    return withDevice(number, [&](Driver& d, Device& device) -> int { return device.error ? device.error : body(d, device.pool); });
}
}  // namespace

EXPORT int cuDeviceGetDefaultMemPool(void** pool, int number) {
    return withDevice(number, [=](Driver&, Device&) -> int {
        if (!pool) {
            return INVALID_VALUE;
        }
        *pool = (void*)(FIRST_POOL + number * HANDLE_STEP);
        return SUCCESS;
    });
}
EXPORT int cuMemPoolSetAttribute(void* handle, int attribute, void* value) {
    return withPool(handle, [=](Driver&, Pool& pool) -> int {
        if (!value) {
            return INVALID_VALUE;
        }
        if (attribute >= Pool::REUSE_FIRST && attribute <= Pool::REUSE_LAST) {
            pool.reuse[attribute] = *(int*)value;
            return SUCCESS;
        }
        const uint64_t number = *(uint64_t*)value;
        if (attribute == Pool::RELEASE_THRESHOLD) {
            pool.threshold = number;
        } else if (attribute == Pool::RESERVED_HIGH && number == 0) {
            pool.reservedHigh = pool.reserved;
        } else if (attribute == Pool::USED_HIGH && number == 0) {
            pool.usedHigh = pool.used;
        } else {
            return INVALID_VALUE;
        }
        return SUCCESS;
    });
}
EXPORT int cuMemPoolGetAttribute(void* handle, int attribute, void* value) {
    return withPool(handle, [=](Driver&, Pool& pool) -> int {
        if (!value) {
            return INVALID_VALUE;
        }
        if (attribute >= Pool::REUSE_FIRST && attribute <= Pool::REUSE_LAST) {
            *(int*)value = pool.reuse[attribute];
            return SUCCESS;
        }
        const uint64_t* numbers[] = {&pool.threshold, &pool.reserved, &pool.reservedHigh, &pool.used, &pool.usedHigh};
        if (attribute < Pool::RELEASE_THRESHOLD || attribute > Pool::USED_HIGH) {
            return INVALID_VALUE;
        }
        *(uint64_t*)value = *numbers[attribute - Pool::RELEASE_THRESHOLD];
        return SUCCESS;
    });
}
EXPORT int cuMemPoolTrimTo(void* handle, size_t bytesToKeep) {
    return withPool(handle, [=](Driver&, Pool& pool) -> int {
        pool.keepAtMost(bytesToKeep);
        return SUCCESS;
    });
}

// ---------------------------------------------------------------- control, and what the emulated cuBLASLt needs

EXPORT int emulatedCudaSet(const char* key, long long value) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    const std::string name = key;
    if (name == "devices") {
        d.devices = (int)std::min<long long>(value, MOST_DEVICES);
    } else if (name == "capability") {
        d.capability = (int)value;
    } else if (name == "driver") {
        d.version = (int)value;
    } else if (name == "memory") {
        d.memoryBytes = (uint64_t)value;
    } else if (name == "init") {
        d.initStatus = (int)value;
        d.isInitialized = false;
    } else if (name == "fail") {
        d.nextLaunchStatus = (int)value;
    } else if (name == "eager") {
        d.isEager = value != 0;
    } else if (name == "seed") {
        d.random = (uint32_t)value;
        d.runsEarly = value != 0;
    } else if (name == "reset") {
        d.nextLaunchStatus = SUCCESS;
        d.nextKernelStatus.clear();
        for (Device& device : d.device) {
            device.error = SUCCESS;
        }
    } else {
        return INVALID_VALUE;
    }
    return SUCCESS;
}
EXPORT long long emulatedCudaGet(const char* key) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    const std::string name = key;
    if (name == "launches") {
        return d.launches;
    }
    if (name == "waits") {
        return d.waits;
    }
    if (name == "live") {
        return (long long)d.memory.live.size();
    }
    if (name == "liveBytes") {
        long long sum = 0;
        for (const auto& [address, allocation] : d.memory.live) {
            sum += (long long)allocation.bytes;
        }
        return sum;
    }
    if (name == "queued") {
        return d.queued();
    }
    return name == "violations" ? d.memory.violations() : -1;
}
EXPORT int emulatedCudaFailKernel(const char* name, int status) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    if (!emulatedKernel(name)) {
        return NOT_FOUND;
    }
    d.nextKernelStatus[name] = status;
    return SUCCESS;
}
EXPORT int emulatedCudaEnqueue(void* handle, void (*run)(void*), void (*drop)(void*), void* state) {
    bool isQueued = false;
    const int status = onStream(handle, [=, &isQueued](Driver& d, const std::shared_ptr<Stream>& stream) -> int {
        isQueued = true;
        d.enqueue(*stream, {[=] { run(state); }, [=] { drop(state); }});
        return SUCCESS;
    });
    if (!isQueued) {
        drop(state);
    }
    return status;
}
EXPORT int emulatedCudaIsInside(unsigned long long address, unsigned long long bytes) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    return d.memory.isInside(address, bytes);
}
EXPORT void emulatedCudaFault(int status, const char* why) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> guard(d.lock);
    d.fault(*d.working, status, why);
}
