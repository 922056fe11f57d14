// Attention over packed rows: scores are never stored. A warp has a query (forward and its own gradient) or a key (its gradients).
// Queries are rows of q: q + (query row) * q_stride + head * width; keys and values the same, with heads that groups of query heads share.
// Compiled for one configuration: WIDTH of a head, GROUP (query heads of a key head), CAUSAL, WINDOW (0 for none), BUCKETS (relative
// positions; 0 for none), ALIBI. Sequences: query_start[s], query_count[s], key_start[s], key_count[s], first position of its queries.

#define WARPS 4
#define TILE 32
#define PARTS ((WIDTH + 31) / 32)
#define PITCH (WIDTH + 1)

struct Range {
  int first;
  int end;
};

// The keys that the query at a position sees.
static __device__ __forceinline__ Range visible_keys(int position, int keys) {
  Range range;
  range.first = 0;
  range.end = keys;
  if (CAUSAL) {
    range.end = position + 1 < keys ? position + 1 : keys;
    if (WINDOW > 0 && position + 1 - WINDOW > 0) {
      range.first = position + 1 - WINDOW;
    }
  }
  return range;
}

static __device__ __forceinline__ float score_bias(int head, int heads, int position, int key, const float* slopes, const float* table,
    const int* buckets, int bucket_zero) {
  if (ALIBI) {
    return slopes[head] * key;
  }
  if (BUCKETS > 0) {
    return table[buckets[bucket_zero + key - position] * heads + head];
  }
  return 0.f;
}

static __device__ __forceinline__ void load_tile(float* tile, const float* rows, long long stride, int first, int end) {
  for (int i = threadIdx.x; i < TILE * WIDTH; i += blockDim.x) {
    int row = i / WIDTH;
    int column = i - row * WIDTH;
    tile[row * PITCH + column] = first + row < end ? rows[(first + row) * stride + column] : 0.f;
  }
}

