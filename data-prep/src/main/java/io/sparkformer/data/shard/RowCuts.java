package io.sparkformer.data.shard;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where rows of running text begin and end in training. */
public enum RowCuts {

  /** Where prepare cut them, in every epoch. */
  @JsonProperty("fixed")
  FIXED,

  /**
   * At other places in every epoch: the first row of a shard begins at a random token below the length of a row, and what stands before it
   * follows the last one. So a token is read after other tokens, and at other positions, each time.
   */
  @JsonProperty("random")
  RANDOM
}
