// What all kernels use. Arrays are row-major. Sums have a fixed order: no kernel adds floats atomically.

#define FULL_WARP 0xffffffffu

typedef unsigned short bfloat16;

static __device__ __forceinline__ unsigned float_bits(float value) {
  union { float f; unsigned u; } both;
  both.f = value;
  return both.u;
}

static __device__ __forceinline__ float bits_float(unsigned bits) {
  union { float f; unsigned u; } both;
  both.u = bits;
  return both.f;
}

#define INFINITE bits_float(0x7f800000u)

// To the nearest, ties to even; a NaN stays one.
static __device__ __forceinline__ bfloat16 to_bfloat16(float value) {
  unsigned bits = float_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) {
    return (bfloat16) (bits >> 16 | 0x40u);
  }
  return (bfloat16) ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

static __device__ __forceinline__ float from_bfloat16(bfloat16 value) {
  return bits_float((unsigned) value << 16);
}

// The sum over a warp, in all its lanes.
template <class T> static __device__ __forceinline__ T warp_sum(T value) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    value += __shfl_xor_sync(FULL_WARP, value, offset);
  }
  return value;
}

static __device__ __forceinline__ float warp_max(float value) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    value = fmaxf(value, __shfl_xor_sync(FULL_WARP, value, offset));
  }
  return value;
}

// The sum over a block of whole warps, in all its threads. Shared: one number for each warp. Ends with a barrier: it can be called again.
template <class T> static __device__ __forceinline__ T block_sum(T value, T* shared) {
  value = warp_sum(value);
  if ((threadIdx.x & 31) == 0) {
    shared[threadIdx.x >> 5] = value;
  }
  __syncthreads();
  T sum = 0;
  for (int warp = 0; warp < (int) (blockDim.x >> 5); warp++) {
    sum += shared[warp];
  }
  __syncthreads();
  return sum;
}

static __device__ __forceinline__ float block_max(float value, float* shared) {
  value = warp_max(value);
  if ((threadIdx.x & 31) == 0) {
    shared[threadIdx.x >> 5] = value;
  }
  __syncthreads();
  float max = shared[0];
  for (int warp = 1; warp < (int) (blockDim.x >> 5); warp++) {
    max = fmaxf(max, shared[warp]);
  }
  __syncthreads();
  return max;
}

// Dropout as io.sparkformer.model.kernel.Dropout defines it. A threshold of 0 drops nothing; the scale is 1 then.

static __device__ __forceinline__ unsigned mix32(unsigned x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

static __device__ __forceinline__ unsigned long long mix64(unsigned long long z) {
  z += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

static __device__ __forceinline__ unsigned dropout_row_key(unsigned long long pass_key, long long token) {
  return (unsigned) (mix64(pass_key + (unsigned long long) token) >> 32);
}

// What an element is multiplied by: 0 or the scale.
static __device__ __forceinline__ float dropout_factor(unsigned row_key, unsigned element, unsigned threshold, float scale) {
  return threshold == 0 || mix32(row_key + element * 0x9e3779b9u) >> 8 >= threshold ? scale : 0.f;
}
