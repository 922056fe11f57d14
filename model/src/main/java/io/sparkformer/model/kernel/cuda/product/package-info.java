/**
 * Matrix products on a device by cuBLASLt: {@link io.sparkformer.model.kernel.cuda.product.Products} (read it first) of
 * {@code DeviceMatrix}.
 */
package io.sparkformer.model.kernel.cuda.product;
