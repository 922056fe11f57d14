// libcuda.so.1 of a machine without a GPU: device memory is the host's, kernels are g++'s. Four devices, which differ in what they are
// strict about: 0 runs threads in order and work at once; 1 runs threads in reversed order; 2 runs them in shuffled order, and delays the
// work of its streams until somebody waits for it; 3 does nothing, and its memory keeps what it had. STANDIN_MEMORY_MB in the environment
// says how much memory each has, and STANDIN_DRIVER_VERSION for which CUDA the driver is. With STANDIN_SEED all devices run threads in
// shuffled order, another for each seed.
#include "driver.h"
#include "cuda_on_host.h"
#include <deque>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <string>
#include <unistd.h>

namespace {
enum {
  SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_IMAGE = 200, INVALID_CONTEXT = 201,
  INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600, ALREADY_REGISTERED = 712
};
constexpr int DEVICES = 4;
const char* const NAMES[DEVICES] = {"stand-in", "stand-in, reversed threads", "stand-in, shuffled threads and delayed streams",
  "stand-in, idle"};
size_t setting(const char* name, size_t otherwise) { return getenv(name) ? strtoull(getenv(name), nullptr, 10) : otherwise; }
const size_t MEMORY_BYTES = setting("STANDIN_MEMORY_MB", 2048) << 20;

std::recursive_mutex lock;
std::map<uintptr_t, size_t> allocated[DEVICES];
std::map<uintptr_t, size_t> page_locked;
size_t used[DEVICES];
thread_local int current = -1;

struct Stream {
  int device;
  std::deque<std::function<void()>> waiting;
  size_t enqueued = 0, done = 0;
  void drain(size_t until) {
    while (done < until) {
      std::function<void()> work = std::move(waiting.front());
      waiting.pop_front();
      work();
      done++;
    }
  }
};

struct Event {
  Stream* stream = nullptr;
  size_t after = 0;
};

struct Function {
  emu::Kernel* kernel;
  size_t shared_limit = 48 << 10;
};

std::map<Stream*, bool> streams;

bool contains(const std::map<uintptr_t, size_t>& ranges, uintptr_t address, size_t bytes) {
  auto next = ranges.upper_bound(address);
  return next != ranges.begin() && address + bytes <= std::prev(next)->first + std::prev(next)->second;
}

bool on_device(uint64_t address, size_t bytes) { return contains(allocated[current], address, bytes); }

int enqueue(Stream* stream, std::function<void()> work) {
  if (!stream || stream->device != current) {
    return INVALID_HANDLE;
  }
  if (stream->device == 3) {
    return SUCCESS;
  }
  stream->waiting.push_back(std::move(work));
  stream->enqueued++;
  if (stream->device != 2) {
    stream->drain(stream->enqueued);
  }
  return SUCCESS;
}
}

#define IN_CONTEXT std::lock_guard<std::recursive_mutex> guard(lock); if (current < 0) return INVALID_CONTEXT

API int standin_enqueue(void* stream, std::function<void()>* work) { IN_CONTEXT; return enqueue((Stream*) stream, *work); }
API bool standin_is_device(const void* address, size_t bytes) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  return current >= 0 && on_device((uint64_t) address, bytes);
}

API int cuInit(unsigned) { return SUCCESS; }
API int cuDriverGetVersion(int* version) { *version = (int) setting("STANDIN_DRIVER_VERSION", 13000); return SUCCESS; }
API int cuDeviceGetCount(int* count) { *count = DEVICES; return SUCCESS; }
API int cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= DEVICES) {
    return INVALID_DEVICE;
  }
  *device = ordinal;
  return SUCCESS;
}
API int cuDeviceGetName(char* name, int length, int device) { snprintf(name, length, "%s", NAMES[device]); return SUCCESS; }
API int cuDeviceGetPCIBusId(char* id, int length, int device) { snprintf(id, length, "0000:%02x:00.0", device + 1); return SUCCESS; }
API int cuDeviceGetUuid_v2(char* uuid, int device) { memset(uuid, device, 16); return SUCCESS; }
API int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = MEMORY_BYTES; return SUCCESS; }
API int cuDeviceGetAttribute(int* value, int attribute, int) {
  switch (attribute) {
    case 75: *value = 9; return SUCCESS;                // compute capability, major
    case 76: *value = 0; return SUCCESS;                // minor
    case 16: *value = 4; return SUCCESS;                // multiprocessors
    case 97: *value = 227 << 10; return SUCCESS;        // shared memory of a block, at most
    default: return INVALID_VALUE;
  }
}
API int cuDevicePrimaryCtxRetain(void** context, int device) { *context = (void*) (intptr_t) (device + 1); return SUCCESS; }
API int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
API int cuCtxSetCurrent(void* context) { current = (int) (intptr_t) context - 1; return SUCCESS; }

