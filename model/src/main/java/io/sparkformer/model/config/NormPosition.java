package io.sparkformer.model.config;

/** Where layer normalization stands in a sub-layer. */
public enum NormPosition {
  /** After the residual sum, {@code norm(x + sublayer(x))}: the paper, section 3.1. */
  POST,
  /** Before the sub-layer, {@code x + sublayer(norm(x))}, with one more norm at the end of each stack (Xiong et al. 2020). */
  PRE
}
