// Updates of a slice of the flat parameters. Every operation is rounded by itself, as on the host: no multiplication and addition in one.

// partial[block] = the sum of the squares of a chunk of the values, in double precision. Shared: a double for each warp.
extern "C" __global__ void squares(const float* __restrict__ values, double* __restrict__ partial, long long count, int chunk) {
  extern __shared__ float shared[];
  long long from = (long long) blockIdx.x * chunk;
  long long to = from + chunk < count ? from + chunk : count;
  double sum = 0;
  for (long long i = from + threadIdx.x; i < to; i += blockDim.x) {
    double value = values[i];
    sum += value * value;
  }
  sum = block_sum(sum, (double*) shared);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
  }
}

// Adam, see io.sparkformer.model.optimizer.AdamFactors for the numbers.
extern "C" __global__ void adam(float* __restrict__ parameters, const float* __restrict__ gradient, float* __restrict__ first,
    float* __restrict__ second, long long count, float scale, float beta1, float rest1, float beta2, float rest2, float step_size,
    float correction, float epsilon, float kept, float flush) {
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (long long) gridDim.x * blockDim.x) {
    float g = __fmul_rn(gradient[i], scale);
    float m = __fsub_rn(__fadd_rn(__fadd_rn(__fmul_rn(beta1, first[i]), __fmul_rn(rest1, g)), flush), flush);
    float v = __fsub_rn(__fadd_rn(__fadd_rn(__fmul_rn(beta2, second[i]), __fmul_rn(__fmul_rn(rest2, g), g)), flush), flush);
    first[i] = m;
    second[i] = v;
    float change = __fdiv_rn(__fmul_rn(step_size, m), __fadd_rn(__fmul_rn(__fsqrt_rn(v), correction), epsilon));
    parameters[i] = __fsub_rn(__fmul_rn(parameters[i], kept), change);
  }
}