API int cuGetErrorName(int error, const char** name) {
  static thread_local std::string text;
  text = "CUDA_ERROR_" + std::to_string(error);
  *name = text.c_str();
  return SUCCESS;
}
API int cuGetErrorString(int, const char** text) { *text = "an error of the stand-in"; return SUCCESS; }

API int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  IN_CONTEXT;
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  if (used[current] + bytes > MEMORY_BYTES) {
    return OUT_OF_MEMORY;
  }
  *address = (uint64_t) aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset((void*) *address, 0xFF, bytes);  // NaN
  allocated[current][*address] = bytes;
  used[current] += bytes;
  return SUCCESS;
}
API int cuMemFree_v2(uint64_t address) {
  IN_CONTEXT;
  auto found = allocated[current].find(address);
  if (found == allocated[current].end()) {
    return INVALID_VALUE;
  }
  for (auto& stream : streams) {
    if (stream.first->device == current) {
      stream.first->drain(stream.first->enqueued);
    }
  }
  used[current] -= found->second;
  allocated[current].erase(found);
  free((void*) address);
  return SUCCESS;
}
API int cuMemGetInfo_v2(size_t* free, size_t* total) {
  IN_CONTEXT;
  *free = MEMORY_BYTES - used[current];
  *total = MEMORY_BYTES;
  return SUCCESS;
}
API int cuMemHostRegister_v2(void* address, size_t bytes, unsigned) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  auto next = page_locked.lower_bound((uintptr_t) address + bytes);
  if (next != page_locked.begin() && std::prev(next)->first + std::prev(next)->second > (uintptr_t) address) {
    return ALREADY_REGISTERED;
  }
  page_locked[(uintptr_t) address] = bytes;
  return SUCCESS;
}
API int cuMemHostUnregister(void* address) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  return page_locked.erase((uintptr_t) address) ? SUCCESS : INVALID_VALUE;
}

// From pageable memory a copy is taken before the call returns; page-locked memory is read when the copy's turn comes.
API int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void* stream) {
  IN_CONTEXT;
  if (!on_device(to, bytes)) {
    return INVALID_VALUE;
  }
  if (contains(page_locked, (uintptr_t) from, bytes)) {
    return enqueue((Stream*) stream, [=] { memcpy((void*) to, from, bytes); });
  }
  std::vector<char> staged((const char*) from, (const char*) from + bytes);
  return enqueue((Stream*) stream, [to, staged] { memcpy((void*) to, staged.data(), staged.size()); });
}
// To pageable memory the call waits.
API int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void* stream) {
  IN_CONTEXT;
  if (!on_device(from, bytes)) {
    return INVALID_VALUE;
  }
  int result = enqueue((Stream*) stream, [=] { memcpy(to, (void*) from, bytes); });
  if (result == SUCCESS && !contains(page_locked, (uintptr_t) to, bytes)) {
    ((Stream*) stream)->drain(((Stream*) stream)->enqueued);
  }
  return result;
}
API int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void* stream) {
  IN_CONTEXT;
  if (!on_device(from, bytes) || !on_device(to, bytes)) {
    return INVALID_VALUE;
  }
  return enqueue((Stream*) stream, [=] { memmove((void*) to, (void*) from, bytes); });
}
API int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void* stream) {
  IN_CONTEXT;
  if (!on_device(to, bytes)) {
    return INVALID_VALUE;
  }
  return enqueue((Stream*) stream, [=] { memset((void*) to, value, bytes); });
}

