// CUDA C on a CPU, for kernels compiled by g++: the blocks of a launch run one after another, the threads of a block as fibers that take
// turns at barriers and shuffles, in forward, reversed or shuffled order. A missing barrier shows as a wrong result in two of the orders.
#pragma once
#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __shared__ static
#define __restrict__ __restrict

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

namespace emu {
enum Waits { RUNS, AT_BARRIER, IN_WARP };

enum Order { FORWARD, REVERSED, SHUFFLED };

struct Fiber {
  jmp_buf here;
  ucontext_t start;
  char* stack = nullptr;
  bool begun = false, done = false;
  Waits waits = RUNS;
  unsigned mask = 0;
  dim3 thread;
};

struct Block {
  std::vector<Fiber> fibers;
  int threads = 0;
  std::vector<uint64_t> slots;
  jmp_buf scheduler;
  int current = 0;
  std::function<void()> body;
  std::vector<char> memory;
};

inline Block B;
inline dim3 blockIdx_, blockDim_, gridDim_;
constexpr size_t STACK = 64 << 10;

// The block's dynamic shared memory: exactly what the launch asked for.
inline void* dynamic_shared() { return B.memory.data(); }

inline void to_scheduler() {
  if (!_setjmp(B.fibers[B.current].here)) {
    _longjmp(B.scheduler, 1);
  }
}

// A fiber runs one thread after another: starting one anew would take a system call.
inline void entry() {
  for (;;) {
    B.body();
    B.fibers[B.current].done = true;
    to_scheduler();
  }
}

inline void wait(Waits what, unsigned mask) {
  B.fibers[B.current].waits = what;
  B.fibers[B.current].mask = mask;
  to_scheduler();
}

inline void resume(int i) {
  B.current = i;
  Fiber& fiber = B.fibers[i];
  if (_setjmp(B.scheduler)) {
    return;
  }
  if (fiber.begun) {
    _longjmp(fiber.here, 1);
  }
  fiber.begun = true;
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack;
  fiber.start.uc_stack.ss_size = STACK;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, entry, 0);
  setcontext(&fiber.start);
}

// The lanes of one mask go on once all of them wait.
inline bool release_warp(int warp, int end) {
  unsigned at = 0, wanted = 0;
  for (int i = warp; i < end; i++) {
    if (!B.fibers[i].done && B.fibers[i].waits == IN_WARP) {
      at |= 1u << (i - warp);
      wanted |= B.fibers[i].mask;
    }
  }
  unsigned existing = end - warp == 32 ? ~0u : (1u << (end - warp)) - 1;
  if (!at || (wanted & existing & ~at) != 0) {
    return false;
  }
  for (int i = warp; i < end; i++) {
    if (at >> (i - warp) & 1) {
      B.fibers[i].waits = RUNS;
    }
  }
  return true;
}

inline bool release_barrier() {
  for (int i = 0; i < B.threads; i++) {
    if (!B.fibers[i].done && B.fibers[i].waits != AT_BARRIER) {
      return false;
    }
  }
  for (int i = 0; i < B.threads; i++) {
    B.fibers[i].waits = RUNS;
  }
  return true;
}

inline bool run_ready(const int* threads, int count) {
  bool ran = false;
  for (int i = 0; i < count; i++) {
    Fiber& fiber = B.fibers[threads[i]];
    if (!fiber.done && fiber.waits == RUNS) {
      resume(threads[i]);
      ran = true;
    }
  }
  return ran;
}

inline void shuffle(int* values, int count, unsigned& seed) {
  for (int i = count - 1; i > 0; i--) {
    seed = seed * 1664525u + 1013904223u;
    std::swap(values[i], values[(seed >> 8) % (i + 1)]);
  }
}

