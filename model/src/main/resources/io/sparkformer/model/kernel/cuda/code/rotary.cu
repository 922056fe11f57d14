// Rotary positions: Su et al. 2021, equation 34. Element c < pairs of a head is turned with element c + pairs.

// In place, on heads that lie one behind the other in rows; cosines and sines are [position, pairs]; direction -1 turns back.
extern "C" __global__ void turn(float* __restrict__ rows, long long stride, const int* __restrict__ positions,
    const float* __restrict__ cosines, const float* __restrict__ sines, int heads, int head_width, int pairs, float direction) {
  long long row = blockIdx.x;
  long long angle = (long long) positions[row] * pairs;
  for (int i = threadIdx.x; i < heads * pairs; i += blockDim.x) {
    int head = i / pairs;
    int pair = i - head * pairs;
    float* at = rows + row * stride + head * head_width + pair;
    float cosine = cosines[angle + pair];
    float sine = direction * sines[angle + pair];
    float first = at[0];
    float second = at[pairs];
    at[0] = first * cosine - second * sine;
    at[pairs] = second * cosine + first * sine;
  }
}
