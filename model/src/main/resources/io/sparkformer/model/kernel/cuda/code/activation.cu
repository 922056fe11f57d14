// The elementwise functions of io.sparkformer.model.config.Activation, in its order, with gate and dropout.

static __device__ __forceinline__ float activated(int activation, float x) {
  switch (activation) {
    case 0:
      return fmaxf(x, 0.f);
    case 1:
      return 0.5f * x * (1.f + erff(x * 0.70710678f));
    case 2:
      return 0.5f * x * (1.f + tanhf(0.79788456f * x * (1.f + 0.044715f * x * x)));
    case 3:
      return x / (1.f + expf(-x));
    default:
      return tanhf(x);
  }
}

static __device__ __forceinline__ float derivative(int activation, float x) {
  switch (activation) {
    case 0:
      return x > 0.f ? 1.f : 0.f;
    case 1:
      return 0.5f * (1.f + erff(x * 0.70710678f)) + x * 0.39894228f * expf(-0.5f * x * x);
    case 2: {
      float t = tanhf(0.79788456f * x * (1.f + 0.044715f * x * x));
      return 0.5f * (1.f + t) + 0.5f * x * (1.f - t * t) * 0.79788456f * (1.f + 0.134145f * x * x);
    }
    case 3: {
      float s = 1.f / (1.f + expf(-x));
      return s * (1.f + x * (1.f - s));
    }
    default: {
      float t = tanhf(x);
      return 1.f - t * t;
    }
  }
}

// hidden[row, c] = dropout(activation(sums[row, c]) (* sums[row, columns + c], if gated)); sums are [rows, columns] or [rows, 2 columns].
extern "C" __global__ void activation_forward(const float* __restrict__ sums, float* __restrict__ hidden, int columns, int gated,
    int activation, long long count, unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    long long row = i / columns;
    int c = (int) (i - row * columns);
    const float* from = sums + row * columns * (1 + gated) + c;
    float value = activated(activation, from[0]);
    if (gated) {
      value *= from[columns];
    }
    if (threshold) {
      value *= dropout_factor(dropout_row_key(key, first_token + row), c, threshold, keep_scale);
    }
    hidden[i] = value;
  }
}

// Replaces the sums by their gradients, from those of hidden.
extern "C" __global__ void activation_backward(float* __restrict__ sums, const float* __restrict__ hidden_gradient, int columns, int gated,
    int activation, long long count, unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    long long row = i / columns;
    int c = (int) (i - row * columns);
    float* at = sums + row * columns * (1 + gated) + c;
    float gradient = hidden_gradient[i];
    if (threshold) {
      gradient *= dropout_factor(dropout_row_key(key, first_token + row), c, threshold, keep_scale);
    }
    float x = at[0];
    if (gated) {
      float factor = at[columns];
      at[columns] = gradient * activated(activation, x);
      gradient *= factor;
    }
    at[0] = gradient * derivative(activation, x);
  }
}
