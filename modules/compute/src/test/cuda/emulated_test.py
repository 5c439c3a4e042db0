"""Checks the emulated driver and cuBLASLt: results, that work runs late, and what is refused. The argument is their folder."""
import ctypes
import math
import random
import struct
import sys
from ctypes import byref, c_float, c_int, c_int64, c_size_t, c_uint, c_uint64, c_void_p

folder = sys.argv[1]
driver = ctypes.CDLL(folder + "/libcuda.so.1", mode=ctypes.RTLD_GLOBAL)
lt = ctypes.CDLL(folder + "/libcublasLt.so.13")
driver.emulatedCudaGet.restype = ctypes.c_longlong
lt.cublasLtGetVersion.restype = c_size_t
failures = checks = 0

INVALID_VALUE, OUT_OF_MEMORY, NOT_INITIALIZED, NO_DEVICE, INVALID_CONTEXT, INVALID_HANDLE = 1, 2, 3, 100, 201, 400
NOT_FOUND, NOT_READY, ILLEGAL_ADDRESS, DESTROYED, MISALIGNED, LAUNCH_FAILED = 500, 600, 700, 709, 716, 719
LT_INVALID_VALUE, LT_NOT_SUPPORTED = 7, 15
F32, BF16 = 0, 14
NAN_F32 = 0xFFFFFFFF


def expect(what, found, expected):
    global failures, checks
    checks += 1
    if found != expected:
        failures += 1
        print("FAIL", what + ": expected", expected, "found", found)


def good(status):
    expect("status in line %d" % sys._getframe(1).f_lineno, status, 0)


def get(key):
    return driver.emulatedCudaGet(key.encode())


def put(key, value):
    good(driver.emulatedCudaSet(key.encode(), c_int64(value)))


def floats(values):
    return struct.pack("%df" % len(values), *values)


