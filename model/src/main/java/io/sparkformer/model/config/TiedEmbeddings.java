package io.sparkformer.model.config;

/** Which of source embedding, target embedding and output projection are one matrix (Press and Wolf 2017). */
public enum TiedEmbeddings {
  /** One matrix for all three: the paper, section 3.4. */
  ALL,
  /** The target embedding is the output projection; the source has its own. */
  DECODER,
  /** Three matrices. */
  NONE
}
