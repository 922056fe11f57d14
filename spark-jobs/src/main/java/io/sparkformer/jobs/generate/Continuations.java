package io.sparkformer.jobs.generate;

import java.util.List;

/**
 * What a prompt was continued with.
 *
 * @param texts as many as were wanted; of beam search perhaps fewer, best first
 * @param promptTokens that were read
 * @param newTokens of all texts
 * @param isCut whether the prompt is longer than the model accepts
 * @param isEmpty whether it has no tokens of its own
 * @param hasUnknown whether it holds characters that the tokenizer does not know
 */
record Continuations(List<String> texts, int promptTokens, long newTokens, boolean isCut, boolean isEmpty, boolean hasUnknown) {

  Continuations {
    texts = List.copyOf(texts);
  }
}
