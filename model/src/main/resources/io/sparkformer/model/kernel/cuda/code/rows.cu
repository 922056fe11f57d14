// Kernels that move whole rows: embeddings, their gradients, selected rows, pooling. One block for each row of the result.

// out = dropout(scale * table[id] + types[type] + positions[position]); types and positions may be null.
extern "C" __global__ void embed(const float* __restrict__ table, const int* __restrict__ ids, const float* __restrict__ types,
    const int* __restrict__ type_ids, const float* __restrict__ positions, const int* __restrict__ position_rows, float* __restrict__ out,
    int columns, float scale, unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  long long row = blockIdx.x;
  const float* token = table + (long long) ids[row] * columns;
  const float* type = types ? types + (long long) type_ids[row] * columns : 0;
  const float* position = positions ? positions + (long long) position_rows[row] * columns : 0;
  unsigned row_key = dropout_row_key(key, first_token + row);
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float value = scale * token[c];
    if (type) {
      value += type[c];
    }
    if (position) {
      value += position[c];
    }
    out[row * columns + c] = value * dropout_factor(row_key, c, threshold, keep_scale);
  }
}

// gradient[targets[g]] += scale * sum of dropout'(dy[rows[i]]) for i in starts[g] ..< starts[g + 1]: a block for each group and 32 columns;
// 8 threads share a column's rows, and their sums are added in order.
extern "C" __global__ void scatter_sums(const float* __restrict__ dy, const int* __restrict__ targets, const int* __restrict__ starts,
    const int* __restrict__ rows, float* __restrict__ gradient, int columns, float scale, unsigned long long key, unsigned threshold,
    float keep_scale, long long first_token) {
  __shared__ float partial[8][32];
  int lane = threadIdx.x & 31;
  int part = threadIdx.x >> 5;
  int group = blockIdx.x;
  int c = blockIdx.y * 32 + lane;
  float sum = 0.f;
  if (c < columns) {
    for (int i = starts[group] + part; i < starts[group + 1]; i += 8) {
      long long row = rows[i];
      float value = dy[row * columns + c];
      if (threshold) {
        value *= dropout_factor(dropout_row_key(key, first_token + row), c, threshold, keep_scale);
      }
      sum += value;
    }
  }
  partial[part][lane] = sum;
  __syncthreads();
  if (part == 0 && c < columns) {
    float total = 0.f;
    for (int i = 0; i < 8; i++) {
      total += partial[i][lane];
    }
    gradient[(long long) targets[group] * columns + c] += scale * total;
  }
}

// out[i] = scale * x[rows[i]]
extern "C" __global__ void gather_rows(const float* __restrict__ x, const int* __restrict__ rows, float* __restrict__ out, int columns,
    float scale) {
  long long from = (long long) rows[blockIdx.x] * columns;
  long long to = (long long) blockIdx.x * columns;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    out[to + c] = scale * x[from + c];
  }
}

// out[rows[i]] = scale * x[i]; no row occurs twice.
extern "C" __global__ void put_rows(const float* __restrict__ x, const int* __restrict__ rows, float* __restrict__ out, int columns,
    float scale) {
  long long from = (long long) blockIdx.x * columns;
  long long to = (long long) rows[blockIdx.x] * columns;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    out[to + c] = scale * x[from + c];
  }
}

// Block i moves one row: to[to_rows[i]] = from[from_rows[i]], of which each begins at a multiple of its own stride.
extern "C" __global__ void move_rows(const float* __restrict__ from, const int* __restrict__ from_rows, long long from_stride,
    float* __restrict__ to, const int* __restrict__ to_rows, long long to_stride, int columns) {
  long long source = (long long) from_rows[blockIdx.x] * from_stride;
  long long target = (long long) to_rows[blockIdx.x] * to_stride;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    to[target + c] = from[source + c];
  }
}

// out[s] = mean of x[starts[s] ..< starts[s] + counts[s]]
extern "C" __global__ void pool(const float* __restrict__ x, const int* __restrict__ starts, const int* __restrict__ counts,
    float* __restrict__ out, int columns) {
  int count = counts[blockIdx.x];
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float sum = 0.f;
    for (int i = 0; i < count; i++) {
      sum += x[(long long) (starts[blockIdx.x] + i) * columns + c];
    }
    out[(long long) blockIdx.x * columns + c] = sum / count;
  }
}

// dx[starts[s] + i] = dy[s] / counts[s] for the rows that were pooled; the others are 0 already.
extern "C" __global__ void pool_backward(const float* __restrict__ dy, const int* __restrict__ starts, const int* __restrict__ counts,
    float* __restrict__ dx, int columns) {
  int count = counts[blockIdx.x];
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float value = dy[(long long) blockIdx.x * columns + c] / count;
    for (int i = 0; i < count; i++) {
      dx[(long long) (starts[blockIdx.x] + i) * columns + c] = value;
    }
  }
}
