// Kernels that see each element alone. One thread takes several elements, a grid apart.

extern "C" __global__ void add(float* __restrict__ to, const float* __restrict__ from, long long count) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    to[i] += from[i];
  }
}

extern "C" __global__ void scale(float* __restrict__ to, const float* __restrict__ from, float factor, long long count) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    to[i] = from[i] * factor;
  }
}

extern "C" __global__ void round_to_bfloat16(bfloat16* __restrict__ to, const float* __restrict__ from, long long count) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    to[i] = to_bfloat16(from[i]);
  }
}

// to[row] += from[row of columns]: a row of biases, added to every row.
extern "C" __global__ void add_row(float* __restrict__ to, const float* __restrict__ row, int columns, long long count) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    to[i] += row[i % columns];
  }
}

// to = dropout(from) + residual; no residual: 0. A row's token is its place, or with places = 0 the first token's plus its number.
extern "C" __global__ void drop_out(float* to, const float* from, const float* residual, const int* places, int columns, long long count,
    unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    long long row = i / columns;
    float value = from[i] * dropout_factor(dropout_row_key(key, places ? places[row] : first_token + row), (unsigned) (i - row * columns),
        threshold, keep_scale);
    to[i] = residual ? residual[i] + value : value;
  }
}