// In forward order all threads run to their next wait, again and again. In the other orders a warp runs until it waits for other warps
// before the next one does anything: nothing but a barrier keeps it from running ahead.
inline void run_block(Order wanted) {
  int n = B.threads, warps = (n + 31) / 32;
  std::vector<int> threads(n), order(warps);
  for (int i = 0; i < n; i++) {
    B.fibers[i].done = false;
    B.fibers[i].waits = RUNS;
    int warp = i & ~31, end = std::min(n, warp + 32);
    threads[i] = wanted == REVERSED ? end - 1 - (i - warp) : i;
  }
  for (int w = 0; w < warps; w++) {
    order[w] = wanted == REVERSED ? warps - 1 - w : w;
  }
  static const unsigned first_seed = getenv("STANDIN_SEED") ? (unsigned) atoi(getenv("STANDIN_SEED")) : 12345u;
  unsigned seed = first_seed + blockIdx_.x;
  for (;;) {
    bool ran = false;
    if (wanted == SHUFFLED) {
      shuffle(order.data(), warps, seed);
    }
    for (int w : order) {
      int warp = 32 * w, count = std::min(n, warp + 32) - warp;
      bool released;
      do {
        if (wanted == SHUFFLED) {
          shuffle(threads.data() + warp, count, seed);
        }
        ran |= run_ready(threads.data() + warp, count);
        released = release_warp(warp, warp + count);
        ran |= released;
      } while (released && wanted != FORWARD);
    }
    if (std::all_of(B.fibers.begin(), B.fibers.begin() + n, [](const Fiber& fiber) { return fiber.done; })) {
      return;
    }
    ran |= release_barrier();
    if (!ran) {
      fprintf(stderr, "Deadlock: threads of block %u,%u wait at different barriers\n", blockIdx_.x, blockIdx_.y);
      abort();
    }
  }
}

inline void launch(const std::function<void()>& body, dim3 grid, dim3 block, size_t shared, Order order) {
  size_t n = (size_t) block.x * block.y * block.z;
  gridDim_ = grid;
  blockDim_ = block;
  B.body = body;
  B.threads = (int) n;
  while (B.fibers.size() < n) {
    B.fibers.emplace_back();
    B.fibers.back().stack = (char*) malloc(STACK);
  }
  B.slots.assign(n, 0);
  size_t i = 0;
  for (unsigned z = 0; z < block.z; z++) {
    for (unsigned y = 0; y < block.y; y++) {
      for (unsigned x = 0; x < block.x; x++) {
        B.fibers[i++].thread = {x, y, z};
      }
    }
  }
  for (blockIdx_.z = 0; blockIdx_.z < grid.z; blockIdx_.z++) {
    for (blockIdx_.y = 0; blockIdx_.y < grid.y; blockIdx_.y++) {
      for (blockIdx_.x = 0; blockIdx_.x < grid.x; blockIdx_.x++) {
        B.memory.assign(shared, (char) 0xFF);  // NaN: reading what nobody wrote shows
        run_block(order);
      }
    }
  }
}

// What the driver knows of a kernel: the sizes of its parameters, and a launch with copies of them.
struct Kernel {
  std::vector<size_t> sizes;
  std::function<void()> (*bind)(void**);
};

template <class... A, size_t... I> std::tuple<A...> copied(void** p, std::tuple<A...>*, std::index_sequence<I...>) {
  return std::tuple<A...>(*(A*) p[I]...);
}

template <auto F> struct Of;
template <class... A, void (*F)(A...)> struct Of<F> {
  static std::function<void()> bind(void** p) {
    auto values = copied(p, (std::tuple<std::remove_const_t<A>...>*) nullptr, std::index_sequence_for<A...>());
    return [values] { std::apply(F, values); };
  }
  static Kernel* kernel() { return new Kernel{{sizeof(A)...}, bind}; }
};

template <class T> T exchange(unsigned mask, T value, int from, bool valid) {
  int me = B.current, warp = me & ~31;
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  B.slots[me] = bits;
  wait(IN_WARP, mask);
  T result = value;
  if (valid) {
    memcpy(&result, &B.slots[warp + from], sizeof result);
  }
  wait(IN_WARP, mask);
  return result;
}
}

#define threadIdx (emu::B.fibers[emu::B.current].thread)
#define blockIdx emu::blockIdx_
#define blockDim emu::blockDim_
#define gridDim emu::gridDim_
inline void __syncthreads() { emu::wait(emu::AT_BARRIER, 0); }
inline void __syncwarp(unsigned mask = ~0u) { emu::wait(emu::IN_WARP, mask); }
template <class T> T __shfl_xor_sync(unsigned mask, T value, int x) { return emu::exchange(mask, value, (emu::B.current & 31) ^ x, true); }
template <class T> T __shfl_sync(unsigned mask, T value, int lane) { return emu::exchange(mask, value, lane & 31, true); }

// Operations that are rounded by themselves: g++ makes no other for x86-64 unless it is told.
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
