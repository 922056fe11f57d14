// Cross-entropy, with label smoothing and z-loss, of a slab of scores [rows, classes], one block for each row.

// losses[row] = {smoothed, plain, whether no score is above the label's}. With weight != 0 the scores are replaced by the gradient of weight times the smoothed loss.
extern "C" __global__ void softmax_loss(float* __restrict__ scores, const int* __restrict__ labels, float* __restrict__ losses, int classes,
    float smoothing, float z_loss, float weight) {
  extern __shared__ float partial[];
  float* row = scores + (long long) blockIdx.x * classes;
  int label = labels[blockIdx.x];
  float max = -INFINITE;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    max = fmaxf(max, row[c]);
  }
  max = block_max(max, partial);
  // In double precision: of a probable label the loss is the logarithm of a number close to 1.
  double sum = 0;
  double differences = 0;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    float difference = row[c] - max;
    sum += expf(difference);
    differences += difference;
  }
  sum = block_sum(sum, (double*) partial);
  differences = block_sum(differences, (double*) partial);
  double normalizer = log(sum);
  double log_z = max + normalizer;
  if (threadIdx.x == 0) {
    double plain = normalizer - (row[label] - max);
    losses[3 * blockIdx.x] = (float) ((1.0 - smoothing) * plain + smoothing * (normalizer - differences / classes)
        + z_loss * log_z * log_z);
    losses[3 * blockIdx.x + 1] = (float) plain;
    losses[3 * blockIdx.x + 2] = row[label] == max ? 1.f : 0.f;
  }
  if (weight == 0.f) {
    return;
  }
  __syncthreads();
  float inverse = (float) ((1 + 2 * z_loss * log_z) / sum);
  float everywhere = smoothing / classes;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    row[c] = weight * (expf(row[c] - max) * inverse - everywhere - (c == label ? 1.f - smoothing : 0.f));
  }
}
