// libcublasLt.so.13: products as loops, column-major, with sums in double precision.
#include "driver.h"
#include <cstdint>
#include <cstring>
#include <vector>

namespace {
enum { SUCCESS = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum { FLOAT32 = 0, BFLOAT16 = 14, COMPUTE_32F = 68, COMPUTE_TF32 = 77 };

struct Product {
  int compute;
  int transposed[2] = {0, 0};
  int epilogue = 1;
  const float* bias = nullptr;
};

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t stride;
  size_t bytes() const { return rows && columns ? (stride * (columns - 1) + rows) * (type == BFLOAT16 ? 2 : 4) : 0; }
};

// An algorithm is for one shape: the library refuses it for another.
struct Algorithm {
  uint64_t m, n, k, transposes;
  bool operator==(const Algorithm& other) const { return memcmp(this, &other, sizeof other) == 0; }
};

float rounded(float value, int keep_bits) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint32_t half = (1u << (22 - keep_bits)) - 1 + (bits >> (23 - keep_bits) & 1);
  bits = (bits + half) & ~((1u << (23 - keep_bits)) - 1);
  memcpy(&value, &bits, 4);
  return value;
}

// op(matrix) as [outer, inner], of A [m, k] and of B [n, k]: one row for each sum's factors.
std::vector<float> factors(const void* data, const Layout& layout, bool outer_is_stored_column, uint64_t outer, uint64_t inner, bool tf32) {
  std::vector<float> values(outer * inner);
  for (uint64_t o = 0; o < outer; o++) {
    for (uint64_t i = 0; i < inner; i++) {
      uint64_t place = outer_is_stored_column ? i + o * layout.stride : o + i * layout.stride;
      float value;
      if (layout.type == BFLOAT16) {
        uint32_t bits = (uint32_t) ((const uint16_t*) data)[place] << 16;
        memcpy(&value, &bits, 4);
      } else {
        value = ((const float*) data)[place];
      }
      values[o * inner + i] = tf32 ? rounded(value, 10) : value;
    }
  }
  return values;
}

Algorithm algorithm(const Product& p, const Layout& a, const Layout& c) {
  return {c.rows, c.columns, p.transposed[0] ? a.rows : a.columns, (uint64_t) (p.transposed[0] * 2 + p.transposed[1] + 4 * p.epilogue)};
}
}

API size_t cublasLtGetVersion() { return 130000; }
API const char* cublasLtGetStatusName(int) { return "CUBLAS_STATUS"; }
API const char* cublasLtGetStatusString(int) { return "an error of the stand-in"; }
API int cublasLtCreate(void** handle) { *handle = (void*) 1; return SUCCESS; }
API int cublasLtDestroy(void*) { return SUCCESS; }
// The bindings call these two where a header has inline functions.
API int cublasLtMatmulDescCreate(Product** product, int compute, int) { *product = new Product{compute}; return SUCCESS; }
API int cublasLtMatmulDescDestroy(Product* product) { delete product; return SUCCESS; }
API int cublasLtMatmulDescSetAttribute(Product* product, int attribute, const void* value, size_t) {
  switch (attribute) {
    case 3: memcpy(&product->transposed[0], value, 4); return SUCCESS;
    case 4: memcpy(&product->transposed[1], value, 4); return SUCCESS;
    case 7: memcpy(&product->epilogue, value, 4); return SUCCESS;
    case 8: memcpy(&product->bias, value, 8); return SUCCESS;
    default: return INVALID_VALUE;
  }
}
API int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  *layout = new Layout{type, rows, columns, stride};
  return SUCCESS;
}
API int cublasLtMatrixLayoutDestroy(Layout* layout) { delete layout; return SUCCESS; }
API int cublasLtMatmulPreferenceCreate(void** preference) { *preference = new uint64_t[16](); return SUCCESS; }
API int cublasLtMatmulPreferenceDestroy(uint64_t* preference) { delete[] preference; return SUCCESS; }
API int cublasLtMatmulPreferenceSetAttribute(uint64_t* preference, int attribute, const void* value, size_t bytes) {
  memcpy(&preference[attribute], value, bytes);
  return SUCCESS;
}
struct Heuristic {
  uint64_t algorithm[8];
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};
API int cublasLtMatmulAlgoGetHeuristic(void*, Product* p, Layout* a, Layout*, Layout* c, Layout*, void*, int, Heuristic* results, int* found) {
  memset(results, 0, sizeof *results);
  Algorithm chosen = algorithm(*p, *a, *c);
  memcpy(results->algorithm, &chosen, sizeof chosen);
  *found = 1;
  return SUCCESS;
}
API int cublasLtMatmul(void*, Product* product, const float* alpha, const void* a, Layout* of_a, const void* b, Layout* of_b, const float* beta,
    const void* c, Layout* of_c, void* d, Layout*, const void* chosen, void*, size_t, void* stream) {
  Product p = *product;
  Layout la = *of_a, lb = *of_b, lc = *of_c;
  uint64_t m = lc.rows, n = lc.columns, k = p.transposed[0] ? la.rows : la.columns;
  Algorithm wanted = algorithm(p, la, lc);
  if ((p.compute != COMPUTE_32F && p.compute != COMPUTE_TF32) || lc.type != FLOAT32 || la.type != lb.type || c != d
      || m != (p.transposed[0] ? la.columns : la.rows) || n != (p.transposed[1] ? lb.rows : lb.columns)
      || k != (p.transposed[1] ? lb.columns : lb.rows) || (p.epilogue != 1 && p.epilogue != 4)
      || memcmp(chosen, &wanted, sizeof wanted) != 0 || !standin_is_device(a, la.bytes()) || !standin_is_device(b, lb.bytes())
      || !standin_is_device(d, lc.bytes())) {
    return INVALID_VALUE;
  }
  float by = *alpha, keep = *beta;
  std::function<void()> work = [=] {
    bool tf32 = p.compute == COMPUTE_TF32;
    std::vector<float> rows = factors(a, la, p.transposed[0], m, k, tf32), columns = factors(b, lb, !p.transposed[1], n, k, tf32);
    for (uint64_t j = 0; j < n; j++) {
      for (uint64_t i = 0; i < m; i++) {
        double sum = 0;
        for (uint64_t l = 0; l < k; l++) {
          sum += (double) rows[i * k + l] * columns[j * k + l];
        }
        float* to = (float*) d + i + j * lc.stride;
        *to = (float) (by * sum + (keep == 0 ? 0 : keep * *to) + (p.epilogue == 4 ? p.bias[i] : 0));
      }
    }
  };
  return standin_enqueue(stream, &work);
}
