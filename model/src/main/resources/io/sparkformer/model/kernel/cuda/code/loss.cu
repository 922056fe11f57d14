// Label-smoothed cross-entropy of a slab of scores [rows, classes], one block for each row.

// losses[row] = {smoothed, plain}. With weight != 0 the scores are replaced by the gradient of weight times the smoothed loss.
extern "C" __global__ void softmax_loss(float* __restrict__ scores, const int* __restrict__ labels, float* __restrict__ losses, int classes,
    float smoothing, float weight) {
  extern __shared__ float partial[];
  float* row = scores + (long long) blockIdx.x * classes;
  int label = labels[blockIdx.x];
  float max = -INFINITE;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    max = fmaxf(max, row[c]);
  }
  max = block_max(max, partial);
  float sum = 0.f;
  float differences = 0.f;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    float difference = row[c] - max;
    sum += expf(difference);
    differences += difference;
  }
  sum = block_sum(sum, partial);
  differences = block_sum(differences, partial);
  if (threadIdx.x == 0) {
    float normalizer = logf(sum);
    float plain = normalizer - (row[label] - max);
    losses[2 * blockIdx.x] = (1.f - smoothing) * plain + smoothing * (normalizer - differences / classes);
    losses[2 * blockIdx.x + 1] = plain;
  }
  if (weight == 0.f) {
    return;
  }
  __syncthreads();
  float inverse = 1.f / sum;
  float everywhere = smoothing / classes;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    row[c] = weight * (expf(row[c] - max) * inverse - everywhere - (c == label ? 1.f - smoothing : 0.f));
  }
}