class Session:
    """A context of a device that is current, with a stream and a module."""

    def __init__(self, device=0):
        self.device = device
        self.context, self.stream, self.module = c_void_p(), c_void_p(), c_void_p()
        good(driver.cuDevicePrimaryCtxRetain(byref(self.context), device))
        good(driver.cuCtxSetCurrent(self.context))
        good(driver.cuStreamCreate(byref(self.stream), 1))
        good(driver.cuModuleLoadData(byref(self.module), b"any image"))

    def close(self):
        good(driver.cuDevicePrimaryCtxReset_v2(self.device))

    def function(self, name):
        function = c_void_p()
        good(driver.cuModuleGetFunction(byref(function), self.module, name.encode()))
        return function

    def memory(self, size, of=b""):
        address = c_uint64()
        good(driver.cuMemAllocAsync(byref(address), c_size_t(size), self.stream))
        if of:
            host = self.host(len(of))
            ctypes.memmove(host, of, len(of))
            good(self.upload(address, host, len(of)))
            self.wait()
        return address

    def host(self, size):
        host = c_void_p()
        good(driver.cuMemHostAlloc(byref(host), c_size_t(size), 0))
        return host

    def upload(self, to, host, size):
        return driver.cuMemcpyHtoDAsync_v2(to, host, c_size_t(size), self.stream)

    def download(self, host, address, size):
        return driver.cuMemcpyDtoHAsync_v2(host, address, c_size_t(size), self.stream)

    def wait(self):
        good(driver.cuStreamSynchronize(self.stream))

    def bytes(self, address, size):
        host = self.host(size)
        good(self.download(host, address, size))
        self.wait()
        return ctypes.string_at(host, size)

    def floats(self, address, count):
        return list(struct.unpack("%df" % count, self.bytes(address, 4 * count)))

    def launch(self, function, grid, block, *arguments, shared=0):
        pointers = (c_void_p * len(arguments))(*[ctypes.cast(ctypes.pointer(a), c_void_p) for a in arguments])
        return driver.cuLaunchKernel(function, *grid, *block, shared, self.stream, pointers, None)

    def launch_packed(self, function, grid, block, packed, size=None):
        buffer, count = ctypes.create_string_buffer(packed, len(packed)), c_size_t(len(packed) if size is None else size)
        extra = (c_void_p * 5)(1, ctypes.addressof(buffer), 2, ctypes.addressof(count), 0)
        status = driver.cuLaunchKernel(function, *grid, *block, 0, self.stream, None, extra)
        ctypes.memset(buffer, 0xFF, len(packed))  # the call has copied the arguments
        return status

    def fill(self, address, count, value):
        return self.launch(self.function("fill_f32"), (count // 2048 + 1, 1, 1), (256, 1, 1), address, c_uint64(count), c_float(value))


def check_start():
    count, context, version = c_int(), c_void_p(), c_int()
    expect("a call before cuInit", driver.cuDeviceGetCount(byref(count)), NOT_INITIALIZED)
    good(driver.cuDriverGetVersion(byref(version)))
    expect("version", version.value, 13000)
    put("init", NO_DEVICE)
    expect("cuInit", driver.cuInit(0), NO_DEVICE)
    put("init", 0)
    put("devices", 0)
    expect("cuInit without devices", driver.cuInit(0), NO_DEVICE)
    put("devices", 2)
    good(driver.cuInit(0))
    good(driver.cuDeviceGetCount(byref(count)))
    expect("devices", count.value, 2)
    for attribute, value in (75, 8), (76, 0), (97, 163 << 10), (115, 1), (1, 0):
        good(driver.cuDeviceGetAttribute(byref(count), attribute, 1))
        expect("attribute %d" % attribute, count.value, value)
    name, found = ctypes.create_string_buffer(32), c_int()
    good(driver.cuDeviceGetPCIBusId(name, 32, 1))
    good(driver.cuDeviceGetByPCIBusId(byref(found), name.value.lower()))
    expect("device of the bus", found.value, 1)
    text = ctypes.c_char_p()
    good(driver.cuGetErrorName(700, byref(text)))
    expect("name of 700", text.value, b"CUDA_ERROR_ILLEGAL_ADDRESS")
    expect("a call without context", driver.cuStreamCreate(byref(context), 1), INVALID_CONTEXT)


def check_kernels():
    put("seed", 1)
    s = Session()
    x, target = s.memory(400), s.memory(400)
    good(s.fill(x, 100, 2))
    good(s.fill(target, 100, 1))
    packed = struct.pack("<f4xQQQ", 3, x.value, target.value, 100)
    good(s.launch_packed(s.function("axpy_f32"), (1, 1, 1), (256, 1, 1), packed))
    expect("axpy_f32", s.floats(target, 100), [7.0] * 100)
    table = s.memory(48, floats(range(12)))
    ids, out = s.memory(12, struct.pack("3i", 2, 0, 2)), s.memory(48)
    gather = struct.pack("<QQQIfi4xQi", ids.value, table.value, 0, 0, 1, 0, out.value, 4)
    for size, packing in (52, gather), (56, gather + bytes(4)):
        expect("bytes of arguments", len(packing), size)
        good(s.launch_packed(s.function("gather_f32"), (3, 1, 1), (32, 1, 1), packing))
        expect("gather_f32", s.floats(out, 12), [8.0, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
    for size in (48, 51, 60):
        expect("%d bytes of arguments" % size, s.launch_packed(s.function("gather_f32"), (3, 1, 1), (32, 1, 1), gather + bytes(8), size), INVALID_VALUE)
    s.close()


def check_late_work():
    put("seed", 0)
    s = Session()
    x, host = s.memory(4), s.host(4)
    expect("fresh memory", s.bytes(x, 4), b"\xff" * 4)
    ctypes.memmove(host, floats([1]), 4)
    good(s.upload(x, host, 4))
    ctypes.memmove(host, floats([2]), 4)  # too early
    back = s.host(4)
    ctypes.memset(back, 0, 4)
    good(s.download(back, x, 4))
    expect("a copy before a wait", ctypes.string_at(back, 4), bytes(4))
    expect("queued", get("queued"), 2)
    expect("polling", [driver.cuStreamQuery(s.stream) for _ in range(3)], [NOT_READY, NOT_READY, 0])
    expect("a buffer that is reused too early", ctypes.string_at(back, 4), floats([2]))

    event, other = c_void_p(), c_void_p()
    good(driver.cuEventCreate(byref(event), 0))
    expect("an event without record", driver.cuEventQuery(event), 0)
    good(driver.cuStreamCreate(byref(other), 1))
    good(s.fill(x, 1, 5))
    good(driver.cuEventRecord(event, s.stream))
    good(s.fill(x, 1, 6))
    good(driver.cuStreamWaitEvent(other, event, 0))
    good(driver.cuMemcpyDtoHAsync_v2(back, x, c_size_t(4), other))
    good(driver.cuStreamSynchronize(other))
    expect("work before the event, not behind it", ctypes.string_at(back, 4), floats([5]))
    expect("event", driver.cuEventQuery(event), 0)
    expect("queued behind the event", get("queued"), 1)
    waits = get("waits")
    good(driver.cuEventRecord(event, s.stream))
    expect("event", driver.cuEventQuery(event), NOT_READY)
    good(driver.cuEventSynchronize(event))
    expect("waits", get("waits"), waits + 1)
    later, ms = c_void_p(), c_float()
    good(driver.cuEventCreate(byref(later), 0))
    good(driver.cuEventRecord(later, s.stream))
    expect("time before the end", driver.cuEventElapsedTime(byref(ms), event, later), NOT_READY)
    s.wait()
    good(driver.cuEventElapsedTime(byref(ms), event, later))

    good(s.fill(x, 1, 7))
    good(driver.cuStreamDestroy_v2(s.stream))
    expect("a stream that is gone", driver.cuStreamSynchronize(s.stream), INVALID_HANDLE)
    expect("its work is still queued", get("queued"), 1)
    s.close()
    expect("queued after a reset", get("queued"), 0)

    s = Session()
    put("eager", 1)
    x, back = s.memory(4), s.host(4)
    good(s.fill(x, 1, 8))
    good(s.download(back, x, 4))
    expect("eager", ctypes.string_at(back, 4), floats([8]))
    put("eager", 0)
    put("seed", 3)
    good(s.fill(x, 1, 9))
    for _ in range(200):
        driver.cuCtxSetCurrent(s.context)
    expect("work that runs early by chance", get("queued"), 0)
    s.close()
    put("seed", 0)


def check_memory():
    s = Session()
    put("memory", 1 << 20)
    available, total = c_size_t(), c_size_t()
    x, y = s.memory(300), c_uint64()
    expect("alignment", x.value % 256, 0)
    expect("too much memory", driver.cuMemAlloc_v2(byref(y), c_size_t(1 << 20)), OUT_OF_MEMORY)
    good(driver.cuMemAlloc_v2(byref(y), c_size_t(1 << 19)))
    good(driver.cuMemGetInfo_v2(byref(available), byref(total)))
    expect("memory", (available.value, total.value), ((1 << 19) - 300, 1 << 20))
    expect("live", (get("live"), get("liveBytes")), (2, (1 << 19) + 300))
    good(driver.cuMemFreeAsync(y, s.stream))
    expect("a second free", driver.cuMemFreeAsync(y, s.stream), INVALID_VALUE)
    z = c_uint64()
    good(driver.cuMemAlloc_v2(byref(z), c_size_t(1 << 20 >> 1)))  # the queued free makes room
    expect("freed memory", ctypes.string_at(y.value, 8), b"\xff" * 8)
    expect("memory that was freed is not given out", z.value == y.value, False)
    good(driver.cuMemFree_v2(z))
    put("memory", 1 << 30)

    pool, number = c_void_p(), c_uint64(1 << 20)
    good(driver.cuDeviceGetDefaultMemPool(byref(pool), 0))
    good(driver.cuMemPoolSetAttribute(pool, 4, byref(number)))
    a = s.memory(1000)
    good(driver.cuMemFreeAsync(a, s.stream))
    s.wait()
    for attribute, value in (4, 1 << 20), (5, 1300), (7, 300):
        good(driver.cuMemPoolGetAttribute(pool, attribute, byref(number)))
        expect("attribute %d of the pool" % attribute, number.value, value)
    good(driver.cuMemPoolTrimTo(pool, c_size_t(0)))
    good(driver.cuMemPoolGetAttribute(pool, 5, byref(number)))
    expect("reserved after trimming", number.value, 300)

    plain = ctypes.create_string_buffer(64)
    expect("a copy from memory that is not page-locked", s.upload(x, plain, 64), INVALID_VALUE)
    good(driver.cuMemHostRegister_v2(plain, c_size_t(64), 0))
    expect("registered twice", driver.cuMemHostRegister_v2(plain, c_size_t(8), 0), 712)
    good(s.upload(x, plain, 64))
    expect("a copy longer than what is page-locked", s.upload(x, plain, 65), INVALID_VALUE)
    s.wait()
    good(s.upload(x, plain, 64))
    good(driver.cuMemHostUnregister(plain))
    expect("unregistered before its copy", driver.cuStreamSynchronize(s.stream), ILLEGAL_ADDRESS)
    s.close()
    expect("live after a reset", get("live"), 0)


def check_launches():
    s = Session()
    x = s.memory(4096)
    fill, missing = s.function("fill_f32"), c_void_p()
    arguments = (x, c_uint64(8), c_float(1))
    expect("an unknown kernel", driver.cuModuleGetFunction(byref(missing), s.module, b"nothing"), NOT_FOUND)
    for grid, block in ((0, 1, 1), (32, 1, 1)), ((1, 65536, 1), (32, 1, 1)), ((1, 1, 65536), (32, 1, 1)), ((1, 1, 1), (0, 1, 1)), ((1, 1, 1), (512, 1, 1)), ((1, 1, 1), (32, 64, 1)):
        expect("grid %s, block %s" % (grid, block), s.launch(fill, grid, block, *arguments), INVALID_VALUE)
    one = (1, 1, 1), (32, 1, 1)
    good(s.launch(fill, *one, *arguments, shared=48 << 10))
    expect("shared memory", s.launch(fill, *one, *arguments, shared=(48 << 10) + 1), INVALID_VALUE)
    expect("more than the device has", driver.cuFuncSetAttribute(fill, 8, (163 << 10) + 1), INVALID_VALUE)
    good(driver.cuFuncSetAttribute(fill, 8, 163 << 10))
    good(s.launch(fill, *one, *arguments, shared=163 << 10))
    value = c_int()
    good(driver.cuFuncGetAttribute(byref(value), 0, fill))
    expect("launch bounds", value.value, 256)
    expect("no arguments", driver.cuLaunchKernel(fill, 1, 1, 1, 32, 1, 1, 0, s.stream, None, None), INVALID_VALUE)
    other = Session(1)
    expect("a stream of another context", s.launch(fill, *one, *arguments), INVALID_HANDLE)
    other.close()
    good(driver.cuCtxSetCurrent(s.context))
    s.wait()
    good(driver.cuModuleUnload(s.module))
    expect("a kernel of a module that is gone", s.launch(fill, *one, *arguments), INVALID_HANDLE)
    s.close()
    expect("a context that is gone", driver.cuStreamCreate(byref(missing), 1), DESTROYED)


def check_errors():
    def broken(what, status, work):
        s = Session()
        work(s)
        expect(what, driver.cuStreamSynchronize(s.stream), status)
        expect(what + ", later", driver.cuStreamCreate(byref(c_void_p()), 1), status)
        expect(what + ", retained again", driver.cuDevicePrimaryCtxRetain(byref(c_void_p()), 0), status)
        s.close()

    def copy_too_far(s):
        good(driver.cuMemsetD8Async(s.memory(100), 0, c_size_t(101), s.stream))

    def copy_from_freed(s):
        a, b = s.memory(100), s.memory(100)
        good(driver.cuMemFreeAsync(a, s.stream))
        good(driver.cuMemcpyDtoDAsync_v2(b, a, c_size_t(100), s.stream))

    def write_behind(s):
        a = s.memory(100)
        good(s.fill(a, 26, 1))
        good(driver.cuMemFreeAsync(a, s.stream))

    def failing(kernel):
        def work(s):
            good(driver.emulatedCudaFailKernel(b"fill_bf16", LAUNCH_FAILED)) if kernel else put("fail", LAUNCH_FAILED)
            x = s.memory(64)
            good(s.launch(s.function("fill_bf16"), (1, 1, 1), (32, 1, 1), x, c_uint64(8), c_float(1)))
        return work

    def odd_block(s):
        x = s.memory(64)
        good(s.launch(s.function("foldColumns_"), (1, 1, 1), (33, 1, 1), x, c_int(1), c_int(1), x, c_int(1), shared=1024))

    def misaligned(s):
        # AttentionArguments, of which the kernel reads `out` first, and AttentionGradients.
        arguments = bytes(80) + struct.pack("<Qii", s.memory(64).value + 2, 32, 32) + bytes(32) + struct.pack("<5i2f4x", 1, 1, 1, 1, 0, 1, 1) + bytes(96)
        good(s.launch_packed(s.function("attentionDelta_32"), (1, 1, 1), (32, 1, 1), arguments))

    broken("a memset behind the end", ILLEGAL_ADDRESS, copy_too_far)
    broken("a copy from freed memory", ILLEGAL_ADDRESS, copy_from_freed)
    violations = get("violations")
    broken("a kernel that writes behind the end", ILLEGAL_ADDRESS, write_behind)
    expect("violations", get("violations"), violations + 1)
    broken("a launch that is to fail", LAUNCH_FAILED, failing(False))
    broken("a kernel that is to fail", LAUNCH_FAILED, failing(True))
    broken("a kernel that the emulation cannot run", LAUNCH_FAILED, odd_block)
    broken("a load of 16 bytes that is not aligned", MISALIGNED, misaligned)

    s = Session()
    a = s.memory(64)
    good(driver.cuMemFreeAsync(a, s.stream))
    s.wait()
    ctypes.memset(a.value, 0, 1)
    expect("freed memory that is written", get("violations"), violations + 2)
    copy_too_far(s)
    driver.cuStreamSynchronize(s.stream)
    put("reset", 0)
    s.wait()
    s.close()


def rounded(x, kind):
    if kind == F32:
        return struct.unpack("f", struct.pack("f", x))[0]
    bits = struct.unpack("I", struct.pack("f", x))[0]
    return struct.unpack("f", struct.pack("I", (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000))[0]


def encoded(values, kind):
    return floats(values) if kind == F32 else b"".join(struct.pack("f", rounded(x, BF16))[2:] for x in values)


def decoded(data, kind):
    if kind == F32:
        return list(struct.unpack("%df" % (len(data) // 4), data))
    return [struct.unpack("f", b"\0\0" + data[i:i + 2])[0] for i in range(0, len(data), 2)]


def gelu(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def gelu_slope(x):
    return (gelu(x + 1e-5) - gelu(x - 1e-5)) / 2e-5


class Lt:
    """One product D = epilogue(alpha op(A) op(B) + beta C) and its operands on a device."""

    def __init__(self, s, kind=F32, out=None, m=37, n=6, k=19, transposed=(0, 0), epilogue=1, batch=1, compute=68, padding=3):
        out = kind if out is None else out
        self.s, self.kind, self.out, self.m, self.n, self.k, self.batch, self.epilogue, self.transposed = s, kind, out, m, n, k, batch, epilogue, transposed
        self.handle, self.desc, self.preference = c_void_p(), c_void_p(), c_void_p()
        good(lt.cublasLtCreate(byref(self.handle)))
        good(lt.cublasLtMatmulDescCreate(byref(self.desc), compute, 0))
        good(lt.cublasLtMatmulPreferenceCreate(byref(self.preference)))
        for attribute, value in (3, c_int(transposed[0])), (4, c_int(transposed[1])), (7, c_uint(epilogue)):
            good(self.describe(attribute, value))
        shapes = [(k, m) if transposed[0] else (m, k), (n, k) if transposed[1] else (k, n), (m, n), (m, n)]
        self.ld = [rows + padding for rows, cols in shapes]
        self.layouts, self.values, self.memory = [], [], []
        for i, (rows, cols) in enumerate(shapes):
            layout, of = c_void_p(), kind if i < 2 else out
            good(lt.cublasLtMatrixLayoutCreate(byref(layout), of, c_uint64(rows), c_uint64(cols), c_int64(self.ld[i])))
            stride = self.ld[i] * cols
            good(self.lay_out(layout, 5, c_int(batch)))
            good(self.lay_out(layout, 6, c_int64(stride)))
            data = encoded([random.gauss(0, 1) for _ in range(stride * batch)], of)
            self.layouts.append(layout)
            self.values.append(decoded(data, of))
            self.memory.append(s.memory(len(data), data))

    def describe(self, attribute, value):
        return lt.cublasLtMatmulDescSetAttribute(self.desc, attribute, byref(value), c_size_t(ctypes.sizeof(value)))

    def lay_out(self, layout, attribute, value):
        return lt.cublasLtMatrixLayoutSetAttribute(layout, attribute, byref(value), c_size_t(ctypes.sizeof(value)))

    def prefer(self, attribute, value):
        return lt.cublasLtMatmulPreferenceSetAttribute(self.preference, attribute, byref(value), c_size_t(ctypes.sizeof(value)))

    def heuristic(self):
        result, returned = (ctypes.c_char * 192)(), c_int()
        status = lt.cublasLtMatmulAlgoGetHeuristic(self.handle, self.desc, *self.layouts, self.preference, 2, result, byref(returned))
        self.results = [bytes(result[96 * i:96 * i + 96]) for i in range(returned.value)]
        return status

    def multiply(self, alpha=1.0, beta=0.0, result=0, algorithm=None, operands=None, workspace=(0, 0)):
        algorithm = self.results[result][:64] if algorithm is None else algorithm
        a, b, c, d = operands or self.memory
        factors = c_float(alpha), c_float(beta)
        status = lt.cublasLtMatmul(self.handle, self.desc, byref(factors[0]), a, self.layouts[0], b, self.layouts[1], byref(factors[1]), c, self.layouts[2], d,
                                   self.layouts[3], algorithm, c_uint64(workspace[0]), c_size_t(workspace[1]), self.s.stream)
        factors[0].value = factors[1].value = math.nan  # the call has read them
        return status

    def at(self, operand, row, column, batch=0):
        values, ld = self.values[operand], self.ld[operand]
        return values[len(values) // self.batch * batch + row + column * ld]

    def op(self, operand, row, column, batch=0):
        return self.at(operand, column, row, batch) if self.transposed[operand] else self.at(operand, row, column, batch)

    def sums(self, batch=0):
        return [[sum(self.op(0, r, i, batch) * self.op(1, i, c, batch) for i in range(self.k)) for c in range(self.n)] for r in range(self.m)]

    def expect(self, what, of):
        """Compares D with of(sum, row, column, batch)."""
        size = 4 if self.out == F32 else 2
        found = decoded(self.s.bytes(self.memory[3], len(self.values[3]) * size), self.out)
        worst, kept = 0, True
        for batch in range(self.batch):
            sums = self.sums(batch)
            start = len(found) // self.batch * batch
            for c in range(self.n):
                for r in range(self.ld[3]):
                    at = start + r + c * self.ld[3]
                    if r < self.m:
                        wanted = of(sums[r][c], r, c, batch)
                        error = abs(found[at] - wanted) / (1 + abs(wanted))
                        worst = max(worst, error if error == error else math.inf)
                    else:
                        kept &= found[at] == self.values[3][at]
        expect(what + ": error", worst < (1e-5 if self.out == F32 else 5e-3), True)
        expect(what + ": padding", kept, True)


def near(what, found, wanted, tolerance):
    expect(what, all(abs(f - w) <= tolerance * (1 + abs(w)) for f, w in zip(found, wanted)), True)


def check_products():
    put("seed", 0)
    s = Session()
    for kind, out, compute in (F32, F32, 68), (F32, F32, 77), (BF16, BF16, 68), (BF16, F32, 68):
        for transposed in (0, 0), (1, 0), (0, 1), (1, 1):
            p = Lt(s, kind, out, transposed=transposed, compute=compute)
            good(p.heuristic())
            good(p.multiply(alpha=0.5, beta=2))
            p.expect("product %d %d %d %s" % (kind, out, compute, transposed), lambda x, r, c, b: 0.5 * x + 2 * p.at(2, r, c))
    p = Lt(s, batch=3)
    good(p.heuristic())
    nan = s.memory(4 * len(p.values[2]))
    good(p.multiply(operands=[p.memory[0], p.memory[1], nan, p.memory[3]]))
    p.expect("batch, and C that is not read", lambda x, r, c, b: x)

    for kind in F32, BF16:
        size, tolerance = (4, 1e-4) if kind == F32 else (2, 1e-2)
        for bias_kind in {kind, F32}:
            for epilogue in 4, 36, 164, 32, 160:
                p = Lt(s, kind, epilogue=epilogue)
                bias = encoded([random.gauss(0, 1) for _ in range(p.m)], bias_kind)
                values = decoded(bias, bias_kind) if epilogue & 4 else [0] * p.m
                aux = s.memory(40 * p.n * size)
                good(p.describe(8, s.memory(len(bias), bias)))
                good(p.describe(11, aux))
                good(p.describe(12, c_int64(40)))
                if bias_kind != kind:
                    good(p.describe(26, c_int(bias_kind)))
                good(p.heuristic())
                good(p.multiply())
                p.expect("epilogue %d" % epilogue, lambda x, r, c, b: gelu(x + values[r]) if epilogue & 32 else x + values[r])
                if epilogue & 128:
                    before, sums = decoded(s.bytes(aux, 40 * p.n * size), kind), p.sums()
                    near("aux", [before[r + 40 * c] for r in range(p.m) for c in range(p.n)], [sums[r][c] + values[r] for r in range(p.m) for c in range(p.n)], tolerance)
        for epilogue in 192, 208, 256, 512:
            p = Lt(s, kind, epilogue=epilogue)
            aux = encoded([random.gauss(0, 1) for _ in range(40 * p.n)], kind)
            before, bias = decoded(aux, kind), s.memory(size * p.m)
            good(p.describe(8, bias))
            good(p.describe(11, s.memory(len(aux), aux)))
            good(p.describe(12, c_int64(40)))
            good(p.heuristic())
            good(p.multiply())
            of = (lambda x, r, c, b: x * gelu_slope(before[r + 40 * c])) if epilogue < 256 else lambda x, r, c, b: x
            p.expect("epilogue %d" % epilogue, of)
            sums = p.sums()
            wanted = {192: [], 208: [sum(of(sums[r][c], r, c, 0) for c in range(p.n)) for r in range(p.m)],
                      256: [sum(p.op(0, r, i) for i in range(p.k)) for r in range(p.m)], 512: [sum(p.op(1, i, c) for i in range(p.k)) for c in range(p.n)]}[epilogue]
            near("bias gradient %d" % epilogue, decoded(s.bytes(bias, size * len(wanted)), kind) if wanted else [], wanted, tolerance)
    s.close()


def check_refused_products():
    s = Session()
    expect("version", lt.cublasLtGetVersion(), 130000)
    p = Lt(s)
    expect("size of an attribute", p.describe(12, c_int(40)), LT_INVALID_VALUE)
    expect("an unknown attribute", p.describe(99, c_int(1)), LT_INVALID_VALUE)
    good(p.heuristic())
    expect("algorithms without workspace", len(p.results), 1)
    good(p.prefer(1, c_size_t(1 << 20)))
    good(p.heuristic())
    expect("algorithms with workspace", len(p.results), 2)
    size = struct.unpack_from("Q", p.results[0], 64)[0]
    workspace = s.memory(size).value
    expect("too little workspace", p.multiply(workspace=(workspace, size - 1)), LT_INVALID_VALUE)
    good(p.multiply(workspace=(workspace, size)))
    p.expect("with workspace", lambda x, r, c, b: x)
    shifted = [p.memory[0], c_uint64(p.memory[1].value + 16), p.memory[2], p.memory[3]]
    expect("less aligned than promised", p.multiply(result=1, operands=shifted), LT_NOT_SUPPORTED)
    other = Lt(s, n=7)
    expect("an algorithm of another problem", other.multiply(algorithm=p.results[1][:64]), LT_NOT_SUPPORTED)
    expect("not an algorithm", p.multiply(algorithm=bytes(64)), LT_NOT_SUPPORTED)
    for attribute, value in (4, c_int64(36)), (2, c_uint64(36)), (3, c_uint64(5)):
        q = Lt(s)
        good(q.lay_out(q.layouts[3], attribute, value))
        expect("attribute %d of a layout" % attribute, q.heuristic(), LT_INVALID_VALUE)
    for kind, out, compute in (F32, BF16, 68), (BF16, BF16, 77), (F32, F32, 64):
        expect("types", Lt(s, kind, out, compute=compute).heuristic(), LT_NOT_SUPPORTED)
    expect("an unknown epilogue", Lt(s, epilogue=2).heuristic(), LT_NOT_SUPPORTED)
    q = Lt(s, epilogue=4)
    good(q.heuristic())
    expect("no bias", q.multiply(), LT_INVALID_VALUE)
    expect("no handle", lt.cublasLtMatmul(None, p.desc, *[None] * 14), 1)
    good(p.prefer(6, c_uint(4)))
    good(p.heuristic())
    good(p.multiply(result=1, operands=shifted))
    expect("a matrix that ends behind its memory", driver.cuStreamSynchronize(s.stream), ILLEGAL_ADDRESS)
    expect("a product after an error", p.multiply(result=1), 13)
    s.close()


random.seed(1)
check_start()
check_kernels()
check_late_work()
check_memory()
check_launches()
check_errors()
check_products()
check_refused_products()
print(checks, "checks of the emulated driver and cuBLASLt,", failures, "failed")
sys.exit(1 if failures else 0)
