/**
 * What a network attends to, and which tokens its predictions rest on.
 *
 * <p>In: token ids ({@link io.sparkformer.model.explain.Reading}) and what is predicted of them
 * ({@link io.sparkformer.model.explain.Prediction}; {@link io.sparkformer.model.explain.Predictions} makes those of each kind of network).
 * Out: attention weights ({@link io.sparkformer.model.explain.AttentionMap}) and gradient times input
 * ({@link io.sparkformer.model.explain.Saliency}), computed by {@link io.sparkformer.model.explain.Explainer}: read it first. It runs a
 * network of any family in {@link io.sparkformer.model.kernel.portable.RecordingKernels}, since other kernels keep no attention weights.
 */
package io.sparkformer.model.explain;
