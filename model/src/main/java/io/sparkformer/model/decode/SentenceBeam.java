package io.sparkformer.model.decode;

import io.sparkformer.model.kernel.NextTokens;
import java.util.List;

/** The search for translations of one sentence, step by step. */
interface SentenceBeam {

  /** Whether it is over. */
  boolean done();

  /** Rows that it takes in the next step. */
  int rows();

  /** Writes the newest token and the parent row of each unfinished hypothesis from {@code firstRow} on; returns the row after them. */
  int writeRows(int[] tokens, int[] parents, int firstRow);

  /**
   * Extends every unfinished hypothesis by one token.
   *
   * @param decoder that made the step
   * @param firstRow of the sentence, in {@code next} and to the decoder
   * @return the row after those of the sentence
   */
  int extend(StepDecoder decoder, NextTokens next, int firstRow);

  /** The finished hypotheses, best first: at most n best. */
  List<Hypothesis> best();
}
