// Layer norm and RMS norm (centres = 0) of rows, one block of threads for each row.

// out = dropout_out(norm(residual + dropout_in(x))); residual, bias may be null; normalized and inverse are null in inference.
extern "C" __global__ void norm_forward(const float* __restrict__ x, const float* __restrict__ residual, const float* __restrict__ gain,
    const float* __restrict__ bias, float* __restrict__ out, float* __restrict__ normalized, float* __restrict__ inverse, int columns,
    float epsilon, int centres, unsigned long long in_key, unsigned in_threshold, float in_scale, unsigned long long out_key,
    unsigned out_threshold, float out_scale, long long first_token) {
  extern __shared__ float sums[];  // [columns], then one for each warp
  float* partial = sums + columns;
  long long row = blockIdx.x;
  const float* from = x + row * columns;
  const float* rest = residual ? residual + row * columns : 0;
  unsigned in_row = dropout_row_key(in_key, first_token + row);
  float total = 0.f;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float value = from[c] * dropout_factor(in_row, c, in_threshold, in_scale);
    if (rest) {
      value += rest[c];
    }
    sums[c] = value;
    total += value;
  }
  float mean = centres ? block_sum(total, partial) / columns : 0.f;
  float squares = 0.f;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float difference = sums[c] - mean;
    squares += difference * difference;
  }
  float factor = 1.f / sqrtf(block_sum(squares, partial) / columns + epsilon);
  if (inverse && threadIdx.x == 0) {
    inverse[row] = factor;
  }
  unsigned out_row = dropout_row_key(out_key, first_token + row);
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float value = (sums[c] - mean) * factor;
    if (normalized) {
      normalized[row * columns + c] = value;
    }
    value *= gain[c];
    if (bias) {
      value += bias[c];
    }
    out[row * columns + c] = value * dropout_factor(out_row, c, out_threshold, out_scale);
  }
}

// With g = dropout_out'(dy) * gain: dx = (g - mean(g) - normalized * mean(g * normalized)) * inverse; without centring no mean(g).
// dropped (may be null) = dropout_in'(dx).
extern "C" __global__ void norm_backward(const float* __restrict__ dy, const float* __restrict__ gain,
    const float* __restrict__ normalized, const float* __restrict__ inverse, float* __restrict__ dx, float* __restrict__ dropped, int columns,
    int centres, unsigned long long in_key, unsigned in_threshold, float in_scale, unsigned long long out_key, unsigned out_threshold,
    float out_scale, long long first_token) {
  extern __shared__ float partial[];
  long long row = blockIdx.x;
  unsigned out_row = dropout_row_key(out_key, first_token + row);
  float sum = 0.f;
  float product = 0.f;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float g = dy[row * columns + c] * dropout_factor(out_row, c, out_threshold, out_scale) * gain[c];
    sum += g;
    product += g * normalized[row * columns + c];
  }
  float mean = centres ? block_sum(sum, partial) / columns : 0.f;
  float mean_product = block_sum(product, partial) / columns;
  float factor = inverse[row];
  unsigned in_row = dropout_row_key(in_key, first_token + row);
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float g = dy[row * columns + c] * dropout_factor(out_row, c, out_threshold, out_scale) * gain[c];
    float value = (g - mean - normalized[row * columns + c] * mean_product) * factor;
    dx[row * columns + c] = value;
    if (dropped) {
      dropped[row * columns + c] = value * dropout_factor(in_row, c, in_threshold, in_scale);
    }
  }
}

// Sums over the rows of a chunk: partial[chunk, column] = sum of dropout'(dy) (* normalized, if given). A thread has a column.
extern "C" __global__ void column_sums(const float* __restrict__ dy, const float* __restrict__ factor, float* __restrict__ partial, int rows,
    int columns, int stride, int chunk_rows, unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  if (c >= columns) {
    return;
  }
  int first = blockIdx.y * chunk_rows;
  int end = first + chunk_rows < rows ? first + chunk_rows : rows;
  float sum = 0.f;
  for (int row = first; row < end; row++) {
    long long at = (long long) row * stride + c;
    float value = dy[at];
    if (threshold) {
      value *= dropout_factor(dropout_row_key(key, first_token + row), c, threshold, keep_scale);
    }
    sum += factor ? value * factor[at] : value;
  }
  partial[(long long) blockIdx.y * columns + c] = sum;
}

// gradient[column] += the partial sums, in the order of the chunks.
extern "C" __global__ void add_partial_sums(const float* __restrict__ partial, float* __restrict__ gradient, int chunks, int columns) {
  int c = blockIdx.x * blockDim.x + threadIdx.x;
  if (c >= columns) {
    return;
  }
  float sum = 0.f;
  for (int chunk = 0; chunk < chunks; chunk++) {
    sum += partial[(long long) chunk * columns + c];
  }
  gradient[c] += sum;
}