API int cuStreamCreate(void** stream, unsigned) {
  IN_CONTEXT;
  Stream* made = new Stream{current};
  streams[made] = true;
  *stream = made;
  return SUCCESS;
}
API int cuStreamDestroy_v2(void* stream) {
  IN_CONTEXT;
  ((Stream*) stream)->drain(((Stream*) stream)->enqueued);
  streams.erase((Stream*) stream);
  return SUCCESS;  // not deleted: events may name it
}
API int cuStreamSynchronize(void* stream) { IN_CONTEXT; ((Stream*) stream)->drain(((Stream*) stream)->enqueued); return SUCCESS; }
API int cuStreamWaitEvent(void* stream, void* event, unsigned) {
  IN_CONTEXT;
  Event of = *(Event*) event;
  return enqueue((Stream*) stream, [of] { if (of.stream) of.stream->drain(of.after); });
}
API int cuEventCreate(void** event, unsigned) { *event = new Event; return SUCCESS; }
API int cuEventRecord(void* event, void* stream) {
  IN_CONTEXT;
  *(Event*) event = {(Stream*) stream, ((Stream*) stream)->enqueued};
  return SUCCESS;
}
API int cuEventSynchronize(void* event) {
  IN_CONTEXT;
  Event of = *(Event*) event;
  if (of.stream) {
    of.stream->drain(of.after);
  }
  return SUCCESS;
}
API int cuEventQuery(void* event) {
  IN_CONTEXT;
  Event of = *(Event*) event;
  return !of.stream || of.stream->done >= of.after ? SUCCESS : NOT_READY;
}
API int cuEventDestroy_v2(void* event) { delete (Event*) event; return SUCCESS; }

// An image is what nvrtc.cpp made: its length, and a shared library.
API int cuModuleLoadData(void** module, const void* image) {
  IN_CONTEXT;
  size_t length;
  memcpy(&length, image, sizeof length);
  char name[] = "/tmp/standin-module-XXXXXX";
  int file = mkstemp(name);
  bool written = file >= 0 && write(file, (const char*) image + sizeof length, length) == (ssize_t) length;
  close(file);
  void* library = written ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(name);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return INVALID_IMAGE;
  }
  *module = library;
  return SUCCESS;
}
// Fibers that wait for work stand in the code of the module that made them: it stays.
API int cuModuleUnload(void* module) { return module ? SUCCESS : INVALID_VALUE; }
API int cuModuleGetFunction(void** function, void* module, const char* name) {
  auto kernel = (emu::Kernel* (*)()) dlsym(module, (std::string("standin_kernel_") + name).c_str());
  if (!kernel) {
    return NOT_FOUND;
  }
  *function = new Function{kernel()};
  return SUCCESS;
}
API int cuFuncGetParamInfo(void* function, size_t index, size_t* offset, size_t* size) {
  const std::vector<size_t>& sizes = ((Function*) function)->kernel->sizes;
  if (index >= sizes.size()) {
    return INVALID_VALUE;
  }
  *offset = 0;
  *size = sizes[index];
  return SUCCESS;
}
API int cuFuncSetAttribute(void* function, int attribute, int value) {
  if (attribute == 8) {
    ((Function*) function)->shared_limit = value;
  }
  return SUCCESS;
}
API int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
    void* stream, void** params, void**) {
  IN_CONTEXT;
  if (gx == 0 || gy == 0 || gz == 0 || bx * by * bz == 0 || bx * by * bz > 1024 || gy > 65535 || gz > 65535
      || shared > ((Function*) function)->shared_limit) {
    return INVALID_VALUE;
  }
  std::function<void()> body = ((Function*) function)->kernel->bind(params);
  emu::Order order = getenv("STANDIN_SEED") ? emu::SHUFFLED : current == 0 ? emu::FORWARD : current == 1 ? emu::REVERSED : emu::SHUFFLED;
  return enqueue((Stream*) stream, [=] { emu::launch(body, {gx, gy, gz}, {bx, by, bz}, shared, order); });
}