static __device__ __forceinline__ float dot(const float* a, const float* b) {
  float sum = 0.f;
  for (int i = 0; i < WIDTH; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

// A warp's query, and what its block looks at.
struct Query {
  bool there;        // the last block of a sequence may have fewer queries than warps
  long long row;
  int position;
  long long first_key;
  int keys;          // of the sequence
  Range seen;        // by this query
  Range of_block;    // by any query of the block
};

static __device__ __forceinline__ Query own_query(const int* sequences, const int* block_sequence, const int* block_query) {
  const int* sequence = sequences + 5 * block_sequence[blockIdx.x];
  int first = block_query[blockIdx.x];
  int last = first + WARPS < sequence[1] ? first + WARPS : sequence[1];
  int i = first + (threadIdx.x >> 5);
  Query query;
  query.there = i < sequence[1];
  query.row = sequence[0] + i;
  query.position = sequence[4] + i;
  query.first_key = sequence[2];
  query.keys = sequence[3];
  query.seen = visible_keys(query.position, query.keys);
  query.of_block.first = visible_keys(sequence[4] + first, query.keys).first;
  query.of_block.end = visible_keys(sequence[4] + last - 1, query.keys).end;
  return query;
}

// Grid: (blocks of WARPS queries, query heads). block_sequence and block_query say which queries a block has.
extern "C" __global__ void attention_forward(const float* __restrict__ q, long long q_stride, const float* __restrict__ k,
    const float* __restrict__ v, long long kv_stride, float* __restrict__ out, float* __restrict__ log_sums,
    const int* __restrict__ sequences, const int* __restrict__ block_sequence, const int* __restrict__ block_query, int heads, float scale,
    const float* __restrict__ slopes, const float* __restrict__ table, const int* __restrict__ buckets, int bucket_zero,
    unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  extern __shared__ float shared[];
  float* keys = shared;
  float* values = keys + TILE * PITCH;
  float* query = values + TILE * PITCH + (threadIdx.x >> 5) * WIDTH;
  int lane = threadIdx.x & 31;
  int head = blockIdx.y;
  Query own = own_query(sequences, block_sequence, block_query);
  const float* k_rows = k + own.first_key * kv_stride + head / GROUP * WIDTH;
  const float* v_rows = v + own.first_key * kv_stride + head / GROUP * WIDTH;
  for (int c = lane; c < WIDTH; c += 32) {
    query[c] = own.there ? q[own.row * q_stride + head * WIDTH + c] : 0.f;
  }
  unsigned row_key = dropout_row_key(key, first_token + own.row);
  float max = -INFINITE;
  float sum = 0.f;
  float mixed[PARTS];
  for (int p = 0; p < PARTS; p++) {
    mixed[p] = 0.f;
  }
  for (int tile = own.of_block.first / TILE * TILE; tile < own.of_block.end; tile += TILE) {
    __syncthreads();
    load_tile(keys, k_rows, kv_stride, tile, own.keys);
    load_tile(values, v_rows, kv_stride, tile, own.keys);
    __syncthreads();
    int j = tile + lane;
    bool seen = own.there && j >= own.seen.first && j < own.seen.end;
    float score = seen
        ? scale * dot(query, keys + lane * PITCH) + score_bias(head, heads, own.position, j, slopes, table, buckets, bucket_zero) : -INFINITE;
    float higher = fmaxf(max, warp_max(score));
    if (higher == -INFINITE) {
      continue;
    }
    float shrink = expf(max - higher);
    float weight = seen ? expf(score - higher) : 0.f;
    sum = sum * shrink + warp_sum(weight);
    max = higher;
    if (threshold) {
      weight *= dropout_factor(row_key, (unsigned) (head * 65536 + j), threshold, keep_scale);
    }
    for (int p = 0; p < PARTS; p++) {
      mixed[p] *= shrink;
    }
    for (int t = 0; t < TILE; t++) {
      float factor = __shfl_sync(FULL_WARP, weight, t);
      for (int p = 0; p < PARTS; p++) {
        int c = p * 32 + lane;
        if (c < WIDTH) {
          mixed[p] += factor * values[t * PITCH + c];
        }
      }
    }
  }
  if (!own.there) {
    return;
  }
  for (int p = 0; p < PARTS; p++) {
    int c = p * 32 + lane;
    if (c < WIDTH) {
      out[own.row * heads * WIDTH + head * WIDTH + c] = sum > 0.f ? mixed[p] / sum : 0.f;
    }
  }
  if (log_sums && lane == 0) {
    log_sums[own.row * heads + head] = sum > 0.f ? max + logf(sum) : INFINITE;
  }
}

// Gradients of queries, and for each query and head the dot product of the output and its gradient. Grid and warps as above.
// With BUCKETS: bias_partial[block, bucket, head] are the sums of the score gradients of a block.
extern "C" __global__ void attention_backward_queries(const float* __restrict__ q, long long q_stride, const float* __restrict__ k,
    const float* __restrict__ v, long long kv_stride, const float* __restrict__ out, const float* __restrict__ out_gradient,
    const float* __restrict__ log_sums, float* __restrict__ dots, float* __restrict__ dq, long long dq_stride,
    const int* __restrict__ sequences, const int* __restrict__ block_sequence, const int* __restrict__ block_query, int heads, float scale,
    const float* __restrict__ slopes, const float* __restrict__ table, const int* __restrict__ buckets, int bucket_zero,
    float* __restrict__ bias_partial, unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  extern __shared__ float shared[];
  float* keys = shared;
  float* values = keys + TILE * PITCH;
  float* query = values + TILE * PITCH + (threadIdx.x >> 5) * 2 * WIDTH;
  float* gradient = query + WIDTH;
  float* bucket_sums = values + TILE * PITCH + WARPS * 2 * WIDTH + (threadIdx.x >> 5) * BUCKETS;
  int lane = threadIdx.x & 31;
  int head = blockIdx.y;
  Query own = own_query(sequences, block_sequence, block_query);
  const float* k_rows = k + own.first_key * kv_stride + head / GROUP * WIDTH;
  const float* v_rows = v + own.first_key * kv_stride + head / GROUP * WIDTH;
  float dot_sum = 0.f;
  for (int c = lane; c < WIDTH; c += 32) {
    query[c] = own.there ? q[own.row * q_stride + head * WIDTH + c] : 0.f;
    float g = own.there ? out_gradient[own.row * heads * WIDTH + head * WIDTH + c] : 0.f;
    gradient[c] = g;
    dot_sum += own.there ? g * out[own.row * heads * WIDTH + head * WIDTH + c] : 0.f;
  }
  dot_sum = warp_sum(dot_sum);
  if (own.there && lane == 0) {
    dots[own.row * heads + head] = dot_sum;
  }
  for (int b = lane; b < BUCKETS; b += 32) {
    bucket_sums[b] = 0.f;
  }
  float log_sum = own.there ? log_sums[own.row * heads + head] : INFINITE;
  unsigned row_key = dropout_row_key(key, first_token + own.row);
  float sums[PARTS];
  for (int p = 0; p < PARTS; p++) {
    sums[p] = 0.f;
  }
  for (int tile = own.of_block.first / TILE * TILE; tile < own.of_block.end; tile += TILE) {
    __syncthreads();
    load_tile(keys, k_rows, kv_stride, tile, own.keys);
    load_tile(values, v_rows, kv_stride, tile, own.keys);
    __syncthreads();
    int j = tile + lane;
    float score_gradient = 0.f;
    if (own.there && j >= own.seen.first && j < own.seen.end) {
      float score = scale * dot(query, keys + lane * PITCH)
          + score_bias(head, heads, own.position, j, slopes, table, buckets, bucket_zero);
      float of_weight = dot(gradient, values + lane * PITCH);
      if (threshold) {
        of_weight *= dropout_factor(row_key, (unsigned) (head * 65536 + j), threshold, keep_scale);
      }
      score_gradient = expf(score - log_sum) * (of_weight - dot_sum);
    }
    if (BUCKETS > 0) {
      for (int t = 0; t < TILE; t++) {
        if (t == lane && own.there && j < own.keys) {
          bucket_sums[buckets[bucket_zero + j - own.position]] += score_gradient;
        }
        __syncwarp();
      }
    }
    for (int t = 0; t < TILE; t++) {
      float factor = __shfl_sync(FULL_WARP, score_gradient, t);
      for (int p = 0; p < PARTS; p++) {
        int c = p * 32 + lane;
        if (c < WIDTH) {
          sums[p] += factor * keys[t * PITCH + c];
        }
      }
    }
  }
  if (own.there) {
    for (int p = 0; p < PARTS; p++) {
      int c = p * 32 + lane;
      if (c < WIDTH) {
        dq[own.row * dq_stride + head * WIDTH + c] = scale * sums[p];
      }
    }
  }
  if (BUCKETS > 0) {
    __syncthreads();
    float* all = values + TILE * PITCH + WARPS * 2 * WIDTH;
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) {
      float sum = 0.f;
      for (int w = 0; w < WARPS; w++) {
        sum += all[w * BUCKETS + b];
      }
      bias_partial[((long long) blockIdx.x * BUCKETS + b) * heads + head] = sum;
    }
  }
}

// Gradients of keys and values. Grid: (blocks of WARPS keys, key heads); a warp has a key, its lanes the queries of a tile.
extern "C" __global__ void attention_backward_keys(const float* __restrict__ q, long long q_stride, const float* __restrict__ k,
    const float* __restrict__ v, long long kv_stride, const float* __restrict__ out_gradient, const float* __restrict__ log_sums,
    const float* __restrict__ dots, float* __restrict__ dk, float* __restrict__ dv, long long dkv_stride,
    const int* __restrict__ sequences, const int* __restrict__ block_sequence, const int* __restrict__ block_key, int heads, float scale,
    const float* __restrict__ slopes, const float* __restrict__ table, const int* __restrict__ buckets, int bucket_zero,
    unsigned long long key, unsigned threshold, float keep_scale, long long first_token) {
  extern __shared__ float shared[];
  float* queries = shared;
  float* gradients = queries + TILE * PITCH;
  float* own_key = gradients + TILE * PITCH + (threadIdx.x >> 5) * 2 * WIDTH;
  float* own_value = own_key + WIDTH;
  int lane = threadIdx.x & 31;
  int warp = threadIdx.x >> 5;
  int key_head = blockIdx.y;
  const int* sequence = sequences + 5 * block_sequence[blockIdx.x];
  int first = block_key[blockIdx.x];
  int j = first + warp;
  int query_count = sequence[1];
  bool there = j < sequence[3];
  long long row = sequence[2] + j;
  for (int c = lane; c < WIDTH; c += 32) {
    own_key[c] = there ? k[row * kv_stride + key_head * WIDTH + c] : 0.f;
    own_value[c] = there ? v[row * kv_stride + key_head * WIDTH + c] : 0.f;
  }
  // Queries before the block's first key, or beyond the window of its last one, see none of its keys.
  int begin = CAUSAL && first - sequence[4] > 0 ? first - sequence[4] : 0;
  int end = query_count;
  if (CAUSAL && WINDOW > 0 && first + WARPS - 1 + WINDOW - sequence[4] < end) {
    end = first + WARPS - 1 + WINDOW - sequence[4];
  }
  float of_key[PARTS];
  float of_value[PARTS];
  for (int p = 0; p < PARTS; p++) {
    of_key[p] = 0.f;
    of_value[p] = 0.f;
  }
  for (int head = key_head * GROUP; head < (key_head + 1) * GROUP; head++) {
    for (int tile = begin / TILE * TILE; tile < end; tile += TILE) {
      __syncthreads();
      load_tile(queries, q + (long long) sequence[0] * q_stride + head * WIDTH, q_stride, tile, query_count);
      load_tile(gradients, out_gradient + (long long) sequence[0] * heads * WIDTH + head * WIDTH, (long long) heads * WIDTH, tile, query_count);
      __syncthreads();
      int i = tile + lane;
      int position = sequence[4] + i;
      Range range = visible_keys(position, sequence[3]);
      float weight = 0.f;
      float score_gradient = 0.f;
      if (there && i < query_count && j >= range.first && j < range.end) {
        long long query_row = sequence[0] + i;
        float score = scale * dot(own_key, queries + lane * PITCH)
            + score_bias(head, heads, position, j, slopes, table, buckets, bucket_zero);
        weight = expf(score - log_sums[query_row * heads + head]);
        float kept = threshold ? dropout_factor(dropout_row_key(key, first_token + query_row), (unsigned) (head * 65536 + j), threshold,
            keep_scale) : 1.f;
        score_gradient = weight * (kept * dot(own_value, gradients + lane * PITCH) - dots[query_row * heads + head]);
        weight *= kept;
      }
      for (int t = 0; t < TILE; t++) {
        float of_score = __shfl_sync(FULL_WARP, score_gradient, t);
        float mixed = __shfl_sync(FULL_WARP, weight, t);
        for (int p = 0; p < PARTS; p++) {
          int c = p * 32 + lane;
          if (c < WIDTH) {
            of_key[p] += of_score * queries[t * PITCH + c];
            of_value[p] += mixed * gradients[t * PITCH + c];
          }
        }
      }
    }
  }
  if (!there) {
    return;
  }
  for (int p = 0; p < PARTS; p++) {
    int c = p * 32 + lane;
    if (c < WIDTH) {
      dk[row * dkv_stride + key_head * WIDTH + c] = scale * of_key[p];
      dv[row * dkv_stride + key_head * WIDTH + c] = of_value[p];
    }
  }
}
