package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;

/**
 * Queries, keys and values, or gradients of them. Keys and values always lie beside each other.
 *
 * @param q {@code [query tokens, heads * head_width]}
 * @param keysAndValues {@code [key tokens, 2 * key_value_heads * head_width]}
 * @param all three beside each other {@code [tokens, (heads + 2 * key_value_heads) * head_width]}; null if queries lie apart
 */
record Projected(DeviceMatrix q, DeviceMatrix keysAndValues, DeviceMatrix all) {
  /** Of self-attention. */
  static Projected together(AttentionConfig config, DeviceArray array) {
    DeviceMatrix all = Call.matrix(array);
    return new Projected(all.columns(0, config.queryWidth()), all.columns(config.queryWidth(), config.inputWidth()), all);
  }

  /** Of cross-attention. */
  static Projected apart(AttentionConfig config, DeviceArray q, DeviceArray keysAndValues) {
    return of(config, Call.matrix(q), Call.matrix(keysAndValues));
  }

  static Projected of(AttentionConfig config, DeviceMatrix q, DeviceMatrix keysAndValues) {
    if (keysAndValues.columns() != 2L * config.keyValueWidth()) {
      throw new IllegalArgumentException("Keys and values have %d columns, not %d".formatted(keysAndValues.columns(),
          2 * config.keyValueWidth()));
    }
    return new Projected(q, keysAndValues, null);
  }

  DeviceMatrix k() {
    return keysAndValues.columns(0, keysAndValues.columns() / 2);
  }

  DeviceMatrix v() {
    return keysAndValues.columns(keysAndValues.columns() / 2, keysAndValues.columns());
  }
}
